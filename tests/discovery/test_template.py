from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.template import Template

A, K = sympy.symbols("a k")
X = np.linspace(0.5, 2, 7)[:, None]


@pytest.mark.parametrize("function", [sympy.tanh, sympy.erf], ids=["program", "sympy"])
def test_values_and_slopes_for_any_numbers(function):
    one = Template(3.5 * function(0.25 * A), [A])
    assert one.numbers.tolist() == [0.25, 3.5]
    at = sympy.lambdify([A], sympy.diff(2 * function(K * A), K).subs(K, 0.25), ["scipy", "numpy"])
    np.testing.assert_allclose(one.values([0.25, 2.0], X), 2 / 3.5 * one.values(one.numbers, X), rtol=1e-14)
    np.testing.assert_allclose(one.slopes(X)[:, 0], 3.5 / 2 * at(X[:, 0]), rtol=1e-12)


def test_constants_by_name():
    np.testing.assert_allclose(Template(2.0 * K * A, [A], {"k": 3.0}).values([2.0], X), 6 * X[:, 0])


def test_what_is_not_real_is_nan():
    assert np.isnan(Template(sympy.sqrt(A - 1), [A]).values([], X)).tolist() == (X[:, 0] < 1).tolist()
