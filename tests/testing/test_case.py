from __future__ import annotations

import torch

from edgewise.testing.case import LayerCase


def test_samples_lie_in_the_span_and_depend_on_the_seed_only():
    case = LayerCase(lambda: torch.nn.Linear(3, 2), 3, 2.0, 5.0)
    x = case.x(4, 50)
    assert x.shape == (4, 50, 3)
    assert x.dtype == torch.float64
    assert 2 <= float(x.min()) < 2.2
    assert 4.8 < float(x.max()) <= 5
    assert torch.equal(x, case.x(4, 50))
    assert not torch.equal(x, case.x(4, 50, seed=1))


def test_layers_are_fresh_and_in_float64():
    case = LayerCase(lambda: torch.nn.Linear(3, 2), 3, 0.0, 1.0)
    assert case.layer() is not case.layer()
    assert case.layer().weight.dtype == torch.float64
