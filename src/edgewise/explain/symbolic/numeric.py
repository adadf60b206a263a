"""Numbers from sympy expressions, in float64."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch

Array = np.ndarray[Any, np.dtype[np.float64]]
Numeric = Callable[..., Array]


def _erf(values: Any) -> Array:
    return torch.special.erf(torch.as_tensor(values, dtype=torch.float64)).numpy()


def compiled(
    expressions: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol], functions: Mapping[str, Numeric]
) -> Callable[[Sequence[Array]], Array]:
    """Make a numpy function of expressions.

    Args:
        expressions: One per output.
        symbols: What is free in them.
        functions: Numeric versions of named functions, such as the splines left in a formula.

    Returns:
        A function of one array (or number) per symbol that gives an array (samples, outputs); NaN where an
        expression is not real or not defined.
    """
    modules: list[Any] = [{"erf": _erf, **functions}, "numpy"]
    if importlib.util.find_spec("scipy") is not None:
        modules.insert(1, "scipy")
    run = sympy.lambdify(list(symbols), list(expressions), modules=modules, cse=True)

    def evaluate(columns: Sequence[Array]) -> Array:
        length = max((np.size(column) for column in columns), default=1)
        with np.errstate(all="ignore"):
            values = run(*columns)
        return np.stack([np.broadcast_to(_real(value), (length,)) for value in values], axis=1)

    return evaluate


def evaluate(
    expressions: Sequence[sympy.Expr],
    symbols: Sequence[sympy.Symbol],
    x: Array,
    functions: Mapping[str, Numeric],
) -> Array:
    """Values (samples, outputs) of expressions at x (samples, symbols)."""
    # Numbers are passed as arguments: printed into code they would lose their last digits.
    floats = sorted({number for e in expressions for number in e.atoms(sympy.Float)}, key=float)
    dummies = [sympy.Dummy() for _ in floats]
    swap = dict(zip(floats, dummies, strict=True))
    opened = [expression.xreplace(swap) for expression in expressions]
    run = compiled(opened, [*symbols, *dummies], functions)
    return run([*(column for column in x.T), *(np.full(len(x), float(number)) for number in floats)])


def _real(value: Any) -> Array:
    array = np.asarray(value)
    if np.iscomplexobj(array):
        small = np.abs(array.imag) <= 1e-12 * np.abs(array)
        array = np.where(small, array.real, np.nan)
    return array.astype(np.float64).reshape(-1)
