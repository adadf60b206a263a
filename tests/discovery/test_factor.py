from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.factor import FACTORS


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_values_curve_and_form_are_of_the_same_function(factor):
    v, x = np.linspace(0.2, 1.4, 7), sympy.Symbol("x")
    form = sympy.lambdify([x], factor.form(0.7 * x))
    np.testing.assert_allclose(factor.value(0.7 * v), form(v))
    np.testing.assert_allclose(factor.curve(v, 0.7), np.log(np.abs(form(v))))


def test_where_powers_make_up_for_a_scale_it_has_none():
    assert [one.name for one in FACTORS if not one.has_scale] == ["v", "exp(v)"]
