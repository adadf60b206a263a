"""Values of expressions with more digits than a float has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from mpmath import mp

from ....functions import Function
from .plan import Array

_DIGITS = 60


def exact_values(
    expressions: Sequence[sympy.Expr],
    symbols: Sequence[sympy.Symbol],
    x: Array,
    functions: Mapping[str, Function],
) -> Array:
    """Values (n, expressions) at x (n, symbols), computed with 60 digits; NaN where there is no real one.

    Example:
        >>> t = sympy.Symbol("t")
        >>> exact_values([sympy.exp(t) - 1], [t], np.array([[1e-20]]), {}).tolist()
        [[1e-20]]
    """
    own = {name: _numeric(function) for name, function in functions.items()}
    curves = [sympy.lambdify(symbols, one, modules=[own, "mpmath"]) for one in expressions]
    with mp.workdps(_DIGITS):
        return np.array([[_value(curve, row) for curve in curves] for row in x.tolist()])


def _value(curve: Callable[..., Any], row: Sequence[float]) -> float:
    try:
        value = curve(*map(mp.mpf, row))
        return float(value) if not isinstance(value, mp.mpc) or value.imag == 0 else math.nan
    except (ArithmeticError, TypeError, ValueError):
        return math.nan


def _numeric(function: Function) -> Callable[[Any], Any]:
    return lambda argument: mp.mpf(function.fn(torch.tensor(float(argument), dtype=torch.float64)).item())
