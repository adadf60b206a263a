"""Formulas written as text, read by rules for their parts and never run as code."""

from __future__ import annotations

import ast
import keyword
import operator
import re
import unicodedata
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
_WORDS = [word for word in keyword.kwlist if word not in ("True", "False", "None")]
_QUOTED = re.compile(rf"`([^`]+)`|\b({'|'.join(_WORDS)})\b")


class FormulaReader(Generic[T]):
    """Reads formulas such as "a*sin(2*pi*x) + x^2/3": numbers, names, + - * / ^ ** brackets and functions.

    Names that are no plain words stand in backquotes, as in "2*`body mass`".

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
        self._quoted: dict[str, str] = {}

    def read(self, text: str) -> T:
        """The value of a formula.

        Raises:
            SyntaxError: it is no formula.
        """
        if len(text) > _LONGEST or "\0" in text:
            raise SyntaxError("it is too long, or no text")
        self._quoted = {}
        plain = _QUOTED.sub(self._placeholder, text)
        try:
            return self._value(ast.parse(plain.replace("^", "**").strip(), mode="eval").body)
        except (RecursionError, MemoryError) as error:
            raise SyntaxError("it is nested too deeply") from error

    def _placeholder(self, found: re.Match[str]) -> str:
        """A word that Python reads as a name, for one that it does not."""
        word = f"_quoted_{len(self._quoted)}_"
        self._quoted[word] = found[1] or found[2]
        return f" {word} "

    def _text(self, node: ast.expr) -> str:
        """A part as it was written."""
        found = ast.unparse(node)
        for word, name in self._quoted.items():
            found = found.replace(word, name)
        return found

    def _value(self, node: ast.expr) -> T:
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float()):
                return self._number(node.value)
            case ast.Name(id=name):
                return self._name(self._quoted.get(name, name))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](self._value(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                one, other = self._value(left), self._value(right)
                if isinstance(op, ast.Pow) and _is_long(one, other):
                    raise SyntaxError(f"{self._text(node)[:50]!r} is a number of too many digits")
                return _OPERATORS[type(op)](one, other)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._function(name)(*map(self._value, arguments))
        raise SyntaxError(f"{self._text(node)!r} is not understood")


def _is_long(base: Any, exponent: Any) -> bool:
    """Whether a power of exact numbers, such as sympy's, would have thousands of digits."""
    if not (getattr(base, "is_Rational", False) and getattr(exponent, "is_Integer", False)):
        return False
    digits = max(len(str(abs(base.p))), len(str(base.q)))
    return bool(abs(exponent) * digits > _MOST_DIGITS and abs(base) != 1 and base != 0)


def as_read(name: str) -> str:
    """A name as it comes out of a formula that is read: of letters that look alike, one stands for all.

    Example:
        >>> as_read("\u00b5m") == "\u03bcm"
        True
    """
    return unicodedata.normalize("NFKC", name)
