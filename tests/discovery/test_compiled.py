from __future__ import annotations

import numpy as np
import sympy
from sympy.codegen.cfunctions import expm1

from edgewise.discovery.compiled import accurate, compiled, complex_values

X, Y = sympy.symbols("x y")


def test_small_differences_keep_their_digits():
    x = np.geomspace(1e-18, 1e-3, 20)
    (values,) = compiled([X, Y], [1 / (sympy.exp(X * Y) - 1)])(x, np.ones(20))
    np.testing.assert_allclose(values, 1 / np.expm1(x), rtol=1e-14)


def test_several_outputs_come_as_a_list():
    assert compiled([X], [X**2, sympy.Integer(3)])(2.0) == [4.0, 3]


def test_values_outside_of_a_domain_are_complex():
    values = complex_values(compiled([X], [sympy.sqrt(X)]), np.array([[-1.0], [4.0]]))
    assert values[0].imag != 0
    assert values[1].imag == 0


def test_a_constant_has_a_value_a_row():
    assert complex_values(compiled([X], [sympy.Integer(3)]), np.ones((2, 1))).tolist() == [3, 3]


def test_small_differences_of_exponentials_keep_their_digits_within_larger_laws():
    a, b = sympy.symbols("a b")
    law = 2.5 * a / (2.5 * sympy.exp(b) - 2.5) + sympy.sqrt(3 - 3 * sympy.exp(-b)) + sympy.exp(a) - 2
    assert accurate(law).atoms(expm1) == {expm1(b), expm1(-b)}
    assert accurate(sympy.exp(a) * b - 1) == sympy.exp(a) * b - 1


def test_long_quotients_with_an_exponential_are_compiled_at_once():
    a = sympy.Symbol("a")
    law = (
        sum((n + 0.123456789) * a**n for n in range(9)) / (a**5 + 0.9876 * sympy.exp(1.7654321 * a) - 1.2345)
        + 1
    )
    assert compiled([a], [law])(np.array([0.5]))[0].shape == (1,)
