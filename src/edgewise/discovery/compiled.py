"""Expressions as NumPy functions that keep the digits of small differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy
import torch
from sympy.codegen.cfunctions import expm1

from .problem import Array


def compiled(symbols: Sequence[sympy.Symbol], outputs: Sequence[sympy.Expr]) -> Callable[..., list[Any]]:
    """A function of arrays that gives a list of values; exp(v) - 1 is computed as expm1(v).

    Example:
        >>> x = sympy.Symbol("x")
        >>> float(compiled([x], [sympy.exp(x) - 1])(1e-20)[0])
        1e-20
    """
    exact = [accurate(one) for one in outputs]
    return sympy.lambdify(list(symbols), exact, [{"erf": _erf}, "numpy"], cse=True)


def accurate(expression: sympy.Expr) -> sympy.Expr:
    """The same with expm1(v) for exp(v) - 1, which keeps the digits of small v.

    Example:
        >>> x = sympy.Symbol("x")
        >>> accurate(sympy.exp(x) - 1)
        expm1(x)
    """
    return expression.replace(lambda part: part.is_Add and part.has(sympy.exp), _with_expm1)


def _with_expm1(total: sympy.Add) -> sympy.Expr:
    """A sum in which c exp(v) - c is c expm1(v). (sympy's own rule factors the sum, which may take for ever.)"""
    number, rest = total.as_coeff_Add()
    for term in sympy.Add.make_args(rest):
        factor, curve = term.as_coeff_Mul()
        if number != 0 and isinstance(curve, sympy.exp) and factor == -number:
            return rest - term + factor * expm1(curve.args[0])
    return total


def _erf(values: Any) -> Any:
    return torch.special.erf(torch.as_tensor(values, dtype=torch.float64)).numpy()


def complex_values(curve: Callable[..., list[Any]], x: Array) -> npt.NDArray[np.complex128]:
    """Values (n,) of the first output at real inputs (n, columns), complex where they are not real.

    Example:
        >>> a = sympy.Symbol("a")
        >>> complex_values(compiled([a], [sympy.sqrt(a)]), np.array([[-4.0]])).tolist()
        [2j]
    """
    with np.errstate(all="ignore"):
        values = np.asarray(curve(*x.T.astype(np.complex128))[0], dtype=np.complex128)
    return np.broadcast_to(values, (len(x),)).copy()
