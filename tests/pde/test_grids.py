"""Start values, grids of hidden layers, knots of the first layer, points and weights."""

import pytest
import torch

from edgewise.layers import KANLayer
from edgewise.network import build
from edgewise.pde import Box
from edgewise.pde.solver.hidden_grids import fit_hidden_grids
from edgewise.pde.solver.initialisation import smooth_start
from edgewise.pde.solver.knots import bend_first_grid
from edgewise.pde.solver.sampling import attend, draw_by_residual, follow_knots
from edgewise.spline import domain

X = 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


@pytest.mark.parametrize("width", [[2, 5, 1], [2, (2, 2), 3, 1]])
def test_start_values_fill_the_hidden_grids_and_give_zero(width):
    model = build(width, grid=6, k=5, base="zero", dtype=torch.float64)
    smooth_start(model, X, seed=1)
    assert (model(X) == 0).all()
    sums = model.layers[0].basis(X)
    torch.testing.assert_close(sums.amax(0), torch.full_like(sums[0], 0.9))
    torch.testing.assert_close(sums.amin(0), torch.full_like(sums[0], -0.9))


def test_hidden_grids_come_to_hold_their_inputs_without_a_change_of_the_function():
    model = build([2, 3, 1], grid=8, k=5, base="zero", dtype=torch.float64)
    smooth_start(model, X)
    with torch.no_grad():
        model.layers[1].basis.coef.copy_(
            torch.linspace(0, 1, 13, dtype=torch.float64)[:, None].expand(3, 13, 1) ** 2
        )
        model.layers[0].basis.coef.mul_(0.5)
    before = model(X).detach()
    assert fit_hidden_grids(model, X)
    hidden = model.layers[0](X)
    low, high = domain(model.layers[1].basis.knots, 5)
    assert (hidden >= low).all() and (hidden <= high).all()
    torch.testing.assert_close(model(X).detach(), before, rtol=0, atol=1e-4)
    assert not fit_hidden_grids(model, X)


def test_first_knots_gather_at_a_layer():
    model = build([1, 2, 1], grid=20, k=5, base="zero", dtype=torch.float64)
    for _ in range(4):
        bend_first_grid(model, lambda column, s: 1 / (1e-3 + s**2) ** 2)
    cells = model.layers[0].basis.knots[0, 5:-5].diff()
    assert cells[len(cells) // 2] < 0.1 * cells.max()
    assert domain(model.layers[0].basis.knots, 5)[0].tolist() == [-1.0]


def test_points_follow_the_knots():
    layer = KANLayer(1, 1, grid=10, k=3, dtype=torch.float64)
    torch.testing.assert_close(follow_knots(Box(x=(0, 2)), layer, 64), Box(x=(0, 2)).sample(64))
    inner = torch.linspace(-1, 1, 11, dtype=torch.float64) ** 3
    layer.knots = torch.cat(
        [
            inner[:1] - 1,
            inner[:1] - 0.5,
            inner[:1] - 0.2,
            inner,
            inner[-1:] + 1,
            inner[-1:] + 2,
            inner[-1:] + 3,
        ]
    )[None]
    points = follow_knots(Box(x=(0, 2)), layer, 1000)
    assert ((points - 1).abs() < 0.1).sum() > 200
    assert points.min() >= 0 and points.max() <= 2


def test_points_are_drawn_where_the_residual_is():
    pool = torch.arange(1000.0)[:, None]
    drawn = draw_by_residual(pool, (pool[:, 0] > 900).double(), 100, seed=0, floor=0.01)
    assert (drawn > 900).double().mean() > 0.8 and drawn.unique().numel() == 100


def test_a_residual_of_zero_draws_and_weighs_evenly():
    assert len(draw_by_residual(torch.rand(9, 1), torch.zeros(9), 4)) == 4
    assert attend(torch.ones(3), torch.zeros(3)).tolist() == [1.0, 1.0, 1.0]
