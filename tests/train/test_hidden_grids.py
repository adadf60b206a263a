"""Hidden grids fit their nodes snugly, and outputs hardly change."""

from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.spline import domain
from edgewise.train.hidden_grids import snug_grids


def test_hidden_nodes_fill_their_grids_and_do_not_leave_them() -> None:
    model = build([2, 3, 1], grid=10, dtype=torch.float64, seed=0)
    x = 2 * torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    before = model(x).detach()
    assert snug_grids(model, x)
    hidden = model.stages[0](x)
    low, high = domain(model.stages[1].spline.knots, 3)
    assert bool(((hidden >= low) & (hidden <= high)).all())
    assert bool(((hidden.amax(0) - hidden.amin(0)) > 0.7 * (high - low)).all())
    torch.testing.assert_close(model(x).detach(), before, rtol=0, atol=1e-3)
    assert not snug_grids(model, x)


def test_nodes_may_go_a_little_beyond_the_samples() -> None:
    model = build([2, 3, 1], grid=10, dtype=torch.float64, seed=0)
    x = 2 * torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    snug_grids(model, x)
    hidden = model.stages[0](x)
    low, high = domain(model.stages[1].spline.knots, 3)
    span = hidden.amax(0) - hidden.amin(0)
    assert bool((hidden.amin(0) - low > 0.1 * span).all())
    assert bool((high - hidden.amax(0) > 0.1 * span).all())


def test_the_first_grid_moves_only_when_asked() -> None:
    model, x = (
        build([1, 1], grid=4, dtype=torch.float64),
        torch.linspace(2, 3, 50, dtype=torch.float64)[:, None],
    )
    assert not snug_grids(model, x)
    assert snug_grids(model, x, inputs=True)
    assert [float(end) for end in domain(model.stages[0].spline.knots, 3)] == [2.0, 3.0]


def test_a_node_without_spread_keeps_its_grid() -> None:
    model = build([1, 1], dtype=torch.float64)
    assert not snug_grids(model, torch.ones(10, 1, dtype=torch.float64), inputs=True)
