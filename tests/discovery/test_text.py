from __future__ import annotations

import ctypes
import shutil
import subprocess

import numpy as np
import pytest
import sympy

from edgewise.discovery import Law
from edgewise.discovery.formula_text import read_formula
from edgewise.discovery.text import c_text, identifiers, numpy_text, plain_name, printed
from edgewise.errors import InputError

A, B = sympy.symbols("a b")
LAWS = [
    sympy.Float(0.1 + 0.2) * A / sympy.sqrt(1 - B**2 / 16),
    (sympy.exp(A * B / 7) - 1) ** -2 + A * sympy.exp(A * B / 7),
    A ** sympy.Rational(1, 3) * sympy.pi**2 + B ** sympy.Rational(-5, 2),
    (A - 2) ** sympy.Rational(1, 3) + sympy.sqrt(B - 2),
    sympy.erf(A) + sympy.sin(A) ** 3 + sympy.Abs(B - 2) + sympy.sign(B - 2),
    sympy.sinc(A - 2) + sympy.tanh(B) + sympy.asin(A / 5) + sympy.Max(A, B, 1),
    3000000000 * A + sympy.Rational(2, 3) * B,
    sympy.Integer(3),
    B**7,
]
X = np.random.default_rng(0).uniform(0.5, 3.5, (60, 2))


def law(expression, symbols=(A, B)):
    return Law(expression, symbols, 0.0, 0.0, 1.0, 0.0, (), "exact", "products")


@pytest.mark.parametrize("expression", LAWS, ids=map(str, LAWS))
def test_numpy_text_equals_predict(expression):
    names: dict = {}
    exec(law(expression).numpy(), names)
    np.testing.assert_allclose(names["predict"](X), law(expression).predict(X), rtol=1e-12)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_c_text_equals_predict(tmp_path):
    text = "".join(law(expression).c(f"law{n}") for n, expression in enumerate(LAWS))
    (tmp_path / "laws.c").write_text(text)
    command = "cc -std=c99 -Wall -Wextra -Werror -pedantic -O1 -shared -fPIC laws.c -o laws.so -lm"
    subprocess.run(command.split(), cwd=tmp_path, check=True)
    library = ctypes.CDLL(str(tmp_path / "laws.so"))
    double = ctypes.POINTER(ctypes.c_double)
    for n, expression in enumerate(LAWS):
        found = np.empty(len(X))
        getattr(library, f"law{n}_predict")(
            X.ctypes.data_as(double), found.ctypes.data_as(double), ctypes.c_size_t(len(X))
        )
        np.testing.assert_allclose(found, law(expression).predict(X), rtol=1e-12, err_msg=str(expression))


def test_columns_of_any_name_become_variables():
    symbols = tuple(
        map(sympy.Symbol, ["body mass", "body_mass", "double", "lambda", "2x", "größe", "x", "exp"])
    )
    expression = sum(n * symbol for n, symbol in enumerate(symbols, 1))
    x = np.arange(16.0).reshape(2, 8)
    names: dict = {}
    exec(numpy_text(expression, symbols, 'a "*/ \\ name'), names)
    np.testing.assert_allclose(names["predict"](x), law(expression, symbols).predict(x))
    c = c_text(expression, symbols, "a */ name")
    assert c.split("double law(")[1].split(")")[0].replace("double ", "") == (
        "body_mass, body_mass_, double_, lambda, v_2x, gr__e, x, exp_"
    )
    assert len(set(identifiers(symbols, []))) == 8


def test_refused():
    with pytest.raises(InputError, match="name must be"):
        law(A).c("2 words")
    with pytest.raises(InputError, match="imaginary"):
        law(sympy.I * A).c()
    with pytest.raises(InputError, match="functions that the language has"):
        law(sympy.Function("f")(A)).c()


def test_text_keeps_all_digits():
    number = 0.1 + 0.2
    assert float(sympy.sympify(printed(number * A)).coeff(A)) == number
    assert law(number * A).text(3) == "0.3*a"


def test_names_that_are_no_words_stand_in_backquotes():
    law = sympy.Symbol("a*b") + 2 * sympy.Symbol("body mass") ** 2 + sympy.Symbol("größe")
    text = printed(law)
    assert text == "`a*b` + 2*`body mass`**2 + größe"
    assert read_formula(text, [symbol.name for symbol in law.free_symbols], "guess") == law
    assert plain_name("lambda") == "lambda" and plain_name("2x") == "`2x`"
