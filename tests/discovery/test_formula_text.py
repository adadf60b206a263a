from __future__ import annotations

import pytest
import sympy

from edgewise.discovery.formula_text import read_formula
from edgewise.errors import InputError, UnknownName


def test_text_and_expressions_of_columns():
    assert read_formula("2*sin(pi*a)^2/b", ["a", "b"], "guess") == sympy.sympify("2*sin(pi*a)**2/b")
    given = sympy.Symbol("a", positive=True) * 2
    assert read_formula(given, ["a"], "guess") == 2 * sympy.Symbol("a")
    assert read_formula("E*pi", ["pi"], "guess") == sympy.E * sympy.Symbol("pi")
    assert read_formula(3, [], "guess") == 3
    assert read_formula("sgn(a)", ["a"], "guess") == sympy.sign(sympy.Symbol("a"))


@pytest.mark.parametrize(
    "formula",
    ["a +", "__import__('os')", "a.b", "z*a", "1/0*a", "a if a else 2", [1], None, "sqrt(-2)", "a" * 5000, "sin(a, a)", "lambda: 1", "9**9**9**9*a"],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula):
    with pytest.raises(InputError, match="discover: "):
        read_formula(formula, ["a"], "guess")


def test_unknown_functions_are_named():
    with pytest.raises(UnknownName, match="Did you mean 'sin'"):
        read_formula("sinn(a)", ["a"], "guess")


def test_columns_of_any_name():
    names = ["body mass", "x^2", "lambda", "E", "\u00b5"]
    mass, square, wave, energy, micro = map(sympy.Symbol, names)
    found = read_formula("2*`body mass`*`x^2` + lambda*E/\u00b5", names, "guess", constants=True)
    assert found == 2 * mass * square + wave * energy / micro
    with pytest.raises(InputError, match="needs backquotes, as `body mass`"):
        read_formula("2*body mass", names, "guess")
