"""One grid after another: what is handed on, and what Ctrl-C keeps."""

from __future__ import annotations

import pytest

from edgewise.pde import problems
from edgewise.pde.solver import fresh, stages
from edgewise.pde.solver.gauss_newton import Monitor
from edgewise.pde.solver.initialisation import first_network
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.stages import StagedSolve
from edgewise.pde.units import problem_units
from edgewise.testing import state_bits
from edgewise.train import Progress


def staged(equation, callback=None, **settings):
    method = Method(**settings)
    monitor = Monitor(method, callback, Progress(1, False), total=1)
    units = problem_units(equation)
    return StagedSolve(first_network(equation, [2, 3, 1], 4, 5, 0, units), method, 0, monitor, units)


def test_grids_and_coefficients_are_handed_on():
    equation = problems.unknown_diffusion()
    solve = staged(equation, steps=6)
    solve.run([(equation, 4)])
    found = solve.coefficients["diffusion"]
    assert abs(found - 0.1) < 0.05
    solve.run([(equation, (8, 6))])
    assert [stage.grid for stage in solve.stages] == [(4, 4), (8, 6)]
    assert solve.network.grid == (8, 6) and solve.coefficients["diffusion"] != found
    assert solve.stages[1].seconds > solve.stages[0].seconds
    assert solve.stages[1].collocation_residual == solve.monitor.history[-1]


def test_what_ends_all_leaves_the_other_grids_out():
    equation = problems.heat()
    solve = staged(equation, callback=lambda step, residual: step == 2)
    assert solve.run([(equation, 4), (equation, 8)]) == "callback"
    assert len(solve.stages) == 1 and solve.stages[0].iterations == 2


def test_ctrl_c_between_steps_puts_the_network_of_the_last_grid_back(monkeypatch):
    equation = problems.heat()
    solve = staged(equation, steps=3)
    solve.run([(equation, 4)])
    before = state_bits(solve.network)

    def interrupted(*args, **settings):
        solve.network.layers[0].basis.coef.data.zero_()
        raise KeyboardInterrupt

    monkeypatch.setattr(stages, "collocate", interrupted)
    assert solve.run([(equation, 8)]) == "interrupted"
    assert state_bits(solve.network) == before
    solve.stages.clear()
    with pytest.raises(KeyboardInterrupt):
        solve.run([(equation, 8)])


def test_a_window_is_entered_with_a_copy_of_the_network():
    equation = problems.heat()
    solve = staged(equation, steps=2)
    first = solve.network
    _, later = equation.domain.parts([0.5, 1])
    solve.enter(later)
    assert solve.network is not first
    assert solve.network.input_scaler.shift.tolist() == [0.5, 0.75]


def test_points_that_are_too_few_are_doubled(monkeypatch):
    equation = problems.heat()
    for module in (stages, fresh):
        monkeypatch.setattr(module, "is_overfitted", lambda own, at_fresh: True)
    solve = staged(equation, steps=12)
    solve.run([(equation, 4)])
    for module in (stages, fresh):
        monkeypatch.setattr(module, "is_overfitted", lambda own, at_fresh: False)
    plenty = staged(equation, steps=2, points=24.0)
    plenty.run([(equation, 4)])
    assert solve.density == 4 and solve.stages[0].iterations == 12
    assert 2 * solve.stages[0].points == plenty.stages[0].points
    assert solve.stages[0].stop == "overfitted" and plenty.density == 1
