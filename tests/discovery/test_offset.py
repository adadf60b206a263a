from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.offset import constant_and_product
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem

X = np.random.default_rng(0).uniform(0.5, 2.5, (300, 2))


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b: 1.3 + 2.2 * np.exp(-(a**2) / 0.8) + 0 * b,
        lambda a, b: 0.7 - 0.3 * a / b**2,
        lambda a, b: 5 + a * np.sin(2.3 * b),
        lambda a, b: -2 + 3 / (1 + 0.4 * a * b),
    ],
)
def test_a_constant_and_a_product(law):
    problem = Problem.of(X, law(*X.T), "ab")
    fits = [fitted(one.form, problem.symbols, problem.x, problem.y) for one in constant_and_product(problem)]
    assert min(fit.rmse for fit in fits if fit is not None) < 1e-9 * problem.spread


def test_many_columns_are_left_to_others():
    x = np.random.default_rng(0).uniform(size=(50, 6))
    assert list(constant_and_product(Problem.of(x, x[:, 0], "abcdef"))) == []
