from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.arguments import (
    angles,
    chosen,
    of_monomials,
    of_pairs,
    products_of_waves,
    times,
    waves,
)
from edgewise.discovery.problem import Problem

X = np.random.default_rng(0).uniform(1, 3, (30, 3)) * [1.0, 4.0, 1e6]
PROBLEM = Problem.of(X, X[:, 0], ["a", "b", "c"])


def own(of, place):
    """Values of k v with k in the columns' own units."""
    return of.values[:, place] * of.units[place]


@pytest.mark.parametrize("of", [of_monomials(PROBLEM, (1, -1, 2), 2, 3), of_pairs(PROBLEM)])
def test_values_are_those_of_the_forms(of):
    for place, form in enumerate(of.forms):
        values = sympy.lambdify(PROBLEM.symbols, form)(*PROBLEM.x.T)
        np.testing.assert_allclose(of.values[:, place], values, rtol=1e-13)


def test_units_give_arguments_in_the_columns_own():
    of = times(of_pairs(PROBLEM), of_monomials(PROBLEM, (1,), 1, 1))
    a, b = PROBLEM.symbols[:2]
    ratio = float(PROBLEM.x_scale[1] / PROBLEM.x_scale[0])
    place = of.forms.index((a - sympy.Integer(int(ratio)) * b) * a)
    np.testing.assert_allclose(own(of, place), (X[:, 0] - X[:, 1]) * X[:, 0], rtol=1e-13)


def test_what_does_not_vary_or_is_not_finite_leaves():
    problem = Problem.of(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([1.0, 2.0]), "ab")
    assert of_monomials(problem, (1, -1), 1, 1).forms == (problem.symbols[1],)


def test_waves_are_of_angles_in_own_units():
    assert 2 not in angles(PROBLEM)
    wave = waves(PROBLEM, chosen(of_monomials(PROBLEM, (1,), 1, 1), [0]))
    np.testing.assert_allclose(wave.values, np.stack([np.cos(X[:, 0]), np.sin(X[:, 0])], 1), rtol=1e-13)


def test_products_of_waves_are_of_two_or_three_columns():
    x = np.random.default_rng(1).uniform(-2, 3, (30, 2))
    few = Problem.of(x, x[:, 0], "ab")
    found = products_of_waves(few)
    values = [sympy.lambdify(few.symbols, form)(*few.x.T) for form in found.forms]
    np.testing.assert_allclose(found.values, np.stack(values, 1), rtol=1e-12)
    expected = np.sin(x[:, 0]) * np.cos(x[:, 1])
    assert np.abs(found.values - expected[:, None]).max(0).min() < 1e-12
    assert len(products_of_waves(Problem.of(x[:, :1], x[:, 0], "a"))) == 0
