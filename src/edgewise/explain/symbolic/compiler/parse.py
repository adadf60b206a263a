"""Formulas written as text, read without running them as code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import sympy

from ....errors import InputError, unknown_name

_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}

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
_LONGEST = 100_000


def parse(text: str, symbols: Mapping[str, sympy.Symbol], functions: Mapping[str, Any]) -> sympy.Expr:
    """Read a formula such as "a*sin(2*pi*x) + x^2/3".

    Args:
        text: Numbers, names, + - * / ^ ** and brackets, and functions of one variable.
        symbols: Variables by name; they come before pi and E. Other names become variables.
        functions: Functions of the user's own by name.

    Raises:
        InputError: it is no formula.
        UnknownName: there is no such function.

    Example:
        >>> parse("2*x^2 + sin(pi*x)/2", {}, {})
        2*x**2 + sin(pi*x)/2
    """
    try:
        if len(text) > _LONGEST or "\0" in text:
            raise SyntaxError("too long, or no text")
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval")
        return _Reader(symbols, functions).read(tree.body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise InputError(f"compile: expression must be a formula; got {text[:200]!r} ({error}).") from error


class _Reader:
    def __init__(self, symbols: Mapping[str, sympy.Symbol], functions: Mapping[str, Any]) -> None:
        self._symbols = symbols
        own = {name: sympy.Function(name) for name in functions}
        self._functions = {**_FUNCTIONS, **own}

    def read(self, node: ast.expr) -> sympy.Expr:
        match node:
            case ast.Constant(value=bool() | str() | bytes() | complex() | None):
                raise SyntaxError(f"{node.value!r} is no real number")
            case ast.Constant(value=int()):
                return sympy.Integer(node.value)
            case ast.Constant(value=float()):
                return sympy.Float(node.value)
            case ast.Name(id=name):
                return self._symbols.get(name, _CONSTANTS.get(name, sympy.Symbol(name)))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self.read(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self.read(left), self.read(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._function(name)(*map(self.read, arguments))
        raise SyntaxError(f"{ast.unparse(node)!r} is not understood")

    def _function(self, name: str) -> Callable[..., sympy.Expr]:
        if name not in self._functions:
            raise unknown_name("compile", "function", name, self._functions)
        return self._functions[name]
