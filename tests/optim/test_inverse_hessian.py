import numpy as np
import pytest
import torch

from edgewise.optim.inverse_hessian import UPDATES, InverseHessian

SIZE = 6


def pairs(seed):
    """Steps and gradient changes of a convex quadratic."""
    random = np.random.default_rng(seed)
    root = random.normal(size=(SIZE, SIZE))
    a = root @ root.T + 0.1 * np.eye(SIZE)
    for _ in range(9):
        s = random.normal(size=SIZE)
        yield s, a @ s


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("seed", range(5))
def test_symmetric_positive_and_true_to_the_last_step(update, seed):
    memory = InverseHessian(update, torch.zeros(SIZE, dtype=torch.float64))
    for s, y in pairs(seed):
        if len(memory):
            memory.direction(-3 * np.linalg.solve(memory.matrix, s))  # a step is a part of what it gave
        assert memory.add(s, y)
        np.testing.assert_allclose(memory.matrix @ y, s, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(memory.matrix, memory.matrix.T, rtol=1e-8, atol=1e-10)
        assert np.linalg.eigvalsh(memory.matrix).min() > 0


def test_bfgs_is_the_textbook_formula():
    memory = InverseHessian("bfgs", torch.zeros(SIZE, dtype=torch.float64))
    expected = None
    for s, y in pairs(1):
        memory.add(s, y)
        expected = np.eye(SIZE) * (s @ y) / (y @ y) if expected is None else expected
        left = np.eye(SIZE) - np.outer(s, y) / (s @ y)
        expected = left @ expected @ left.T + np.outer(s, s) / (s @ y)
        np.testing.assert_allclose(memory.matrix, expected, rtol=1e-8, atol=1e-10)


def test_scaled_bfgs_lets_go_of_too_much_curvature():
    """A step B makes too much of (s.Bs above s.y) enlarges H by their quotient; the direction says what Bs is."""
    memory = InverseHessian("scaled", torch.zeros(2, dtype=torch.float64))
    memory.add(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
    direction = memory.direction(np.array([0.0, 1.0]))
    np.testing.assert_allclose(direction, [0.0, -1.0])
    memory.add(2 * direction, 0.25 * 2 * direction)
    np.testing.assert_allclose(memory.matrix, np.diag([4.0, 4.0]))


def test_what_is_refused_and_forgotten():
    memory = InverseHessian("broyden", torch.zeros(2, dtype=torch.float64))
    assert not memory.add(np.array([1.0, 0.0]), np.array([-1.0, 0.0]))
    assert not memory.add(np.array([1.0, 0.0]), np.zeros(2))
    assert len(memory) == 0
    memory.add(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    twin = memory.copy()
    memory.clear()
    assert (len(memory), len(twin)) == (0, 1)
    np.testing.assert_allclose(memory.direction(np.array([1.0, 2.0])), [-1.0, -2.0])
