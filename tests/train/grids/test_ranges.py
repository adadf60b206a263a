"""Hidden grids fit their nodes snugly, and outputs hardly change."""

from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.spline import domain
from edgewise.train.grids.ranges import fit_grid_ranges


def test_hidden_nodes_fill_their_grids_and_do_not_leave_them() -> None:
    model = build([2, 3, 1], grid=10, dtype=torch.float64, seed=0)
    x = 2 * torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    before = model(x).detach()
    assert fit_grid_ranges(model, x)
    hidden = model.layers[0](x)
    low, high = domain(model.layers[1].basis.knots, 3)
    assert bool(((hidden >= low) & (hidden <= high)).all())
    assert bool(((hidden.amax(0) - hidden.amin(0)) > 0.7 * (high - low)).all())
    torch.testing.assert_close(model(x).detach(), before, rtol=0, atol=1e-3)
    assert not fit_grid_ranges(model, x)


def test_nodes_may_go_a_little_beyond_the_samples() -> None:
    model = build([2, 3, 1], grid=10, dtype=torch.float64, seed=0)
    x = 2 * torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
    fit_grid_ranges(model, x)
    hidden = model.layers[0](x)
    low, high = domain(model.layers[1].basis.knots, 3)
    span = hidden.amax(0) - hidden.amin(0)
    assert bool((hidden.amin(0) - low > 0.1 * span).all())
    assert bool((high - hidden.amax(0) > 0.1 * span).all())


def test_the_first_grid_moves_only_when_asked() -> None:
    model, x = (
        build([1, 1], grid=4, dtype=torch.float64),
        torch.linspace(2, 3, 50, dtype=torch.float64)[:, None],
    )
    assert not fit_grid_ranges(model, x)
    assert fit_grid_ranges(model, x, inputs=True)
    assert [float(end) for end in domain(model.layers[0].basis.knots, 3)] == [2.0, 3.0]


def test_a_node_without_spread_keeps_its_grid() -> None:
    model = build([1, 1], dtype=torch.float64)
    assert not fit_grid_ranges(model, torch.ones(10, 1, dtype=torch.float64), inputs=True)
