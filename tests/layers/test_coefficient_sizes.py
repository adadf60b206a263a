from __future__ import annotations

import torch

from edgewise import KANLayer
from edgewise.layers.coefficient_sizes import CoefficientSizes


def test_everything_is_read_off_the_coefficients():
    layer = KANLayer(3, 2, grid=4, k=2, dtype=torch.float64)
    assert isinstance(layer, CoefficientSizes)
    assert (layer.in_features, layer.size, layer.out_features) == (3, 6, 2)
    layer.coef = torch.nn.Parameter(torch.zeros(5, 7, 1, device="meta"))
    assert (layer.in_features, layer.size, layer.out_features) == (5, 7, 1)
    assert layer.dtype == torch.float32 and layer.device.type == "meta"
