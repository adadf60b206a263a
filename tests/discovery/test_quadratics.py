from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.quadratics import quadratics


def problem(law, low=0.5, high=2.0, columns=3, noise=0.0):
    random = np.random.default_rng(3)
    x = random.uniform(low, high, (300, columns))
    y = law(*x.T)
    return Problem.of(x, y + noise * random.standard_normal(300), "abc"[:columns])


def missed(samples):
    fits = [fitted(one.form, samples.symbols, samples.x, samples.y) for one in quadratics(samples)]
    return min((fit.rmse / samples.spread for fit in fits if fit is not None), default=np.inf)


@pytest.mark.parametrize(
    ("law", "low"),
    [
        (lambda a, b, c: (-b + np.sqrt(b**2 + 4 * a * c)) / (2 * a), 0.5),
        (lambda a, b, c: (-b - np.sqrt(b**2 + 4 * a * c)) / (2 * a), 0.5),
        (lambda a, b, c: c * np.sqrt(a**2 + 2 * b**2) + 1.5, -2.0),  # the root's sign is that of c
        (lambda a, b, c: (a + np.sqrt(b)) / (1 + c), 0.5),
        (lambda a, b, c: 1.37 * a + 0.21 * np.sqrt(2.3 * b + c**2), 0.5),
        (lambda a, b, c: a / np.sqrt(5 - b**2) - c, 0.5),
    ],
)
def test_roots_in_sums_and_quotients(law, low):
    assert missed(problem(law, low)) < 1e-12


def test_no_equation_where_there_is_none():
    assert missed(problem(lambda a, b, c: np.exp(a) * b + np.sin(c))) == np.inf
    assert missed(problem(lambda a, b, c: a + np.sqrt(b + c), noise=1e-3)) == np.inf


def test_one_column_and_few_samples():
    assert missed(problem(lambda a: 3 - np.sqrt(1 + a), columns=1)) < 1e-12
    x = np.linspace(1, 2, 5)[:, None]
    assert list(quadratics(Problem.of(x, np.sqrt(x[:, 0]), "a"))) == []


def test_roots_have_to_be_allowed():
    from dataclasses import replace

    samples = replace(problem(lambda a, b, c: a + np.sqrt(b + c)), functions=frozenset({"sin"}))
    assert list(quadratics(samples)) == []


def test_units_of_columns_do_not_matter():
    random = np.random.default_rng(0)
    x = random.uniform(1, 2, (300, 2)) * [3e-7, 2e9]
    samples = Problem.of(x, 5e4 * (x[:, 0] / 3e-7 - np.sqrt(x[:, 1] / 2e9)), "ab")
    assert missed(samples) < 1e-12
    assert all(one.form.free_symbols <= set(sympy.symbols("a b")) for one in quadratics(samples))
