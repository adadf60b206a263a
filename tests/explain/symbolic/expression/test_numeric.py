"""Numbers from expressions: equal to sympy's own, with names of any kind, and NaN where nothing is real."""

import subprocess
import sys

import numpy as np
import pytest
import sympy

from edgewise.explain.symbolic.expression.numeric import compiled, evaluate

X, Y = sympy.symbols("x y")
POINTS = np.random.default_rng(0).uniform(0.1, 2, (20, 2))
EXPRESSIONS = [
    sympy.exp(sympy.sin(sympy.pi * X) + Y**2) / 3,
    sympy.E**X + sympy.sqrt(2) * Y ** sympy.Rational(-3, 2) + sympy.Float("0.1234567890123456789"),
    sympy.sinc(X * Y) + sympy.Abs(X - 1) ** sympy.Rational(1, 3) * sympy.sign(X - 1),
    sympy.log(1 + sympy.exp(X)) + sympy.erf(Y) + sympy.atanh(X / 3),
    sympy.Piecewise((X, X > 1), (Y, True)),
    (X + Y) ** 2 + sympy.sin((X + Y) ** 2) + sympy.cos(sympy.sin((X + Y) ** 2)) + sympy.exp(X + Y),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_values_are_those_of_sympy(expression):
    found = evaluate([expression, X + Y], [X, Y], POINTS, {})
    exact = [float(expression.subs({X: x, Y: y}).evalf(20)) for x, y in POINTS]
    assert found[:, 0] == pytest.approx(exact, rel=1e-14)
    assert np.array_equal(found[:, 1], POINTS.sum(1))


def test_what_occurs_twice_is_computed_once():
    calls = []

    def slow(values):
        calls.append(1)
        return values + 1

    term = sympy.Function("slow")(X)
    found = evaluate([term**2 + sympy.sin(term), term], [X], POINTS[:, :1], {"slow": slow})
    assert len(calls) == 1
    assert np.allclose(found[:, 0], (POINTS[:, 0] + 1) ** 2 + np.sin(POINTS[:, 0] + 1))


def test_names_need_not_be_python():
    unknown, symbol = sympy.Function("my function 2"), sympy.Symbol("lambda x+1")
    found = evaluate([2 * unknown(symbol)], [symbol], POINTS[:, :1], {"my function 2": np.cos})
    assert np.allclose(found[:, 0], 2 * np.cos(POINTS[:, 0]))


def test_scipy_functions_are_known():
    pytest.importorskip("scipy")
    found = evaluate([sympy.besselj(0, X)], [X], POINTS[:, :1], {})
    assert found[0, 0] == pytest.approx(float(sympy.besselj(0, POINTS[0, 0])), rel=1e-13)


def test_what_is_not_real_is_nan():
    values = evaluate([sympy.log(X - 10), sympy.I * X], [X], POINTS[:, :1], {})
    assert np.isnan(values).all()


def test_constants_are_spread_over_the_samples():
    assert compiled([sympy.pi + 0 * X], [X], {})([POINTS[:, 0]]).shape == (20, 1)


def test_scipy_is_not_loaded_for_plain_formulas():
    code = (
        "import sys, numpy as np, sympy\n"
        "from edgewise.explain.symbolic.expression.numeric import evaluate\n"
        "x = sympy.Symbol('x')\n"
        "evaluate([sympy.exp(sympy.sin(sympy.pi * x)) + sympy.E], [x], np.ones((3, 1)), {})\n"
        "sys.exit('scipy.special' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
