from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery import Law, Split
from edgewise.discovery.needed_columns import fewer_columns, needed_columns

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-2, 2, (1000, 12))
NAMES = tuple(sympy.symbols("x_:12"))


@pytest.mark.parametrize(
    ("rest", "used", "needed"),
    [
        (np.sin(5 * X[:, 3]), [1], [1, 3]),
        (X[:, 1] * X[:, 7], [1], [1, 7]),
        (X[:, 1] * np.abs(X[:, 7]), [1], [1, 7]),
        (X[:, 5] * X[:, 7], [1], [1, 5, 7]),
        (np.zeros(1000), [2, 0], [0, 2]),
    ],
)
def test_what_is_missed_tells_which_columns_are_needed(rest, used, needed):
    assert needed_columns(X, rest, used) == needed


def test_noise_needs_no_columns():
    false = sum(len(needed_columns(X, RANDOM.standard_normal(1000), [0])) - 1 for _ in range(100))
    assert false <= 5  # of 1,100


def law(expression, r2=0.95):
    return Law(expression, NAMES, 0.1, 0.1, r2, 10.0, (), "approximation", "sums")


def test_columns_to_go_on_with():
    y = X[:, 1] * X[:, 4] + 0.3 * np.sin(2 * X[:, 6])
    samples = Split(X[:800], y[:800], X[800:], y[800:])
    every, near = list(range(12)), law(NAMES[1] * NAMES[4])
    assert fewer_columns(near, samples, every, frozenset()) == [1, 4, 6]
    assert fewer_columns(near, samples, [1, 3, 4, 6, 9], frozenset({NAMES[9]})) == [1, 4, 6, 9]
    assert fewer_columns(near, samples, [1, 4, 6], frozenset()) is None
    assert fewer_columns(law(NAMES[1] * NAMES[4], 0.2), samples, every, frozenset()) is None
    assert fewer_columns(law(sympy.log(NAMES[1])), samples, every, frozenset()) is None


def test_a_law_of_two_among_twenty_columns():
    x = np.random.default_rng(0).uniform(-2, 2, (1000, 20))
    found = discover(x, np.exp(-(x[:, 3] ** 2)) * x[:, 7], seconds=60, networks=False)
    assert str(found.best.expression) == "x_8*exp(-x_4**2)"
    assert found.best.verdict == "exact"
