"""Start values are smooth and fill the hidden grids."""

from __future__ import annotations

import pytest
import torch

from edgewise.network import build
from edgewise.pde import problems
from edgewise.pde.solver.gauss_newton import Monitor, minimise
from edgewise.pde.solver.initialisation import first_network, initialise_smooth, reset_output_layer_if_better
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.sampling import collocate
from edgewise.train import Progress

X = 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


@pytest.mark.parametrize("width", [[2, 5, 1], [2, (2, 2), 3, 1]])
def test_start_values_fill_the_hidden_grids_and_give_zero(width):
    model = build(width, grid=6, k=5, base="zero", dtype=torch.float64)
    initialise_smooth(model, X, seed=1)
    assert (model(X) == 0).all()
    sums = model.layers[0].basis(X)
    torch.testing.assert_close(sums.amax(0), torch.full_like(sums[0], 0.9))
    torch.testing.assert_close(sums.amin(0), torch.full_like(sums[0], -0.9))


@pytest.mark.parametrize(("coef", "is_reset"), [(100.0, True), (0.0, True), (None, False)])
def test_the_output_layer_is_reset_where_that_lowers_the_residual(coef, is_reset):
    equation = problems.heat()
    network = first_network(equation, [2, 3, 1], 4, 5, seed=0)
    method = Method(steps=3)
    system = collocate(equation, network, {}, method, number=0, seed=0)
    last = network.layers[-1].basis.coef
    if coef is None:
        minimise(system, method, 1e-2, Monitor(method, None, Progress(3, False), total=3))
    else:
        torch.nn.init.constant_(last, coef)
    reset_output_layer_if_better(system)
    assert bool((last == 0).all()) is is_reset
