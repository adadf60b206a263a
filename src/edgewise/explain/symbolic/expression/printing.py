"""Equations as text with all digits of their numbers, and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy
from sympy.printing.str import StrPrinter

_ESCAPES = str.maketrans(
    {mark: rf"\{mark}" for mark in "_%#&${}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


class _AllDigits(StrPrinter):
    def _print_Float(self, expr: sympy.Float) -> str:
        return repr(float(expr))


def equations_text(rows: Iterable[tuple[object, sympy.Expr]]) -> str:
    """One line an equation; sympy reads each right side back as the same expression.

    Example:
        >>> print(equations_text([("y", sympy.Float(0.1) * sympy.Symbol("x"))]))
        y = 0.1*x
    """
    printer = _AllDigits()
    return "\n".join(f"{name} = {printer.doprint(expression)}" for name, expression in rows)


def latex(expression: sympy.Expr) -> str:
    """LaTeX of an expression, names that are more than one word in text mode between brackets.

    Example:
        >>> print(latex(2 * sympy.Symbol("x_1") + sympy.Symbol("city=Zug")))
        \\left[\\text{city = Zug}\\right] + 2 x_{1}
    """
    names = {
        one: _bracketed(str(one)) for one in expression.free_symbols if not re.fullmatch(r"\w+", str(one))
    }
    return str(sympy.latex(expression, symbol_names=names))


def _bracketed(name: str) -> str:
    column, mark, level = name.partition("=")
    words = f"{column} = {level}" if mark and column and not level.startswith("=") else name
    return rf"\left[\text{{{words.translate(_ESCAPES)}}}\right]"
