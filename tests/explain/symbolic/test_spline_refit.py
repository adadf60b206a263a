"""Splines are refitted, and what is fixed stays."""

import torch

from edgewise.explain.symbolic.bar import Sample
from edgewise.explain.symbolic.spline_refit import refit_splines
from edgewise.network import Scaler, build, mask_edges


def samples():
    return 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def test_splines_are_fitted_to_rounding_where_they_can_be():
    x = samples()
    y = (x[:, :1] ** 2 + 1) * x[:, 1:]
    model = mask_edges(build([2, (0, 1)], dtype=torch.float64, seed=0), [(0, 0, 1), (0, 1, 0)])
    new = refit_splines(model, [], Sample(x, y))
    assert (new(x) - y).abs().max() < 1e-6
    assert (model(x) - y).abs().max() > 1e-2


def test_what_is_fixed_and_what_is_off_stays():
    x = samples()
    y = 3 * x[:, :1] * x[:, 1:] + 5
    scaler = Scaler(torch.ones(1).double(), torch.full((1,), 3.0).double())
    model = build([2, (1, 1), 1], dtype=torch.float64, seed=0, output_scaler=scaler)
    model = mask_edges(model, [(0, 0, 1)])
    new = refit_splines(model, [(1, 1, 0)], Sample(x, y))
    assert torch.equal(new.layers[1].basis.coef[1], model.layers[1].basis.coef[1])
    assert torch.equal(new.layers[0].basis.coef[0, :, 1], model.layers[0].basis.coef[0, :, 1])
    assert not torch.equal(new.layers[1].nodes.subnode_bias, model.layers[1].nodes.subnode_bias)
    assert (new(x) - y).square().mean() < (model(x) - y).square().mean() / 100
