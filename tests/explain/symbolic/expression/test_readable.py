"""Rewritten expressions read better and have the same values."""

import pytest
import sympy
from sympy import cosh, exp, log, sin, sinh, sqrt, tanh

from edgewise.explain.symbolic.expression.readable import readable

x, y = sympy.symbols("x y", real=True)
CASES = [
    (6 - 6 * tanh(1 - log(x) / 2), 12 * x / (x + exp(2))),
    (2 + 2 * tanh(0.6 * log(x)), 4 * x**1.2 / (x**1.2 + 1)),
    (6 + 6 * tanh(-0.5 * log(x)), 12 - 12 * x / (x + 1)),
    (3 - 6 / (x**2 + 2), 3 * x**2 / (x**2 + 2)),
    (5 - 15 / (x + 3) + y, 5 * x / (x + 3) + y),
    (1 - 1 / (1 + x**4 / 16), x**4 / (x**4 + 16)),
    (1 / (1 + exp(-2 * log(x)) * 3), x**2 / (x**2 + 3)),
    (2 * sin(x) ** 2 + 2 * sympy.cos(x) ** 2 + y, y + 2),
    (log(3 * exp(x)), x + log(3)),
    (sinh(log(x)), x / 2 - 1 / (2 * x)),
    (cosh(2 * log(x)), x**2 / 2 + 1 / (2 * x**2)),
    (sqrt(x**2), sympy.Abs(x)),
    (exp(log(x)), x),
]


@pytest.mark.parametrize(("before", "after"), CASES)
def test_the_form_and_the_values(before, after):
    found = readable(before, 1e-10)
    for place in ({x: 0.7, y: 1.3}, {x: 4.1, y: -2.0}):
        assert abs(complex((found - before).evalf(subs=place))) < 1e-12
        assert abs(complex((found - after).evalf(subs=place))) < 1e-12
    assert sympy.count_ops(found) <= sympy.count_ops(after)


@pytest.mark.parametrize("same", [tanh(x), 7 + 1 / (x + 2), tanh(log(x) + log(y)), sin(x) ** 2 + x, log(x)])
def test_what_no_rule_is_for_stays(same):
    assert readable(same, 1e-10) == same


def test_floats_count_as_related_to_the_tolerance():
    near = 12.0 - 24.000001 / (x + 2.0)
    assert readable(near, 1e-10) == near
    assert readable(near, 1e-5) == 12.0 * x / (x + 2.0)
