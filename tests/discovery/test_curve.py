from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.curve import ProgramCurve, SympyCurve
from edgewise.discovery.program import program_of

COLUMNS = sympy.symbols("a b", real=True)
PLACES = sympy.symbols("c d e", real=True)
X = np.random.default_rng(0).uniform(0.2, 1.5, (30, 2))
FUNCTIONS = (
    sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.tan, sympy.asin, sympy.acos, sympy.atan, sympy.sinh,
    sympy.cosh, sympy.tanh, sympy.asinh, sympy.acosh, sympy.atanh, sympy.sqrt, sympy.Abs,
    lambda v: sympy.exp(v) - 1, lambda v: 1 / v, lambda v: v**2, lambda v: v**-3, lambda v: v**sympy.Rational(3, 2),
)  # fmt: skip
PAIRS = (lambda u, v: u + v, lambda u, v: u * v, lambda u, v: u / v, lambda u, v: u**v, lambda u, v: u - v)


def random_form(random, depth):
    if depth == 0:
        return random.choice([*COLUMNS, *PLACES, sympy.Integer(2), sympy.pi, sympy.Rational(1, 3)])
    if random.random() < 0.4:
        return random.choice(FUNCTIONS)(random_form(random, depth - 1))
    return random.choice(PAIRS)(random_form(random, depth - 1), random_form(random, depth - 1))


def both(form, x=X):
    return ProgramCurve(program_of(form, PLACES, COLUMNS), x), SympyCurve(form, PLACES, COLUMNS, x)


@pytest.mark.parametrize("seed", range(40))
def test_programs_are_what_sympy_computes(seed):
    random = np.random.default_rng(seed)
    form = random_form(random, 3)
    while not form.free_symbols & set(PLACES) or form.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo):
        form = random_form(random, 3)
    constants = random.uniform(0.3, 1.4, 3)
    program, plain = both(form)
    values, slopes = plain.values(constants), plain.slopes(constants)
    np.testing.assert_allclose(program.values(constants), values, rtol=1e-10, atol=1e-14, err_msg=str(form))
    fine = np.isfinite(values)[:, None] & np.isfinite(slopes)
    found = np.where(fine, program.slopes(constants), 0.0)
    size = 1e-13 * np.abs(found).max()
    np.testing.assert_allclose(found, np.where(fine, slopes, 0.0), rtol=1e-8, atol=size, err_msg=str(form))


def test_slopes_are_those_of_finite_differences():
    c, d, e = PLACES
    a, b = COLUMNS
    form = c * sympy.exp(-d * a / b) * sympy.sin(e * a) + (a + d) ** e / (1 + c * b**2)
    curve, constants, step = both(form)[0], np.array([1.2, 0.7, 1.9]), 1e-6
    for place, slope in enumerate(curve.slopes(constants).T):
        to = step * np.eye(3)[place]
        expected = (curve.values(constants + to) - curve.values(constants - to)) / (2 * step)
        np.testing.assert_allclose(slope, expected, rtol=1e-7, atol=1e-8)


def test_a_root_of_zero_times_a_constant_has_slope_zero():
    c, (a, b) = PLACES[0], COLUMNS
    curve = both(sympy.sqrt(c * a) + b, np.array([[0.0, 1.0], [4.0, 1.0]]))[0]
    assert curve.slopes(np.ones(3)).tolist() == [[0, 0, 0], [1, 0, 0]]


def test_outside_of_a_domain_and_beyond_the_largest_number_nothing_is_finite():
    c, a = PLACES[0], COLUMNS[0]
    x = np.array([[-1.0, 1.0]])
    for form in (sympy.sqrt(c * a), sympy.log(c * a), sympy.exp(1000 * c), 1 / (a + c), (c * a) ** c):
        for curve in both(form, x):
            values, slopes = curve.values(np.array([1.0, 1.0, 1.0])), curve.slopes(np.array([1.0, 1.0, 1.0]))
            assert not (np.isfinite(values).all() and np.isfinite(slopes).all())


def test_complex_values_are_no_values():
    curve = SympyCurve(sympy.I * PLACES[0], PLACES, COLUMNS, X)
    assert np.isnan(curve.values(np.ones(3))).all()


def test_what_numpy_does_not_know_has_no_values():
    curve = SympyCurve(sympy.Function("f")(COLUMNS[0]), (), COLUMNS, X)
    assert np.isnan(curve.values(np.empty(0))).all()


def test_a_constant_has_a_value_a_row():
    for curve in both(PLACES[1] + sympy.Integer(0)):
        assert curve.values(np.array([1.0, 2.0, 3.0])).tolist() == [2.0] * len(X)
