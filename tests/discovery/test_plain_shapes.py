from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import Law, discover
from edgewise.discovery.plain_shapes import plain_laws
from edgewise.discovery.skeleton import form_of
from edgewise.discovery.split import Split

A, B = sympy.symbols("a b")
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0.5, 3, (80, 2))


def law(expression, verdict="within noise"):
    return Law(expression, (A, B), 0.1, 0.1, 0.9, 10.0, (), verdict, "")


@pytest.mark.parametrize(
    "curve",
    [
        lambda b: 3 - 2 * b, lambda b: 1 + b**2 / 7, lambda b: 1 - 2 / b, lambda b: 2 * np.log(b) - 1,
        lambda b: 1.5 * np.sqrt(b) - 1, lambda b: 1 / (2 + b), lambda b: 3 * b / (b + 0.7), lambda b: -4 * b**-0.7,
        lambda b: 9 * np.exp(-b / 2), lambda b: -2 * np.exp(-(b**2)), lambda b: np.exp(3 - 1 / b),
    ],
)  # fmt: skip
def test_each_shape_is_found_in_its_variable(curve):
    y = curve(X[:, 1])
    found = min(plain_laws(law(B), Split(X[:60], y[:60], X[60:], y[60:]), 0.0), key=lambda one: one.test_rmse)
    assert found.test_rmse < 1e-9 * np.abs(y).max()
    assert found.expression.free_symbols == {B}


def test_laws_of_several_variables_and_exact_ones_have_none():
    split = Split(X, X[:, 0], X, X[:, 0])
    assert not list(plain_laws(law(A * B), split, 0.0))
    assert not list(plain_laws(law(A, "exact"), split, 0.0))
    assert not list(plain_laws(law(sympy.Integer(2)), split, 0.0))


def test_columns_of_any_sign_leave_shapes_out():
    x = RANDOM.uniform(-1, 1, (50, 1))
    x[0] = 0
    one = Law(A, (A,), 0.1, 0.1, 0.9, 1.0, (), "within noise", "")
    shapes = [found.expression for found in plain_laws(one, Split(x, x[:, 0], x, x[:, 0]), 0.0)]
    assert shapes and not any(shape.has(sympy.log) for shape in shapes)


def test_a_line_and_a_gaussian_are_both_told():
    rho = RANDOM.uniform(0.9, 1.3, (200, 1))
    y = 2 * np.exp(-(rho[:, 0] ** 2) / 2) + 0.01 * RANDOM.standard_normal(200)
    found = discover(rho, y, names=["rho"], noise=0.01, networks=False)
    told = {form_of(one.shown) for one in (found.best, *(rival.law for rival in found.rivals))}
    rho = sympy.Symbol("rho")
    assert {form_of(1.5 - 2.5 * rho), form_of(sympy.exp(-(rho**2) / 2))} <= told
    sizes = [one.law.complexity for one in found.rivals]
    assert sizes == sorted(sizes) and "These samples do not tell it from" in str(found)


def test_a_power_whose_exponent_may_be_two_is_the_parabola():
    x = RANDOM.uniform(1, 3, (200, 1))
    y = 1.3 * x[:, 0] ** 2 + 0.05 * RANDOM.standard_normal(200)
    found = discover(x, y, names=["x"], noise=0.05, networks=False)
    assert form_of(found.best.shown) == form_of(1.3 * sympy.Symbol("x") ** 2)
    assert "x**1.99" not in str(found) and "x**2.0" not in str(found)
    forms = [form_of(rival.law.shown) for rival in found.rivals]
    assert form_of(found.best.shown) not in forms
