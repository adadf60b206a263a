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


def test_points_that_were_missed_are_taken_in_again_and_again(monkeypatch):
    equation = problems.heat()
    for module in (stages, fresh):
        monkeypatch.setattr(module, "is_overfitted", lambda own, at_fresh: True)
    monkeypatch.setattr(stages, "missed", lambda system, fresh: fresh.blocks[0].points[0][:7])
    seen = staged(equation, steps=22)
    seen.run([(equation, 4)])
    for module in (stages, fresh):
        monkeypatch.setattr(module, "is_overfitted", lambda own, at_fresh: False)
    plain = staged(equation, steps=2)
    plain.run([(equation, 4), (equation, 8)])
    # After 5, 10 and 15 steps; the points are then as many as they may be.
    assert seen.stages[0].points == plain.stages[0].points + 21 and seen.stages[0].iterations == 22
    assert seen.stages[0].stop == "overfitted"
    assert [stage.points for stage in plain.stages] == [3 * stage.parameters for stage in plain.stages]


def test_the_next_stage_starts_with_as_many_points_as_the_method_says(monkeypatch):
    equation = problems.heat()
    monkeypatch.setattr(stages, "missed", lambda system, fresh: fresh.blocks[0].points[0][:7])
    monkeypatch.setattr(fresh, "is_overfitted", lambda own, at_fresh: True)
    monkeypatch.setattr(stages, "is_overfitted", lambda own, at_fresh: len(solve.stages) == 0)
    solve = staged(equation, steps=7)
    solve.run([(equation, 4)])
    monkeypatch.setattr(fresh, "is_overfitted", lambda own, at_fresh: False)
    solve.run([(equation, 8)])
    assert [stage.points - 3 * stage.parameters for stage in solve.stages] == [7, 0]
