"""Equations as text with all digits of their numbers."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from sympy.printing.str import StrPrinter


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
