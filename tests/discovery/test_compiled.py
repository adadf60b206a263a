from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.compiled import compiled, complex_values

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
