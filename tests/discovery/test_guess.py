from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.guess import fitted_guess
from edgewise.discovery.problem import Problem

X = np.random.default_rng(2).uniform(0.5, 3, (200, 2))
A, B = X.T


@pytest.mark.parametrize(
    ("guess", "y", "law"),
    [
        ("p*a*exp(-k*b)", 3.7 * A * np.exp(-1.3 * B), "3.7*a*exp(-1.3*b)"),
        ("p*a*exp(-k*b)", 3.7 * A * np.exp(-1.3 * B) + 0.75 * A**2, "3.7*a*exp(-1.3*b) + 3*a**2/4"),
        ("p*exp(-k*b)", 3.7 * np.exp(-1.3 * B * A), "3.7*exp(-1.3*a*b)"),
        (2.2 * sympy.Symbol("a") / (1 + sympy.Symbol("b")), 2 * A / (1 + B), "2*a/(1 + b)"),
    ],
    ids=["constants", "one term more", "a constant that is a column", "sympy"],
)
def test_laws_are_found_from_a_guess(guess, y, law):
    found = discover(X, y, names="ab", guess=guess, networks=False)
    assert found.best.verdict == "exact"
    assert found.best.source == "guess"
    away = sympy.lambdify(sympy.symbols("a b"), found.best.expression - sympy.sympify(law))(*X.T)
    assert np.abs(away).max() < 1e-9


def test_constants_far_from_one_are_found():
    problem = Problem.of(X * [1e-9, 1e6], 5e20 * A * np.exp(-B / 2), "ab")
    fit = fitted_guess(problem, sympy.sympify("p*a*exp(-k*b)"), 0)
    assert fit.rmse < 1e-8
