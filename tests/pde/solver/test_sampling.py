"""Points follow the knots or the residual, and so do their weights."""

from __future__ import annotations

import torch

from edgewise.layers import KANLayer
from edgewise.network import build
from edgewise.pde import Box, problems
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.sampling import collocate, rba_weights, sample_by_knots, sample_by_residual


def test_points_follow_the_knots():
    layer = KANLayer(1, 1, grid=10, k=3, dtype=torch.float64)
    torch.testing.assert_close(sample_by_knots(Box(x=(0, 2)), layer, 64), Box(x=(0, 2)).sample(64))
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
    points = sample_by_knots(Box(x=(0, 2)), layer, 1000)
    assert ((points - 1).abs() < 0.1).sum() > 200
    assert points.min() >= 0 and points.max() <= 2


def test_points_are_drawn_where_the_residual_is():
    pool = torch.arange(1000.0)[:, None]
    drawn = sample_by_residual(pool, (pool[:, 0] > 900).double(), 100, seed=0, floor=0.01)
    assert (drawn > 900).double().mean() > 0.8 and drawn.unique().numel() == 100


def test_a_residual_of_zero_draws_and_weighs_evenly():
    assert len(sample_by_residual(torch.rand(9, 1), torch.zeros(9), 4)) == 4
    assert rba_weights(torch.ones(3), torch.zeros(3)).tolist() == [1.0, 1.0, 1.0]


def test_part_of_the_points_is_sampled_by_the_residual_from_the_second_grid_on():
    equation = problems.burgers()
    network = build([2, 2, 1], grid=4, k=5, dtype=torch.float64)
    method = Method(rad_fraction=0.25)
    plain, drawn = (
        collocate(equation, network, {}, chosen, number=1, seed=0).blocks[0].points[0]
        for chosen in (Method(), method)
    )
    kept = len(plain) - len(plain) // 4
    assert torch.equal(plain[:kept], drawn[:kept]) and not torch.equal(plain[kept:], drawn[kept:])
    first = collocate(equation, network, {}, method, number=0, seed=0).blocks[0].points[0]
    assert torch.equal(
        first, collocate(equation, network, {}, Method(), number=0, seed=0).blocks[0].points[0]
    )
