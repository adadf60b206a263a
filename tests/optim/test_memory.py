from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.optim.memory import Memory


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


def filled(pairs: list, history: int, gradient: np.ndarray) -> Memory:
    memory = Memory(history, torch.zeros(len(gradient), dtype=torch.float64))
    for s, y in pairs:
        assert memory.add(torch.from_numpy(s), torch.from_numpy(y), torch.from_numpy(gradient))
    return memory


@pytest.mark.parametrize("count", [1, 2, 4, 5, 11])
def test_direction_is_that_of_the_dense_matrix(count):
    gradient = np.random.default_rng(1).normal(size=6)
    pairs = pairs_of(count, 6)
    memory = filled(pairs, 4, gradient)
    assert len(memory) == min(count, 4)
    got = memory.direction(torch.from_numpy(gradient)).numpy()
    np.testing.assert_allclose(got, dense_direction(pairs[-4:], gradient), rtol=1e-9, atol=1e-12)


def test_empty_memory_gives_steepest_descent():
    gradient = torch.tensor([1.0, -2.0])
    assert torch.equal(Memory(3, gradient).direction(gradient), -gradient)


@pytest.mark.parametrize("y", [[-1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [float("nan"), 1.0]])
def test_a_pair_without_curvature_is_left_out_and_the_rest_stays(y):
    gradient = np.array([0.3, -0.7])
    pairs = pairs_of(2, 2)
    memory = filled(pairs, 3, gradient)
    new = torch.tensor([0.5, 0.25], dtype=torch.float64)
    assert not memory.add(torch.tensor([1.0, 0.0], dtype=torch.float64), torch.tensor(y).double(), new)
    assert len(memory) == 2
    got = memory.direction(new).numpy()
    np.testing.assert_allclose(got, dense_direction(pairs, new.numpy()), rtol=1e-9)


def test_copies_are_independent():
    gradient = np.array([0.3, -0.7, 0.1])
    memory = filled(pairs_of(2, 3), 3, gradient)
    before = memory.direction(torch.from_numpy(gradient))
    copy = memory.copy()
    s, y = pairs_of(3, 3, seed=5)[-1]
    copy.add(torch.from_numpy(s), torch.from_numpy(y), torch.from_numpy(gradient))
    assert len(memory) == 2 and len(copy) == 3
    assert torch.equal(memory.direction(torch.from_numpy(gradient)), before)
