"""Expressions as NumPy functions that keep the digits of small differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.codegen.rewriting import expm1_opt, optimize


def compiled(symbols: Sequence[sympy.Symbol], outputs: Sequence[sympy.Expr]) -> Callable[..., list[Any]]:
    """A function of arrays that gives a list of values; exp(v) - 1 is computed as expm1(v).

    Example:
        >>> x = sympy.Symbol("x")
        >>> float(compiled([x], [sympy.exp(x) - 1])(1e-20)[0])
        1e-20
    """
    exact = [optimize(one, [expm1_opt]) if one.has(sympy.exp) else one for one in outputs]
    return sympy.lambdify(list(symbols), exact, "numpy", cse=True)
