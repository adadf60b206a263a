from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.outer_groups import outer_groups
from edgewise.discovery.problem import Problem
from edgewise.discovery.surrogate import surrogate

LAWS = {
    "a root of a sum": (lambda a, b, c: np.sqrt(a * b + np.exp(c) + 3), ((0, 1), (2,))),
    "a logarithm of three parts": (lambda a, b, c: np.log(np.exp(a) + b**2 + c), ((0,), (1,), (2,))),
    "a product is a sum behind an exponential": (lambda a, b, c: a * (1 + b * c), ((0,), (1, 2))),
}


def found(law, scale=1.0):
    x = np.random.default_rng(0).uniform(0.5, 2, (500, 3))
    p = Problem.of(x * scale, law(*x.T) / scale, ["a", "b", "c"])
    return outer_groups(p, surrogate(p))


@pytest.mark.parametrize("scale", [1.0, 1e6])
@pytest.mark.parametrize("name", LAWS)
def test_columns_of_a_part_are_together(name, scale):
    law, groups = LAWS[name]
    assert found(law, scale)[0] == groups


def test_columns_may_depend_on_each_other():
    x = np.random.default_rng(0).uniform(0.5, 2, (500, 3))
    x[:, 2] = 0.5 * x[:, 0] + 0.3 * x[:, 2]
    p = Problem.of(x, np.exp(-x[:, 0] * x[:, 1]) + np.exp(x[:, 2]), ["a", "b", "c"])
    p = Problem.of(x, np.log(p.y * p.y_scale), ["a", "b", "c"])
    assert outer_groups(p, surrogate(p))[0] == ((0, 1), (2,))


def test_one_column_has_no_parts():
    x = np.linspace(1, 2, 100)[:, None]
    p = Problem.of(x, np.exp(x[:, 0]), ["a"])
    assert outer_groups(p, surrogate(p)) == []


def test_behind_a_step_all_partitions_into_two_are_proposed():
    x = np.random.default_rng(0).uniform(-1, 1, (800, 3))
    p = Problem.of(x, 1 / (1 + np.exp(8 * (x[:, 0] * x[:, 1] - x[:, 2]))), ["a", "b", "c"])
    assert {((0, 1), (2,)), ((0,), (1, 2)), ((0, 2), (1,))} <= set(outer_groups(p, surrogate(p)))


def test_columns_that_change_nothing_are_in_no_part():
    x = np.random.default_rng(0).uniform(0.5, 3, (500, 3))
    p = Problem.of(x, np.log(1 + np.cosh(x[:, 0]) * x[:, 1] ** 2), ["a", "b", "c"])
    assert outer_groups(p, surrogate(p))[0] == ((0,), (1,))
