"""Steps on one grid: what the monitor sees, why they end, and grids that move between them."""

from __future__ import annotations

import threading

import pytest
import torch

from edgewise.events import listen
from edgewise.pde import Box, Equation, dirichlet_ansatz, problems, solve
from edgewise.pde.solver import gauss_newton
from edgewise.pde.solver.gauss_newton import Monitor, minimise
from edgewise.pde.solver.initialisation import first_network
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.sampling import collocate
from edgewise.train import Progress


def minimum(equation=None, callback=None, resize=None, **settings):
    equation, method = equation or problems.heat(), Method(**settings)
    network = first_network(equation, [2, 3, 1], 4, 5, seed=0)
    system = collocate(equation, network, {}, method, number=0, seed=0)
    monitor = Monitor(method, callback, Progress(1, False), total=method.steps)
    resizing = None if resize is None else lambda: resize(system)
    return minimise(system, method, 1e-2, monitor, None, resizing), monitor, system


def test_the_residual_falls_and_is_that_of_the_system():
    found, monitor, system = minimum(steps=6)
    assert found.iterations == len(monitor.history) == 6 and found.stop == "steps"
    assert found.residual == monitor.history[-1] < 0.1 * monitor.history[0]
    assert float(system.residual(system.vector).norm()) == pytest.approx(found.residual)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"tolerance": 1e3}, "tolerance"),
        ({"tolerance": 1e-3}, "tolerance"),
        ({"max_seconds": 1e-9}, "time"),
        ({"callback": lambda step, residual: step == 2}, "callback"),
        ({"steps": 200}, "plateau"),
    ],
)
def test_why_steps_end(settings, reason):
    assert minimum(**settings)[0].stop == reason


def test_residuals_that_are_not_finite_end_it_at_once():
    box = Box(x=(0, 1), t=(0, 1))
    broken = Equation(box, lambda u, at: u.x + torch.log(at.x - 2), hard={"u": dirichlet_ansatz(box, 0.0)})
    found = minimum(broken)[0]
    assert found.stop == "non-finite" and found.iterations == 0


def test_steps_are_told_and_can_be_cancelled():
    heard, cancel = [], threading.Event()

    def handler(event):
        heard.append(event)
        if event.step == 3:
            cancel.set()

    with listen(handler, cancel):
        solution = solve(problems.heat(), [2, 2, 1], grid=(4, 8))
    assert [event.step for event in heard] == [1, 2, 3]
    assert heard[0].verb == "solve" and heard[0].total == 60
    assert [event.values["residual"] for event in heard] == list(solution.history)
    assert solution.stop.reason == "cancelled"


def test_hidden_grids_that_would_raise_the_residual_are_put_back(monkeypatch):
    tried = []

    def spoil(network, points, policy):
        tried.append(network.layers[1].basis.coef.detach().clone())
        with torch.no_grad():
            network.layers[1].basis.coef.add_(1e3)
        return True

    monkeypatch.setattr(gauss_newton, "fit_hidden_grids", spoil)
    _, monitor, _ = minimum(steps=4)
    assert len(tried) == 4 and monitor.history == sorted(monitor.history, reverse=True)


def test_sizes_may_be_taken_from_the_solution_now_and_then():
    asked = []

    def resize(system):
        asked.append(float(system.blocks[0].sizes))
        system.blocks[0].sizes = system.blocks[0].sizes / 1e3
        return True

    found, monitor, system = minimum(resize=resize, steps=13)
    assert len(asked) == 1 and monitor.history[10] > 100 * monitor.history[9]
    assert float(system.residual(system.vector).norm()) == pytest.approx(found.residual)
    assert minimum(resize=lambda system: False, steps=13)[1].history == minimum(steps=13)[1].history


@pytest.mark.parametrize(("left", "patience"), [(0.01, 3), (0.5, 10)])
def test_steps_that_gain_little_are_borne_longer_while_nothing_is_solved(left, patience):
    class Process:
        value, still = left**2, 0

    ends = []
    for Process.still in range(12):
        ends.append(gauss_newton._Plateau().after(Process, 20) is not None)
    assert ends.index(True) == patience
