from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.part_searches import laws_of_part
from edgewise.discovery.parts import by_parts, splits
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.surrogate import surrogate


def problem(law, scale=1.0) -> Problem:
    x = np.random.default_rng(0).uniform(0.5, 2.5, (600, 3)) * scale
    return Problem.of(x, law(*(x / scale).T), ["a", "b", "c"])


LAWS = {
    "sum": lambda a, b, c: 2 * np.exp(-1.3 * a) + 0.7 * np.sin(2.2 * b) + 0.4 * c**2 + 3,
    "product": lambda a, b, c: (2 + np.exp(-1.3 * a)) * (1 + 0.4 * np.sin(2.2 * b)) / c,
}


@pytest.mark.parametrize("scale", [1.0, 1e9])
@pytest.mark.parametrize("name", LAWS)
def test_parts_are_found_alone_and_joined(name, scale):
    p = problem(LAWS[name], scale)
    missed = []
    for proposal in by_parts(
        p, laws_of_part(lambda: True, costly=False), laws_of_part(lambda: True), lambda: True
    ):
        fit = fitted(proposal.form, p.symbols, p.x, p.y)
        missed.append(np.inf if fit is None else fit.rmse / p.spread)
        if missed[-1] < 1e-10:
            break
    assert missed[-1] < 1e-10


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b, c: c + np.exp(np.sin(a * b)),
        lambda a, b, c: (c + 1.37) * np.exp(np.sin(a * b)),
    ],
)
def test_a_part_may_be_a_function_of_a_function(law):
    x = np.random.default_rng(0).uniform((-2, 0, -1), (2, 1.5, 1), (800, 3))
    p = Problem.of(x, law(*x.T), ["a", "b", "c"])
    for proposal in by_parts(p, laws_of_part(lambda: True, costly=False), None, lambda: True):
        fit = fitted(proposal.form, p.symbols, p.x, p.y)
        if fit is not None and fit.rmse < 1e-10 * p.spread:
            return
    pytest.fail("not found")


def test_groups_are_those_that_do_not_interact():
    p = problem(lambda a, b, c: a * b + np.sin(c))
    groups = [groups for groups, _ in splits(p, surrogate(p))]
    assert groups == [[(0, 1), (2,)]]


def test_what_does_not_separate_has_no_parts():
    p = problem(lambda a, b, c: np.sin(a * b + b * c + c * a))
    assert (
        list(by_parts(p, laws_of_part(lambda: True, costly=False), laws_of_part(lambda: True), lambda: True))
        == []
    )
