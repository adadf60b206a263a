from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import sympy

from edgewise.discovery.networks import by_networks
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem


def problem(text, columns, ranges, noise=0.0, weights=None):
    random = np.random.default_rng(1)
    x = random.uniform(*zip(*ranges, strict=True), (500, len(columns)))
    y = sympy.lambdify(list(columns), sympy.sympify(text), "numpy")(*x.T)
    y = y + noise * y.std() * random.standard_normal(len(y))
    return Problem.of(x, y, columns, noise, weights=weights)


def missed(samples, most=99):
    """By the best of so many formulas, as a share of the targets' deviation; it ends at an exact one."""
    best = [np.inf]

    def left():
        return min(best) > 1e-10

    for proposal in islice(by_networks(samples, 0, left), most):
        fit = fitted(proposal.form, samples.symbols, samples.x, samples.y)
        best += [] if fit is None else [fit.rmse / samples.spread]
    return min(best)


@pytest.mark.parametrize(
    ("text", "columns", "ranges"),
    [
        ("exp(a/2) + sin(2*b)", "ab", [(1, 3), (1, 3)]),
        ("log(1 + exp(sin(a) + b**2))", "ab", [(-2.5, 2.5), (-1.5, 1.5)]),
        ("cos(exp(a) + b*c)", "abc", [(-1, 1)] * 3),
        ("log(2 + sin(a)*b)", "ab", [(-2.5, 2.5), (-1.2, 1.2)]),
    ],
    ids=["sum", "sum inside", "product inside a sum", "product inside"],
)
def test_functions_of_functions_are_found(text, columns, ranges):
    assert missed(problem(text, columns, ranges)) < 1e-10


def test_noise_is_not_followed():
    noisy = problem("1/(1 + (sin(a) + b)**2)", "ab", [(-2.5, 2.5), (-1.5, 1.5)], noise=0.05)
    assert 0.9 * 0.05 < missed(noisy, 6) < 1.05 * 0.05


def test_one_column_has_one_edge_and_nothing_is_read_without_time():
    samples = problem("sin(a)", "a", [(0, 1)])
    assert missed(samples) < 1e-10
    assert list(by_networks(samples, 0, lambda: False)) == []
