"""Numbers from sympy expressions, in float64."""

from __future__ import annotations

import importlib.util
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy
import torch
from sympy.core.function import AppliedUndef
from sympy.printing.numpy import NumPyPrinter, SciPyPrinter

Array = np.ndarray[Any, np.dtype[np.float64]]
Numeric = Callable[..., Array]


def compiled(
    expressions: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol], functions: Mapping[str, Numeric]
) -> Callable[[Sequence[Array | float]], Array]:
    """Make a numpy function of expressions; what occurs in them more than once is computed once.

    `sympy.lambdify`, which rebuilds every expression and loads all of SciPy, is left to what is not made of
    sums, products, powers and the functions of the library.

    Args:
        expressions: One per output.
        symbols: What is free in them.
        functions: Numeric versions of named functions, such as the splines left in a formula.

    Returns:
        A function of one array or number per symbol that gives an array (samples, outputs); NaN where an
        expression is not real or not defined.
    """
    plan = _Plan(symbols, functions)
    outputs = [plan.place(expression) for expression in expressions]

    def evaluate(columns: Sequence[Array | float]) -> Array:
        length = max((np.size(column) for column in columns), default=1)
        values = [np.asarray(column)[()] for column in columns]
        with np.errstate(all="ignore"):
            for operation, operands in plan.steps:
                values.append(operation(*(values[place] for place in operands)))
        return np.stack([np.broadcast_to(_real(values[place]), (length,)) for place in outputs], axis=1)

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


class _Plan:
    """Steps that compute expressions one after the other.

    Attributes:
        steps: An operation and the places of its operands each; the result goes to the next place.
    """

    def __init__(self, symbols: Sequence[sympy.Symbol], functions: Mapping[str, Numeric]) -> None:
        self.steps: list[tuple[Callable[..., Any], tuple[int, ...]]] = []
        self._places = {symbol: place for place, symbol in enumerate(symbols)}
        self._next = len(symbols)
        self._functions = functions

    def place(self, expression: sympy.Expr) -> int:
        """Where the value of an expression will be."""
        if expression not in self._places:
            operation, operands = self._step(expression)
            self.steps.append((operation, tuple(self.place(operand) for operand in operands)))
            self._places[expression] = self._next
            self._next += 1
        return self._places[expression]

    def _step(self, expression: sympy.Expr) -> tuple[Callable[..., Any], Sequence[sympy.Expr]]:
        if expression.is_number and expression.is_Atom:
            return partial(_number, complex(expression)), ()
        if isinstance(expression, AppliedUndef) and expression.func.__name__ in self._functions:
            return self._functions[expression.func.__name__], expression.args
        if expression.func in _OPERATIONS:
            return _OPERATIONS[expression.func], expression.args
        free = sorted(expression.free_symbols, key=str)
        return _lambdified(expression, free, self._functions), free


def _number(value: complex) -> Any:
    return np.complex128(value) if value.imag else np.float64(value.real)


def _sum(*values: Any) -> Any:
    return reduce(operator.add, values)


def _product(*values: Any) -> Any:
    return reduce(operator.mul, values)


def _sinc(values: Any) -> Any:
    return np.sinc(values / math.pi)


def _erf(values: Any) -> Array:
    return torch.special.erf(torch.as_tensor(values, dtype=torch.float64)).numpy()


_OPERATIONS: Mapping[type, Callable[..., Any]] = MappingProxyType(
    {
        sympy.Add: _sum,
        sympy.Mul: _product,
        sympy.Pow: operator.pow,
        sympy.Abs: np.abs,
        sympy.sign: np.sign,
        sympy.exp: np.exp,
        sympy.log: np.log,
        sympy.sin: np.sin,
        sympy.cos: np.cos,
        sympy.tan: np.tan,
        sympy.asin: np.arcsin,
        sympy.acos: np.arccos,
        sympy.atan: np.arctan,
        sympy.sinh: np.sinh,
        sympy.cosh: np.cosh,
        sympy.tanh: np.tanh,
        sympy.atanh: np.arctanh,
        sympy.erf: _erf,
        sympy.sinc: _sinc,
    }
)


def _lambdified(
    expression: sympy.Expr, symbols: Sequence[sympy.Symbol], functions: Mapping[str, Numeric]
) -> Callable[..., Any]:
    """A numpy function by way of sympy's printers, for what has no operation of its own."""
    modules: list[Any] = [{"erf": _erf, **functions}, "numpy"]
    if _PRINTER is _ScipyPrinter:
        modules.insert(1, "scipy")
    known = {"erf": "erf", **{name: name for name in functions}}
    settings = {"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True}
    printer = _PRINTER({**settings, "user_functions": known})
    run: Callable[..., Any] = sympy.lambdify(symbols, expression, modules=modules, printer=printer)
    return run


class _ExactFloats:
    """Prints floats with all their digits; sympy's own printers round to fifteen."""

    def _print_Float(self, number: sympy.Float) -> str:
        return repr(float(number))


class _NumpyPrinter(_ExactFloats, NumPyPrinter):
    pass


class _ScipyPrinter(_ExactFloats, SciPyPrinter):
    pass


_PRINTER = _NumpyPrinter if importlib.util.find_spec("scipy") is None else _ScipyPrinter


def _real(value: Any) -> Array:
    array = np.asarray(value)
    if np.iscomplexobj(array):
        small = np.abs(array.imag) <= 1e-12 * np.abs(array)
        array = np.where(small, array.real, np.nan)
    return array.astype(np.float64).reshape(-1)
