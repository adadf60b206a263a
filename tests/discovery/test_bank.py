from __future__ import annotations

import numpy as np

from edgewise.discovery.arguments import of_ratios
from edgewise.discovery.bank import bank, best_pairs
from edgewise.discovery.factor import FACTORS
from edgewise.discovery.factors import Products
from edgewise.discovery.left import Left
from edgewise.discovery.problem import Problem


def problem(columns):
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 3, (300, columns))
    y = np.exp(-x[:, 0]) / np.hypot(x[:, 1], x[:, 2])
    return Problem.of(x, y * (1 + 0.005 * random.standard_normal(300)), "abcdefgh"[:columns])


def test_two_functions_are_found_among_many_columns():
    search = Products.in_noise(problem(7), 1e-3)
    forms = [str(proposal.form) for proposal in search.two_functions()]
    assert any("exp" in form and "c**2/b**2" in form and "sqrt" in form for form in forms[:6])


def test_what_is_alike_beside_powers_is_kept_once():
    of = problem(3)
    arguments = of_ratios(of, 1).plus(of_ratios(of, -1))
    plain = Left(np.column_stack([np.ones(300), np.log(of.x)]), np.log(of.y), np.ones(300))
    found = bank(plain, arguments, FACTORS)
    told = [(one.factor.name, str(arguments.forms[one.place]), one.own) for one in found]
    assert ("1 + v", "b/a", True) in told and ("1 + v", "a/b", True) not in told


def test_a_pair_that_explains_all_comes_first():
    columns = np.random.default_rng(0).standard_normal((100, 6))
    target = columns[:, 1] - 2 * columns[:, 4]
    left = Left(np.ones((100, 1)), target, np.ones(100))
    missed, one, other = best_pairs(left, list(columns.T), np.zeros(6))[0]
    assert (one, other) == (1, 4) and missed < 1e-6
