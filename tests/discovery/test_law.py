from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import Constant, Law
from edgewise.errors import InputError, ShapeError

A, B = sympy.symbols("a b")


def law(expression):
    return Law(expression, (A, B), 0.1, 0.1, 0.9, 10.0, (), "approximation", "products")


def test_values_are_real_or_nan():
    found = law(sympy.sqrt(A) / B).predict([[4.0, 2.0], [-1.0, 1.0]])
    assert found[0] == 1.0
    assert np.isnan(found[1])


def test_a_constant_law_has_a_value_for_each_row():
    assert law(sympy.Float(2.5)).predict(np.ones((3, 2))).tolist() == [2.5] * 3


def test_numbers_are_shown_with_few_digits():
    assert law(1.23456789 * A).text(3) == "1.23*a"


def test_other_columns_are_refused():
    with pytest.raises(ShapeError, match="a column for each of a, b"):
        law(A).predict([[1.0]])


def test_a_constant_says_how_far_it_was():
    one = Constant(1.98, 0.01, sympy.Integer(2))
    assert np.isclose(one.distance, 2.0)
    low, high = Constant(1.98, 0.01, sympy.Float(1.98)).interval(0.95)
    assert np.isclose(high - low, 2 * 1.96 * 0.01, rtol=1e-3)


def test_constants_are_fitted_to_other_samples():
    x = np.random.default_rng(0).uniform(1, 2, (50, 2))
    again = law(1.5 * A + 2 * B).refitted(x, 1.7 * x[:, 0] + 2 * x[:, 1])
    assert abs(float(again.coeff(A)) - 1.7) < 1e-12
    assert again.coeff(B) == 2
    with pytest.raises(InputError, match="a real value at all samples"):
        law(sympy.sqrt(A - 5) * 1.5).refitted(x, x[:, 0])


def test_words_as_names_are_told_apart_in_latex():
    mass, speed = sympy.symbols("body_mass speed")
    law = Law(2 * mass * speed**2, (mass, speed), 0.0, 0.0, 1.0, 0.0, (), "exact", "products")
    assert law.latex() == r"2 \cdot \mathrm{body\_mass} \cdot \mathrm{speed}^{2}"
