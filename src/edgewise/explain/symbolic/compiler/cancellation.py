"""Differences of nearly equal numbers, written so that their digits are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy

_DIFFERENCES: Mapping[type[sympy.Basic], Callable[[sympy.Expr], sympy.Expr]] = {
    sympy.exp: lambda u: 2 * sympy.exp(u / 2) * sympy.sinh(u / 2),
    sympy.cos: lambda u: -2 * sympy.sin(u / 2) ** 2,
    sympy.cosh: lambda u: 2 * sympy.sinh(u / 2) ** 2,
}
"""f(u) - 1 of functions that are 1 at 0."""


def without_cancellation(expression: sympy.Add) -> sympy.Expr | None:
    """A sum in which c f(u) - c is a product, if f is exp, cos, cosh or a square root of 1 + ...; else None.

    Example:
        >>> x = sympy.Symbol("x")
        >>> without_cancellation(3 * sympy.cos(x) - 3)
        -6*sin(x/2)**2
    """
    number = sympy.Add(*(part for part in expression.args if not part.free_symbols))
    for part in expression.args:
        weight, curve = part.as_independent(*part.free_symbols, as_Add=False)
        if not part.free_symbols or weight + number != 0:
            continue
        rest = expression - part - number
        if curve.func in _DIFFERENCES:
            return rest + weight * _DIFFERENCES[curve.func](curve.args[0])
        if isinstance(curve, sympy.Pow) and curve.exp == sympy.Rational(1, 2):
            return rest + weight * (curve.base - 1) / (curve + 1)
    return None
