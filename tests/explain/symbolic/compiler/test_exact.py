from __future__ import annotations

import numpy as np
import sympy

from edgewise.explain.symbolic.compiler.exact import exact_values
from edgewise.functions import make_function

X, Y = sympy.symbols("x y")


def test_digits_that_a_float_loses_are_kept():
    found = exact_values([1 - sympy.cos(X), X * Y], [X, Y], np.array([[1e-9, 2.0]]), {})
    np.testing.assert_allclose(found, [[5e-19, 2e-9]], rtol=1e-14)


def test_what_is_not_real_or_not_defined_is_nan():
    found = exact_values([sympy.sqrt(X), 1 / X], [X], np.array([[-1.0], [0.0], [4.0]]), {})
    assert np.isnan(found).tolist() == [[True, False], [False, True], [False, False]]


def test_functions_of_the_users_own_are_called():
    own = make_function("double", lambda x: 2 * x)
    found = exact_values([sympy.Function("double")(X)], [X], np.array([[1.5]]), {"double": own})
    assert found.tolist() == [[3.0]]
