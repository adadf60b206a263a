from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from edgewise.errors import InputError
from edgewise.optim import LBFGS, Smooth
from edgewise.optim.line_search import StrongWolfe
from edgewise.optim.status import LINE_SEARCH_FAILED, NOT_FINITE, SMALL_CHANGE, SMALL_GRADIENT


class Counted:
    """A problem that counts the calls of its function and differentiates it."""

    def __init__(self, function):
        self.function = function
        self.calls = 0

    def value_and_grad(self, x: Tensor) -> tuple[float, Tensor]:
        self.calls += 1
        x = x.detach().clone().requires_grad_()
        value = self.function(x)
        (gradient,) = torch.autograd.grad(value, x)
        return value.item(), gradient


def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quadratic(size: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    root = random.normal(size=(size, size))
    return root @ root.T + np.eye(size), random.normal(size=size)


def test_rosenbrock_in_two_dimensions():
    state = LBFGS().minimise(Counted(rosenbrock), torch.tensor([-1.2, 1.0], dtype=torch.float64))
    assert state.value < 1e-20
    torch.testing.assert_close(state.x, torch.ones(2, dtype=torch.float64), atol=1e-10, rtol=0)
    assert state.evaluations < 80


def test_rosenbrock_in_twenty_dimensions():
    state = LBFGS().minimise(Counted(rosenbrock), torch.zeros(20, dtype=torch.float64))
    torch.testing.assert_close(state.x, torch.ones(20, dtype=torch.float64), atol=1e-6, rtol=0)


def test_quadratic_as_numpy_solves_it():
    matrix, vector = quadratic(8)
    a, b = torch.from_numpy(matrix), torch.from_numpy(vector)
    state = LBFGS().minimise(Counted(lambda x: 0.5 * x @ a @ x - b @ x), torch.zeros(8, dtype=torch.float64))
    np.testing.assert_allclose(state.x.numpy(), np.linalg.solve(matrix, vector), rtol=1e-6, atol=1e-7)


def test_evaluations_are_counted():
    function = Counted(rosenbrock)
    solver = LBFGS()
    state = solver.start(function, torch.tensor([-1.2, 1.0]))
    assert state.evaluations == function.calls == 1
    for _ in range(2):
        state = solver.step(function, state)
        assert state.evaluations == function.calls
    state = solver.restart(function, state.x, state)
    assert state.evaluations == function.calls


def test_a_step_leaves_the_old_state_as_it_was_and_is_reproducible():
    solver, function = LBFGS(max_iterations_per_step=3), Counted(rosenbrock)
    first = solver.step(function, solver.start(function, torch.tensor([-1.2, 1.0])))
    x, pairs = first.x.clone(), len(first.memory)
    second, again = solver.step(function, first), solver.step(function, first)
    assert torch.equal(first.x, x) and len(first.memory) == pairs == 3
    assert torch.equal(second.x, again.x) and second.value == again.value
    assert second.iterations == 6


def test_the_value_never_rises():
    solver, function = LBFGS(max_iterations_per_step=1), Counted(rosenbrock)
    state = solver.start(function, torch.tensor([-1.2, 1.0]))
    for _ in range(10):
        new = solver.step(function, state)
        assert new.value <= state.value
        assert new.value == function.value_and_grad(new.x)[0]
        state = new


def test_restart_clears_the_memory_and_keeps_the_counts():
    solver, function = LBFGS(max_iterations_per_step=3), Counted(rosenbrock)
    state = solver.step(function, solver.start(function, torch.tensor([-1.2, 1.0])))
    fresh = solver.restart(function, state.x, state)
    assert len(fresh.memory) == 0
    assert (fresh.iterations, fresh.evaluations) == (3, state.evaluations + 1)


def test_nan_in_trials_shrinks_the_step():
    # log is NaN beyond 0, and the first trial from 1 with a long step lands there
    function = Counted(lambda x: (x - x.log()).sum())
    solver = LBFGS(initial_step=100.0)
    state = solver.minimise(function, torch.tensor([3.0], dtype=torch.float64))
    assert state.x.item() == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_short_types_keep_their_type(dtype):
    state = LBFGS().minimise(Counted(lambda x: ((x - 1) ** 2).sum()), torch.zeros(3, dtype=dtype))
    assert state.x.dtype == state.gradient.dtype == dtype
    torch.testing.assert_close(state.x, torch.ones(3, dtype=dtype))


def test_numbers_beyond_the_type_are_borne_in_silence():
    def steep(x: Tensor) -> Tensor:
        return (1e30 * x * x).sum()

    state = LBFGS().minimise(Counted(steep), torch.full((2,), 1e3))
    assert state.value <= 2e36


def test_ends_are_named():
    def bowl(x: Tensor) -> Tensor:
        return (x * x).sum()

    at_minimum = LBFGS().start(Counted(bowl), torch.zeros(2))
    assert at_minimum.status == SMALL_GRADIENT
    assert LBFGS().step(Counted(bowl), at_minimum) is at_minimum
    assert LBFGS().start(Counted(lambda x: (x / 0).sum()), torch.ones(2)).status == NOT_FINITE
    assert (
        LBFGS(tolerance_change=0.9, max_iterations_per_step=1)
        .minimise(Counted(lambda x: (x**4).sum() + 100), torch.ones(2))
        .status
        == SMALL_CHANGE
    )
    lie = LBFGS(line_search=StrongWolfe(max_evaluations=3))
    failed = lie.minimise(Smooth(lambda x: (float(x.sum()), -torch.ones(2))), torch.zeros(2))
    assert failed.status == LINE_SEARCH_FAILED
    assert torch.equal(failed.x, torch.zeros(2)) and failed.value == 0.0


def test_a_gradient_that_is_not_finite_is_named():
    state = LBFGS().start(Smooth(lambda x: (1.0, torch.tensor([1.0, float("nan")]))), torch.zeros(2))
    assert state.status == NOT_FINITE


def test_a_search_that_ends_before_nan_says_so():
    # 0 log(x - 1/2) is 0 before the wall and NaN beyond, where the value would be lower
    function = Counted(lambda x: (x + 0 * (x - 0.5).log()).sum())
    state = LBFGS().minimise(function, torch.tensor([3.0], dtype=torch.float64))
    assert state.x.item() == pytest.approx(0.5) and state.status == NOT_FINITE


def test_a_minimum_found_beside_nan_is_one():
    # the first trials land where the root is NaN; the minimum is inside
    function = Counted(lambda x: ((x - 1) ** 2 + 0 * x.sqrt()).sum())
    state = LBFGS(initial_step=100.0).minimise(function, torch.tensor([3.0], dtype=torch.float64))
    assert state.status != NOT_FINITE and state.x.item() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", ["history", "max_iterations_per_step", "initial_step"])
def test_settings_must_be_positive(name):
    with pytest.raises(InputError, match=f"{name} must be positive"):
        LBFGS(**{name: 0})
