from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.factors import Products
from edgewise.discovery.problem import Problem


def found(law, *ranges, step, names="abcdef"):
    """The smallest share that proposals of one step miss, after their constants were fitted."""
    from edgewise.discovery.polish import fitted

    random = np.random.default_rng(0)
    x = np.stack([random.uniform(*r, 500) for r in ranges], 1)
    problem = Problem.of(x, law(*x.T), names[: len(ranges)])
    best = np.inf
    for proposal in step(Products(problem)):
        fit = fitted(proposal.form, problem.symbols, problem.x, problem.y)
        best = min(best, np.inf if fit is None else fit.rmse / problem.y.std())
    return best


POSITIVE, SIGNED = (1, 3), (-2, 2)


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: 3 * a**2 / b**0.5, [POSITIVE, POSITIVE]),
        (lambda a, b: -2e-11 * a / b**3, [SIGNED, (-3, -1)]),
        (lambda a, b, c: a ** (2 / 3) * b / c, [POSITIVE, SIGNED, (1e8, 3e8)]),
    ],
)
def test_power_laws_with_their_signs(law, ranges):
    assert found(law, *ranges, step=Products.powers) < 1e-12


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: a / (1 + 3.7 * b), [POSITIVE, POSITIVE]),
        (lambda a, b: a / np.sqrt(1 - b**2 / 16), [POSITIVE, POSITIVE]),
        (lambda a, b: a * np.exp(-1.3 * b), [POSITIVE, POSITIVE]),
        (lambda a, b: 1 / (np.exp(a / b) - 1), [POSITIVE, POSITIVE]),
        (lambda a, b: b * np.sin(2.2 * a) ** 2, [POSITIVE, POSITIVE]),
        (lambda a, b, c: a * np.log(b / c), [POSITIVE, (5, 6), POSITIVE]),
        (lambda a, b: a * np.tanh(b), [POSITIVE, SIGNED]),
        (lambda a, b, c: a * (b - c), [POSITIVE, POSITIVE, POSITIVE]),
        (lambda a, b: np.cos(a) * b, [(0, 3), SIGNED]),
    ],
)
def test_one_function(law, ranges):
    assert found(law, *ranges, step=lambda search: search.one_function(wide=False)) < 1e-10


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b, c, d: a * np.exp(-b * c / (2 * d**2)),
        lambda a, b, c, d: a * d * np.sinc(b * (c - d) / 2 / np.pi) ** 2,
    ],
)
def test_one_function_of_a_wide_argument(law):
    assert found(law, *[POSITIVE] * 4, step=lambda search: search.one_function(wide=True)) < 1e-10


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: np.sin(a) / np.sin(b), [(0.1, 1.5), (0.1, 1.5)]),
        (lambda a, b, c: c * np.exp(-a) * np.cos(2 * b), [POSITIVE, (0, 3), POSITIVE]),
        (lambda a, b: np.sqrt(1 + a**2) / (1 + b), [POSITIVE, POSITIVE]),
    ],
)
def test_two_functions(law, ranges):
    assert found(law, *ranges, step=Products.two_functions) < 1e-10


def test_one_function_of_any_argument_is_found_in_noise():
    random = np.random.default_rng(0)
    x = random.uniform(1, 3, (500, 3))
    y = np.exp(-(((x[:, 0] - x[:, 1]) / x[:, 2]) ** 2) / 2) / x[:, 2]
    problem = Problem.of(x, y + 0.02 * y.std() * random.standard_normal(500), "abs")
    products = Products.in_noise(problem, 0.02 * problem.spread)
    assert products is not None
    a, b, s = problem.symbols
    forms = [proposal.form for proposal in products.one_function(wide=True)]
    assert any(form.has(sympy.exp) and form.subs(a, b).free_symbols == {s} for form in forms)
