"""Thresholds of optimisers are relative: they take the same way on c times a function for every c."""

from __future__ import annotations

import pytest
import torch

from edgewise.optim import BFGS, LBFGS, LeastSquares, LevenbergMarquardt, LMState, Smooth
from edgewise.optim.status import SMALL_CHANGE, SMALL_GRADIENT, STANDSTILL

DOUBLE = torch.float64
START = torch.tensor([-1.2, 1.0], dtype=DOUBLE)
UNITS = [1e-30, 1e-9, 1.0, 1e9, 1e30]


def rosenbrock(unit):
    def value_and_grad(x):
        a, b = x.tolist()
        value = (1 - a) ** 2 + 100 * (b - a * a) ** 2
        slopes = [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)]
        return unit * value, unit * torch.tensor(slopes, dtype=x.dtype)

    return Smooth(value_and_grad)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("solver", [LBFGS(), BFGS(), BFGS(update="bfgs")], ids=["L-BFGS", "Broyden", "BFGS"])
def test_a_smooth_function_in_any_unit(solver, unit):
    state = solver.minimise(rosenbrock(unit), START, steps=20)
    assert torch.allclose(state.x, torch.ones(2, dtype=DOUBLE), atol=1e-6)
    assert state.evaluations < 150


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("solver", ["qr", "cholesky", "svd"])
def test_a_sum_of_squares_in_any_unit(solver, unit):
    def residual(x):
        return unit * torch.stack([1 - x[0], 10 * (x[1] - x[0] ** 2)])

    def jacobian(x):
        zero = torch.zeros_like(x[0])
        return unit * torch.stack([torch.stack([zero - 1, zero]), torch.stack([-20 * x[0], zero + 10])])

    state = LevenbergMarquardt(solver=solver).minimise(LeastSquares(residual, jacobian), START, steps=100)
    assert torch.allclose(state.x, torch.ones(2, dtype=DOUBLE), atol=1e-6)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("solver", [LBFGS(), BFGS()], ids=["L-BFGS", "BFGS"])
def test_curvature_is_learnt_in_any_unit_of_the_function(solver, scale):
    matrix = torch.diag(torch.tensor([1.0, 10.0, 100.0], dtype=DOUBLE))
    bowl = Smooth(lambda x: (scale * float(x @ matrix @ x), 2 * scale * matrix @ x))
    state = solver.step(bowl, solver.start(bowl, torch.ones(3, dtype=DOUBLE)))
    assert len(state.memory) > 2 and state.value < 1e-9 * scale


def test_a_step_that_gains_nothing_though_much_is_promised_is_no_convergence():
    # A slope that the values do not bear out: rounding in the large.
    steep = Smooth(lambda x: (1.0 + 1e-18 * float(x @ x), 1e-3 * x))
    assert LBFGS().minimise(steep, START, steps=5).status not in (SMALL_CHANGE, SMALL_GRADIENT)
    solver = LBFGS(tolerance_change=1e-9, max_iterations_per_step=1)
    state = solver.step(rosenbrock(1.0), solver.start(rosenbrock(1.0), START))
    stuck = type(state)(state.x, state.value, state.gradient, state.memory)
    assert solver.with_status(stuck, stuck).status == STANDSTILL


def test_a_step_shortened_by_damping_is_no_convergence():
    line = torch.tensor([[1.0], [1.0]], dtype=DOUBLE)
    problem = LeastSquares(lambda x: line @ x - 1, lambda x: line)
    solver = LevenbergMarquardt()
    start = solver.start(problem, torch.zeros(1, dtype=DOUBLE))
    damped = LMState(start.x, start.value, start.residual, damping=1e13)
    assert solver.step(problem, damped).status is not None
    damped = LMState(start.x, start.value, start.residual, damping=9e11)
    solver = LevenbergMarquardt(tolerance_change=1e-9)
    assert solver.step(problem, damped).status == STANDSTILL
    assert solver.minimise(problem, torch.zeros(1, dtype=DOUBLE)).status in (SMALL_CHANGE, SMALL_GRADIENT)
