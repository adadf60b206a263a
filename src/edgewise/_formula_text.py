"""Formulas written as text, read by rules for their parts and never run as code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_LONGEST = 100_000
_MOST_DIGITS = 4000


class FormulaReader(Generic[T]):
    """Reads formulas such as "a*sin(2*pi*x) + x^2/3": numbers, names, + - * / ^ ** brackets and functions.

    Args:
        number: What a number, int or float, becomes.
        name: What a name becomes.
        function: The function of a name, which takes and gives what names become.

    Example:
        >>> import math
        >>> FormulaReader(float, {"x": 3.0}.__getitem__, math.__dict__.__getitem__).read("sqrt(x^2 + 16)")
        5.0
    """

    def __init__(
        self,
        number: Callable[[Any], T],
        name: Callable[[str], T],
        function: Callable[[str], Callable[..., T]],
    ) -> None:
        self._number, self._name, self._function = number, name, function

    def read(self, text: str) -> T:
        """The value of a formula.

        Raises:
            SyntaxError: it is no formula.
        """
        if len(text) > _LONGEST or "\0" in text:
            raise SyntaxError("it is too long, or no text")
        try:
            return self._value(ast.parse(text.replace("^", "**").strip(), mode="eval").body)
        except (RecursionError, MemoryError) as error:
            raise SyntaxError("it is nested too deeply") from error

    def _value(self, node: ast.expr) -> T:
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float()):
                return self._number(node.value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self._value(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                one, other = self._value(left), self._value(right)
                if isinstance(op, ast.Pow) and _is_long(one, other):
                    raise SyntaxError(f"{ast.unparse(node)[:50]!r} is a number of too many digits")
                return _OPERATORS[type(op)](one, other)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._function(name)(*map(self._value, arguments))
        raise SyntaxError(f"{ast.unparse(node)!r} is not understood")


def _is_long(base: Any, exponent: Any) -> bool:
    """Whether a power of exact numbers, such as sympy's, would have thousands of digits."""
    if not (getattr(base, "is_Rational", False) and getattr(exponent, "is_Integer", False)):
        return False
    digits = max(len(str(abs(base.p))), len(str(base.q)))
    return bool(abs(exponent) * digits > _MOST_DIGITS and abs(base) != 1 and base != 0)
