"""Levenberg-Marquardt against closed solutions, without full rank, in both precisions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from edgewise.errors import InputError, UnknownName
from edgewise.optim import LeastSquares, LevenbergMarquardt
from edgewise.optim.jacobian import JacobianOperator
from edgewise.optim.status import NOT_FINITE, SMALL_CHANGE, SMALL_GRADIENT

SOLVERS = ["qr", "cholesky"]


def valley() -> LeastSquares:
    """Rosenbrock's: its minimum is 0 at (1, 1)."""

    def residual(x: Tensor) -> Tensor:
        return torch.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])

    def jacobian(x: Tensor) -> Tensor:
        one = torch.ones_like(x[0])
        return torch.stack([torch.stack([-20 * x[0], 10 * one]), torch.stack([-one, 0 * one])])

    return LeastSquares(residual, jacobian)


def line_without_rank() -> tuple[LeastSquares, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(40, 8, generator=generator, dtype=torch.float64)
    matrix[:, 3], matrix[:, 5] = matrix[:, 2], 0
    target = torch.randn(40, generator=generator, dtype=torch.float64)
    best = torch.linalg.lstsq(matrix, target[:, None], driver="gelsd").solution[:, 0]
    return LeastSquares(lambda x: matrix @ x - target, lambda x: matrix), matrix, best


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_valley_is_followed_to_its_end(solver: str, dtype: torch.dtype) -> None:
    start = torch.tensor([-1.2, 1.0], dtype=dtype)
    state = LevenbergMarquardt(solver=solver).minimise(valley(), start)
    assert state.value < 1e-10
    assert state.status in (SMALL_GRADIENT, SMALL_CHANGE)
    assert state.iterations < 40


@pytest.mark.parametrize("solver", SOLVERS)
def test_missing_rank_does_no_harm(solver: str) -> None:
    problem, matrix, best = line_without_rank()
    state = LevenbergMarquardt(solver=solver).minimise(problem, torch.zeros(8, dtype=torch.float64))
    torch.testing.assert_close(matrix @ state.x, matrix @ best, rtol=0, atol=1e-6)
    assert float(state.x[5]) == 0


def test_products_alone_are_enough() -> None:
    problem, matrix, best = line_without_rank()
    products = JacobianOperator((40, 8), lambda v: matrix @ v, lambda u: matrix.T @ u)
    state = LevenbergMarquardt().minimise(
        LeastSquares(problem.residual, lambda x: products), torch.zeros(8, dtype=torch.float64)
    )
    torch.testing.assert_close(matrix @ state.x, matrix @ best, rtol=0, atol=1e-6)


def test_qr_keeps_the_digits_that_normal_equations_lose() -> None:
    power = torch.linspace(0, 1, 30, dtype=torch.float64)[:, None] ** torch.arange(12)
    truth = torch.ones(12, dtype=torch.float64)
    problem = LeastSquares(lambda x: power @ (x - truth), lambda x: power)
    start = torch.zeros(12, dtype=torch.float64)
    left = {s: LevenbergMarquardt(solver=s).minimise(problem, start, steps=30).value for s in SOLVERS}
    assert left["qr"] < 1e-24
    assert left["cholesky"] < 1e-13


def test_the_value_never_rises_and_the_old_state_stays() -> None:
    solver, problem = LevenbergMarquardt(), valley()
    state = solver.start(problem, torch.tensor([-1.2, 1.0]))
    while state.status is None:
        before, x = state, state.x.clone()
        state = solver.step(problem, before)
        assert state.value <= before.value
        assert torch.equal(before.x, x)


def test_restart_keeps_the_counts() -> None:
    solver, problem = LevenbergMarquardt(), valley()
    state = solver.step(problem, solver.start(problem, torch.tensor([-1.2, 1.0])))
    again = solver.restart(problem, state.x, state)
    assert (again.iterations, again.evaluations) == (state.iterations, state.evaluations + 1)


def test_what_is_not_finite_ends_the_search() -> None:
    nothing = LeastSquares(lambda x: x * torch.nan, lambda x: torch.eye(2))
    assert LevenbergMarquardt().start(nothing, torch.ones(2)).status == NOT_FINITE
    slope = LeastSquares(lambda x: x, lambda x: torch.full((2, 2), torch.inf))
    assert LevenbergMarquardt().minimise(slope, torch.ones(2)).status == NOT_FINITE


def test_a_step_into_the_infinite_is_not_taken() -> None:
    wall = LeastSquares(lambda x: torch.log(x), lambda x: torch.diag(1 / x))
    state = LevenbergMarquardt(damping=1e-12).minimise(wall, torch.full((1,), 10.0))
    assert float(state.x) == pytest.approx(1.0, abs=1e-5)


def test_settings_are_checked() -> None:
    with pytest.raises(UnknownName, match="solver"):
        LevenbergMarquardt(solver="lu")
    with pytest.raises(InputError, match="damping must be positive"):
        LevenbergMarquardt(damping=0)


@pytest.mark.parametrize("solver", [*SOLVERS, "cg", "svd"])
def test_steps_that_bend_follow_the_valley_in_fewer(solver: str) -> None:
    start = torch.tensor([-1.2, 1.0], dtype=torch.float64)
    straight, bent = (
        LevenbergMarquardt(solver=solver, geodesic_acceleration=geodesic_acceleration).minimise(
            valley(), start
        )
        for geodesic_acceleration in (0, 0.75)
    )
    assert bent.value < 1e-10
    assert bent.iterations < straight.iterations
    assert bent.evaluations > bent.iterations


def test_a_metric_and_the_norms_of_now_serve_too() -> None:
    start, metric = torch.tensor([-1.2, 1.0], dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    bare = LevenbergMarquardt(geodesic_acceleration=0.75, monotone_scaling=False)
    assert bare.minimise(valley(), start).value < 1e-10
    assert bare.minimise(replace(valley(), metric=metric), start).value < 1e-10


def test_a_negative_bend_is_refused() -> None:
    with pytest.raises(InputError, match="geodesic_acceleration must be at least 0"):
        LevenbergMarquardt(geodesic_acceleration=-1)


def test_a_nearly_linear_problem_is_done_in_fewer_iterations_where_damping_is_eased_sooner() -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(40, 8, generator=generator, dtype=torch.float64)
    matrix[:, 7] = matrix[:, 6] + 1e-4 * matrix[:, 7]
    target = matrix @ torch.tensor([1.0] * 6 + [100.0, -100.0], dtype=torch.float64)
    problem = LeastSquares(lambda x: matrix @ x - target, lambda x: matrix)
    values = [
        LevenbergMarquardt(solver="qr", damping_decrease=damping_decrease)
        .minimise(problem, torch.zeros(8).double(), steps=7)
        .value
        for damping_decrease in (1 / 3, 0.1)
    ]
    assert values[1] < 0.1 * values[0]
