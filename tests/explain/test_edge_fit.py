"""An edge becomes the best fit of a curve, or takes it on beside its own."""

import pytest
import torch

from edgewise.explain.edge_fit import fit_edge_
from edgewise.layers import KANLayer
from edgewise.testing import ChebyshevLayer


@pytest.mark.parametrize("kind", [KANLayer, ChebyshevLayer])
@pytest.mark.parametrize("add", [False, True])
def test_a_curve_is_fitted_or_added(kind, add):
    layer = kind(2, 3, seed=0, dtype=torch.float64)
    x = torch.linspace(-1, 1, 100, dtype=torch.float64)[:, None].repeat(1, 2)
    before = layer.edges(x).detach()
    curve = x[:, 1] ** 3 - 0.5 * x[:, 1]
    fit_edge_(layer, 1, 2, x[:, :1], curve, add=add)
    after = layer.edges(x).detach()
    wanted = before.clone()
    wanted[:, 1, 2] = curve + before[:, 1, 2] if add else curve
    assert float((after - wanted).abs().max()) < 1e-6
