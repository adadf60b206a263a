import math

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.optim import BFGS, LBFGS, Smooth
from edgewise.optim.inverse_hessian import UPDATES


def with_gradient(function):
    """The function and its gradient by autograd."""

    def value_and_grad(x):
        with torch.enable_grad():
            x = x.detach().clone().requires_grad_(True)
            value = function(x)
            (gradient,) = torch.autograd.grad(value, x)
        return float(value.detach()), gradient

    return Smooth(value_and_grad)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("size", [2, 10, 50])
def test_rosenbrock_to_rounding(update, size):
    start = torch.linspace(-1.2, 1.0, size, dtype=torch.float64)
    state = BFGS(update=update).minimise(with_gradient(rosenbrock), start)
    assert state.value < 1e-20
    torch.testing.assert_close(state.x, torch.ones_like(start), rtol=0, atol=1e-8)


@pytest.mark.parametrize("update", UPDATES)
def test_a_quadratic_in_few_more_iterations_than_variables(update):
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    a, b = root @ root.T + torch.eye(12, dtype=torch.float64), torch.ones(12, dtype=torch.float64)
    state = BFGS(update=update).minimise(
        with_gradient(lambda x: 0.5 * x @ a @ x - b @ x), torch.zeros_like(b)
    )
    torch.testing.assert_close(state.x, torch.linalg.solve(a, b), rtol=1e-6, atol=1e-7)
    assert state.iterations <= 40


def test_the_whole_matrix_knows_more_than_ten_pairs():
    """A polynomial of degree 9 fitted to a sine in powers of x, which is badly conditioned."""
    t = torch.linspace(-1, 1, 80, dtype=torch.float64)
    powers = t[:, None] ** torch.arange(10, dtype=torch.float64)
    loss = lambda c: torch.log(torch.cosh(powers @ c - torch.sin(4 * t))).mean()
    start = torch.zeros(10, dtype=torch.float64)
    dense, limited = (one.minimise(with_gradient(loss), start, steps=10) for one in (BFGS(), LBFGS()))
    assert dense.value <= limited.value * (1 + 1e-6)
    assert dense.iterations < 0.5 * limited.iterations


def test_single_precision_and_other_losses():
    function = with_gradient(lambda x: torch.nn.functional.huber_loss(x, torch.arange(4.0), reduction="sum"))
    state = BFGS().minimise(function, torch.full((4,), 9.0))
    assert state.x.dtype == torch.float32
    np.testing.assert_allclose(state.x.numpy(), np.arange(4.0), atol=1e-4)


def test_a_step_leaves_the_old_state_as_it_was():
    solver, function = BFGS(max_iterations_per_step=3), with_gradient(rosenbrock)
    first = solver.step(function, solver.start(function, torch.tensor([-1.2, 1.0], dtype=torch.float64)))
    kept = first.x.clone(), first.memory.matrix.copy(), first.memory.added
    again, once = solver.step(function, first), solver.step(function, first)
    assert torch.equal(first.x, kept[0]) and np.array_equal(first.memory.matrix, kept[1])
    assert first.memory.added == kept[2]
    assert torch.equal(again.x, once.x) and math.isclose(again.value, once.value, rel_tol=0)


def test_bad_settings():
    with pytest.raises(UnknownName, match="BFGS: update must be one of"):
        BFGS(update="newton")
    with pytest.raises(InputError, match="initial_step must be positive"):
        BFGS(initial_step=0)
    with pytest.raises(InputError, match=r"at most 20000.*Use LBFGS"):
        BFGS().start(with_gradient(lambda x: (x * x).sum()), torch.ones(20001))
