"""Roughness: nothing on polynomials, in units of the outputs, only on edges that are on."""

from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.network.least_squares.roughness import roughness_rows
from edgewise.spline.refit import fit_coef


def test_polynomials_of_the_degree_are_not_rough() -> None:
    model = build([1, 1], grid=8, k=3, base="zero", dtype=torch.float64)
    x = torch.linspace(-1, 1, 100, dtype=torch.float64)[:, None]
    layer = model.layers[0].basis
    with torch.no_grad():
        layer.coef.copy_(fit_coef(x, (x**3 - x)[:, :, None], layer.knots, 3).coef)
    rows = roughness_rows(model, x)
    assert float(rows.times(layer.coef.detach().flatten()).abs().max()) < 1e-9
    assert float(rows.times(torch.randn(11, dtype=torch.float64)).norm()) > 1e-2


def test_rows_reach_only_the_edges_that_are_on_and_trained() -> None:
    model = build([2, 2, 1], grid=4, dtype=torch.float64)
    x = torch.rand(20, 2, dtype=torch.float64)
    model.layers[0].requires_grad_(False)
    with torch.no_grad():
        model.layers[1].basis.mask[1, 0] = 0
    rows = roughness_rows(model, x)
    on = model.layers[1].basis.coef.numel() // 2
    touched = rows.dense().abs().sum(0) > 0
    assert int(touched.sum()) == on
    assert rows.shape[1] == sum(p.numel() for p in model.parameters() if p.requires_grad)


def test_splines_too_short_for_a_difference_have_none() -> None:
    assert roughness_rows(build([1, 1], grid=1, k=3), torch.rand(5, 1), order=5).shape[0] == 0
