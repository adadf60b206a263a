from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.behind_function import _views, by_outer_function
from edgewise.discovery.part_searches import laws_of_part
from edgewise.discovery.parts import by_parts
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.sum_behind import SumBehind
from edgewise.discovery.surrogate import surrogate

QUICKLY = laws_of_part(lambda: True, costly=False)
LAWS = {
    "a logistic curve": lambda a, b, c: 1 / (1 + np.exp(a * b - np.sqrt(c))),
    "a hyperbolic tangent": lambda a, b, c: np.tanh(a * b / 2 + np.log(c) / 3),
    "a logarithm, one part in units of the other": lambda a, b, c: np.log(1 + np.cosh(a) * b**2),
    "a power": lambda a, b, c: (np.exp(a) + b * c) ** 1.5,
    "a root of a product and a constant": lambda a, b, c: np.sqrt(1 + (a + np.sin(b)) * np.exp(c)),
}


def problem(law) -> Problem:
    x = np.random.default_rng(0).uniform(0.5, 2.5, (600, 3))
    return Problem.of(x, law(*x.T), ["a", "b", "c"])


@pytest.mark.parametrize("name", LAWS)
def test_the_parts_laws_are_joined_within_the_functions(name):
    p = problem(LAWS[name])
    missed = []
    for proposal in by_outer_function(p, surrogate(p), [QUICKLY], lambda: True):
        fit = fitted(proposal.form, p.symbols, p.x, p.y)
        missed.append(np.inf if fit is None else fit.rmse / p.spread)
        if missed[-1] < 1e-10:
            break
    assert missed[-1] < 1e-10


def test_a_column_may_stand_beside_the_function_that_hides_the_others():
    x = np.random.default_rng(0).uniform(-1, 1, (500, 3))
    p = Problem.of(x, np.sqrt(x[:, 0] ** 2 + np.exp(x[:, 1])) - x[:, 2], ["a", "b", "c"])
    form = next(by_parts(p, QUICKLY, None, lambda: True)).form
    assert fitted(form, p.symbols, p.x, p.y).rmse < 1e-10


def test_nothing_is_proposed_where_nothing_separates():
    p = problem(lambda a, b, c: np.sin(a * b + b * c + c * a) + a * np.cos(b - c))
    assert list(by_outer_function(p, surrogate(p), [QUICKLY], lambda: True)) == []


def test_no_time_no_proposals():
    p = problem(LAWS["a power"])
    assert list(by_outer_function(p, surrogate(p), [QUICKLY], lambda: False)) == []


def test_parts_whose_exponentials_do_not_vary_are_not_looked_at_so():
    p = problem(LAWS["a power"])
    values = np.stack([np.exp(p.x[:, 0]), p.x[:, 1] * p.x[:, 2]], 1)
    found = SumBehind(((0,), (1, 2)), values, np.ones(len(p.y)), 1e-9)
    assert len(list(_views(p, found, 0, 2.0))) == 2
    assert len(list(_views(p, found, 0, 1e12))) == 1
    assert list(_views(p, SumBehind(found.groups, np.ones_like(values), found.slope, 1e-9), 0, None)) == []
