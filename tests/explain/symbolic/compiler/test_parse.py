from __future__ import annotations

import pytest
import sympy

from edgewise.errors import InputError, UnknownName
from edgewise.explain.symbolic.compiler.parse import parse

X, Y = sympy.symbols("x y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x^2/3 + 1.5*y", X**2 / 3 + 1.5 * Y),
        ("-x**-2", -(X**-2)),
        ("sin(pi*x)*E", sympy.sin(sympy.pi * X) * sympy.E),
        ("arcsin(x) + abs(y) + log10(x)", sympy.asin(X) + sympy.Abs(Y) + sympy.log(X) / sympy.log(10)),
        ("max(x, y, 1)", sympy.Max(X, Y, 1)),
        (" f(x) ", sympy.Function("f")(X)),
        ("1e-34*x", sympy.Float(1e-34) * X),
    ],
)
def test_formulas_are_read_as_sympy_would(text, expected):
    assert parse(text, {}, ["f"]) == expected


def test_variables_come_before_constants_and_functions_keep_their_names():
    gamma, e = sympy.Symbol("gamma"), sympy.Symbol("E")
    assert parse("gamma*E", {"E": e}, []) == gamma * e
    assert parse("S + N + I", {}, []).free_symbols == set(sympy.symbols("S N I"))


@pytest.mark.parametrize(
    "text",
    [
        "", "x +", "x = 1", "x < 1", "x.y", "x[0]", "lambda: 1", "'a'", "True", "1j", "f(x, y=1)", "(x, y)",
        "__import__('os').system('true')", "sin.__class__(x)", "(" * 5000, "x\n+y; z", "x if y else 1",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_and_never_run(text):
    with pytest.raises(InputError, match="compile: expression must be a formula"):
        parse(text, {}, [])


@pytest.mark.parametrize("text", ["exec(x)", "open(x)", "Symbol(x)", "sine(x)"])
def test_unknown_functions_are_named(text):
    with pytest.raises(UnknownName, match=r"compile: function"):
        parse(text, {}, [])
