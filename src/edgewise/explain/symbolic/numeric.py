"""Numbers from sympy expressions, in float64."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from sympy.printing.numpy import NumPyPrinter, SciPyPrinter

Array = np.ndarray[Any, np.dtype[np.float64]]
Numeric = Callable[..., Array]


def _erf(values: Any) -> Array:
    return torch.special.erf(torch.as_tensor(values, dtype=torch.float64)).numpy()


def compiled(
    expressions: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol], functions: Mapping[str, Numeric]
) -> Callable[[Sequence[Array | float]], Array]:
    """Make a numpy function of expressions.

    Args:
        expressions: One per output.
        symbols: What is free in them.
        functions: Numeric versions of named functions, such as the splines left in a formula.

    Returns:
        A function of one array or number per symbol that gives an array (samples, outputs); NaN where an
        expression is not real or not defined.
    """
    modules: list[Any] = [{"erf": _erf, **functions}, "numpy"]
    if _PRINTER is _ScipyPrinter:
        modules.insert(1, "scipy")
    known = {"erf": "erf", **{name: name for name in functions}}
    settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    printer = _PRINTER({**settings, "user_functions": known})
    run = sympy.lambdify(list(symbols), list(expressions), modules=modules, printer=printer, cse=_shared)

    def evaluate(columns: Sequence[Array | float]) -> Array:
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
    values = compiled(expressions, symbols, functions)(list(x.T))
    return np.broadcast_to(values, (len(x), values.shape[1]))


class _ExactFloats:
    """Prints floats with all their digits; sympy's own printers round to fifteen."""

    def _print_Float(self, number: sympy.Float) -> str:
        return repr(float(number))


class _NumpyPrinter(_ExactFloats, NumPyPrinter):
    pass


class _ScipyPrinter(_ExactFloats, SciPyPrinter):
    pass


_PRINTER = _NumpyPrinter if importlib.util.find_spec("scipy") is None else _ScipyPrinter


def _shared(expressions: Any) -> Any:
    """Common subexpressions without the search for common factors, which is slow on large formulas."""
    return sympy.cse(expressions, optimizations=[], list=False)


def _real(value: Any) -> Array:
    array = np.asarray(value)
    if np.iscomplexobj(array):
        small = np.abs(array.imag) <= 1e-12 * np.abs(array)
        array = np.where(small, array.real, np.nan)
    return array.astype(np.float64).reshape(-1)
