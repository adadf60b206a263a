from __future__ import annotations

import numpy as np

from edgewise.discovery.prescribed import cheap_searches, prescribed_steps
from edgewise.discovery.prescription import Prescription
from edgewise.discovery.problem import Problem

X = np.random.default_rng(0).uniform(1, 2, (100, 2))
PROBLEM = Problem.of(X, X[:, 0] * X[:, 1], "ab")


def test_nothing_is_searched_where_nothing_is_prescribed():
    assert list(prescribed_steps(PROBLEM, Prescription(), 0, lambda *_: [])) == []


def test_a_guess_is_searched_from_and_beyond():
    steps = prescribed_steps(PROBLEM, Prescription.of(["a", "b"], guess="k*a"), 0, lambda *_: [])
    assert [name for name, _ in steps] == ["the guess", "beyond the guess"]


def test_cheap_searches_bear_targets_that_are_zero():
    assert list(cheap_searches(Problem.of(X, X[:, 0] - X[0, 0], "ab")))
