from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.optim import lbfgs_history as module
from edgewise.optim.lbfgs_history import LBFGSHistory


def pairs_of(count: int, size: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(seed)
    root = random.normal(size=(size, size))
    hessian = root @ root.T + np.eye(size)
    steps = random.normal(size=(count, size))
    return [(s, hessian @ s) for s in steps]


def dense_direction(pairs: list, gradient: np.ndarray) -> np.ndarray:
    """The BFGS matrix built pair by pair (Nocedal and Wright 2006, equation 7.16)."""
    size = len(gradient)
    s, y = pairs[-1]
    inverse = np.eye(size) * (s @ y) / (y @ y)
    for s, y in pairs:
        rho = 1 / (s @ y)
        left = np.eye(size) - rho * np.outer(s, y)
        inverse = left @ inverse @ left.T + rho * np.outer(s, s)
    return -inverse @ gradient


def filled(pairs: list, history: int) -> LBFGSHistory:
    memory = LBFGSHistory(history, torch.zeros(len(pairs[0][0]), dtype=torch.float64))
    for s, y in pairs:
        assert memory.add(s, y)
    return memory


@pytest.mark.parametrize("count", [1, 2, 4, 5, 11])
def test_direction_is_that_of_the_dense_matrix(count):
    gradient = np.random.default_rng(1).normal(size=6)
    pairs = pairs_of(count, 6)
    memory = filled(pairs, 4)
    assert len(memory) == min(count, 4)
    got = memory.direction(gradient)
    np.testing.assert_allclose(got, dense_direction(pairs[-4:], gradient), rtol=1e-9, atol=1e-12)


def test_tensors_are_remembered_as_arrays_are(monkeypatch):
    gradient, pairs = np.array([0.3, -0.7, 0.1]), pairs_of(5, 3)
    expected = filled(pairs, 3).direction(gradient)
    monkeypatch.setattr(module, "as_array", lambda tensor: tensor)
    memory = LBFGSHistory(3, torch.zeros(3, dtype=torch.float64))
    for s, y in pairs:
        assert memory.add(torch.from_numpy(s), torch.from_numpy(y))
    got = memory.copy().direction(torch.from_numpy(gradient))
    assert isinstance(got, torch.Tensor)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12)


def test_empty_memory_gives_steepest_descent():
    memory, gradient = filled(pairs_of(2, 2), 3), np.array([1.0, -2.0])
    memory.clear()
    assert len(memory) == 0
    assert np.array_equal(memory.direction(gradient), -gradient)


def test_a_memory_that_was_cleared_starts_anew():
    pairs, gradient = pairs_of(3, 2), np.array([1.0, -2.0])
    memory = filled(pairs, 2)
    memory.clear()
    assert memory.add(*pairs[0])
    np.testing.assert_allclose(memory.direction(gradient), dense_direction(pairs[:1], gradient), rtol=1e-12)


@pytest.mark.parametrize("y", [[-1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [float("nan"), 1.0]])
def test_a_pair_without_curvature_is_left_out_and_the_rest_stays(y):
    pairs = pairs_of(2, 2)
    memory = filled(pairs, 3)
    assert not memory.add(np.array([1.0, 0.0]), np.array(y))
    assert len(memory) == 2
    new = np.array([0.5, 0.25])
    np.testing.assert_allclose(memory.direction(new), dense_direction(pairs, new), rtol=1e-9)


def test_copies_are_independent():
    gradient = np.array([0.3, -0.7, 0.1])
    memory = filled(pairs_of(2, 3), 3)
    before = memory.direction(gradient)
    copy = memory.copy()
    copy.add(*pairs_of(3, 3, seed=5)[-1])
    assert len(memory) == 2 and len(copy) == 3
    assert np.array_equal(memory.direction(gradient), before)
