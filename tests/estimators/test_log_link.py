from __future__ import annotations

import torch

from edgewise.estimators.log_link import exponential_layer


def test_each_output_is_the_exponential_of_its_own_input():
    layer = exponential_layer(torch.tensor([0.0, 1.0], dtype=torch.float64))
    h = torch.randn(5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer.formula(h) + layer.basis(h), (h + torch.tensor([0.0, 1.0])).exp())
