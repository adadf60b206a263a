from __future__ import annotations

import pytest
import sympy

from edgewise.explain.symbolic.compiler.cancellation import without_cancellation

X, Y = sympy.symbols("x y")


@pytest.mark.parametrize(
    "expression",
    [
        sympy.exp(X * Y) - 1,
        2 - 2 * sympy.cos(3 * X),
        Y + sympy.cosh(X) - 1,
        5 * sympy.sqrt(1 + X**2) - 5,
        0.25 - 0.25 * sympy.exp(-X),
    ],
)
def test_small_differences_are_products_that_equal_them(expression):
    found = without_cancellation(expression)
    at = {X: sympy.Rational(3, 1000), Y: sympy.Rational(7, 10)}
    assert abs((found - expression).evalf(40, subs=at)) < 1e-30
    assert found != expression


@pytest.mark.parametrize("expression", [sympy.exp(X) - 2, X + Y, sympy.sin(X) - 1, 1 + sympy.cos(X)])
def test_other_sums_stay(expression):
    assert without_cancellation(expression) is None
