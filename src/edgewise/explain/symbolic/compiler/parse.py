"""Formulas in text as sympy expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sympy

from ...._formula_text import FormulaReader
from ....errors import InputError, unknown_name

_FUNCTIONS: Mapping[str, Callable[..., sympy.Expr]] = {
    **{
        name: getattr(sympy, name)
        for name in (
            "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "acot", "atan2",
            "sinh", "cosh", "tanh", "coth", "asinh", "acosh", "atanh", "exp", "log", "ln", "sqrt", "cbrt",
            "Abs", "sign", "Max", "Min", "erf", "erfc", "sinc", "Heaviside",
        )
    },
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "arctanh": sympy.atanh,
    "abs": sympy.Abs,
    "sgn": sympy.sign,
    "max": sympy.Max,
    "min": sympy.Min,
    "log10": lambda x: sympy.log(x, 10),
    "log2": lambda x: sympy.log(x, 2),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "gaussian": lambda x: sympy.exp(-(x**2)),
}  # fmt: skip

_CONSTANTS = {"pi": sympy.pi, "E": sympy.E}


def parse(text: str, symbols: Mapping[str, sympy.Symbol], functions: Iterable[str]) -> sympy.Expr:
    """Read a formula such as "a*sin(2*pi*x) + x^2/3".

    Args:
        text: Numbers, names, + - * / ^ ** and brackets, and functions of one variable.
        symbols: Variables by name; they come before pi and E. Other names become variables.
        functions: Names of functions of the user's own.

    Raises:
        InputError: it is no formula.
        UnknownName: there is no such function.

    Example:
        >>> parse("2*x^2 + sin(pi*x)/2", {}, [])
        2*x**2 + sin(pi*x)/2
    """
    known = {**_FUNCTIONS, **{name: sympy.Function(name) for name in functions}}

    def function(name: str) -> Callable[..., sympy.Expr]:
        if name not in known:
            raise unknown_name("compile", "function", name, known)
        return known[name]

    def named(name: str) -> sympy.Expr:
        return symbols.get(name, _CONSTANTS.get(name, sympy.Symbol(name)))

    try:
        return FormulaReader(sympy.sympify, named, function).read(text)
    except (SyntaxError, TypeError) as error:
        raise InputError(f"compile: expression must be a formula; got {text[:200]!r} ({error}).") from error
