from __future__ import annotations

import numpy as np

from edgewise.discovery.part_searches import costly_searches, products_of, simple_searches
from edgewise.discovery.problem import Problem


def problem(law, columns=2) -> Problem:
    x = np.random.default_rng(0).uniform(0.5, 3, (300, columns))
    return Problem.of(x, law(*x.T), list("abcde")[:columns])


def test_simple_laws_are_found_by_simple_searches():
    found = [one for step in simple_searches(problem(lambda a, b: a**2 * np.exp(-b))) for one in step]
    assert min(one.missed for one in found) < 1e-10


def test_many_columns_are_not_searched_at_length():
    assert list(costly_searches(problem(lambda *x: sum(x), 5), lambda: True)) == []


def test_targets_that_are_mostly_zero_are_no_products():
    assert products_of(problem(lambda a, b: np.where(a > 2.5, a, 0.0))) is None
