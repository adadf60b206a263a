from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.clock import Clock
from edgewise.discovery.search import Search
from edgewise.discovery.split import Split

X = np.random.default_rng(0).uniform(1, 3, (300, 2))


def search(y, noise=None, seconds=60.0):
    return Search(Split(X[:240], y[:240], X[240:], y[240:]), ("a", "b"), noise, Clock(seconds), 0)


def test_an_exact_law_ends_the_search():
    one = search(X[:, 0] ** 2 / X[:, 1])
    assert one.run(networks=False) == "exact"
    a, b = sympy.symbols("a b")
    assert a**2 / b in one.laws


def test_the_time_is_kept():
    one = search(np.sin(X[:, 0] * X[:, 1]) + np.exp(-X[:, 0]), seconds=1e-6)
    assert one.run(networks=False) == "time"


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_a_given_noise_ends_it_too(level):
    y = X[:, 0] * X[:, 1]
    y = y + level * y.std() * np.random.default_rng(1).standard_normal(300)
    one = search(y, noise=level)
    one.run(networks=False)
    assert min(one.laws.values(), key=lambda law: law.bits).verdict == "within noise"
