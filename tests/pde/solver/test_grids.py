"""Hidden grids hold their inputs, and the first grid gathers where second derivatives are large."""

from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.pde.solver.grids import adapt_input_knots, fit_hidden_grids, place_hidden_grids, refine_grids
from edgewise.pde.solver.initialisation import initialise_smooth
from edgewise.spline import domain

X = 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def test_hidden_grids_come_to_hold_their_inputs_without_a_change_of_the_function():
    model = build([2, 3, 1], grid=8, k=5, base="zero", dtype=torch.float64)
    initialise_smooth(model, X)
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
        adapt_input_knots(model, lambda column, s: 1 / (1e-3 + s**2) ** 2)
    cells = model.layers[0].basis.knots[0, 5:-5].diff()
    assert cells[len(cells) // 2] < 0.1 * cells.max()
    assert domain(model.layers[0].basis.knots, 5)[0].tolist() == [-1.0]


def test_finer_grids_are_the_same_function_and_keep_their_margins():
    model = build([2, 3, 1], grid=8, k=5, base="zero", dtype=torch.float64)
    initialise_smooth(model, X)
    place_hidden_grids(model, X)
    finer = refine_grids(model, [16, 16], X)
    assert finer.grid == (16, 16) and model.grid == (8, 8)
    torch.testing.assert_close(finer(X), model(X), rtol=0, atol=1e-6)
    ends = [torch.stack(domain(network.layers[1].basis.knots, 5)) for network in (model, finer)]
    torch.testing.assert_close(*ends)
    assert not fit_hidden_grids(finer, X)
