from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgewise.discovery.part_searches import (
    costly_searches,
    laws_of_part,
    of_one_column,
    products_of,
    simple_searches,
)
from edgewise.discovery.polish import fitted
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


def test_formulas_of_one_column_may_be_curves_of_a_line_within_a_change_of_the_targets():
    p = problem(lambda a: 1 / (1 + 2 * np.exp(-1.7 * a)), 1)
    found = next(iter(of_one_column(p)))
    assert fitted(found.form, p.symbols, p.x, p.y).rmse < 1e-12


def test_parts_of_a_part_are_tried():
    p = problem(lambda a, b: np.log(np.exp(0.7 * a) + b**2))
    found = next(laws_of_part(lambda: True, costly=False)(replace(p, noise=1e-7)))
    assert found.missed < 1e-10
