"""Common parts of the text exports: the library's functions, numbers and names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..edges import BASES
from ..errors import InputError
from ..network import PlainNetwork
from .arithmetic import Limits, Value, Writer, call_exp
from .safe_functions import safe_function

_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "less": "<"}


class TextWriter(Writer):
    """Writes one statement an operation.

    Args:
        native: The language's names of the functions it has, by ours.
        number: How it writes a number.
        assign: How it gives a name to an expression; told whether that is a condition.
        choose: How it chooses between two values by a condition.
    """

    def __init__(
        self,
        native: dict[str, str],
        number: Callable[[float], str],
        assign: Callable[[str, str, bool], str],
        choose: Callable[[str, str, str], str],
    ) -> None:
        self.native = frozenset(native)
        self.lines: list[str] = []
        self._names, self._number, self._assign, self._choose = native, number, assign, choose

    def write(self, operation: str, *operands: Any) -> str:
        """Put one operation down as a statement, and give the name of its result."""
        parts = [part if isinstance(part, str) else self._number(part) for part in operands]
        name = f"t{len(self.lines)}"
        self.lines.append(self._assign(name, self._expression(operation, parts), operation == "less"))
        return name

    def _expression(self, operation: str, parts: list[str]) -> str:
        if operation in _SYMBOLS:
            return f"{parts[0]} {_SYMBOLS[operation]} {parts[1]}"
        if operation == "negate":
            return f"-{parts[0]}"
        if operation == "where":
            return self._choose(*parts)
        return f"{self._names[operation]}({', '.join(parts)})"


def function_lines(name: str, writer: TextWriter, limits: Limits) -> tuple[list[str], str]:
    """The statements that compute a library function of `x`, and what holds the result.

    Args:
        name: Of the function.
        writer: A fresh one.
        limits: Those of the data type.
    """
    function = safe_function(name)
    assert function is not None, name  # validate has refused others
    return writer.lines, function(Value(writer, "x"), limits).of


def base_texts(x: str, exp: str) -> dict[str, str]:
    """The base functions of `x` as expressions of program text, but for the one that is zero.

    Args:
        x: What holds the argument.
        exp: The language's name of the exponential function.

    Example:
        >>> base_texts("x", "np.exp")["silu"]
        '(x / (1 + np.exp(-x)))'
    """
    writer = _InlineWriter(exp)
    return {
        name: base.formula(Value(writer, x), call_exp).of
        for name, base in BASES.items()
        if base.formula is not None
    }


class _InlineWriter(Writer):
    """Writes one expression, operations in parentheses."""

    def __init__(self, exp: str) -> None:
        self._exp = exp

    def write(self, operation: str, *operands: Any) -> str:
        """Give the expression of one operation."""
        parts = [part if isinstance(part, str) else f"{part:g}" for part in operands]
        if operation == "exp":
            return f"{self._exp}({parts[0]})"
        if operation == "negate":
            return f"-{parts[0]}"
        return f"({parts[0]} {_SYMBOLS[operation]} {parts[1]})"


def used_functions(plan: PlainNetwork) -> list[str]:
    """Names of the library functions that a network uses, each once."""
    return list(dict.fromkeys(edge.function.name for layer in plan.layers for edge in layer.formulas))


_WORDS = {"x": "identity", "0": "zero", "1/x": "reciprocal", "sqrt": "sqrt", "1/sqrt(x)": "inverse_sqrt",
          "1/(1+x^2)": "lorentzian"}  # fmt: skip
_SIGNS = {
    "1/x^": "inverse_power_", "x^": "power_", ".": "_", "e-": "e_minus_", "e+": "e", "(-": "minus_", "^-": "_minus_",
    "+": "_plus_", "-": "_minus_", "*": "_times_", "/": "_over_", "(": "", ")": "",
}  # fmt: skip


def identifier(name: str) -> str:
    """A library function's name as the name of a function in programs.

    Example:
        >>> identifier("1/x^1.5"), identifier("sin")
        ('safe_inverse_power_1_5', 'safe_sin')
        >>> identifier("x^3-0.5*x")
        'safe_power_3_minus_0_5_times_x'
    """
    word = _WORDS.get(name, name)
    for sign, text in _SIGNS.items():
        word = word.replace(sign, text)
    return f"safe_{word}"


def checked_name(name: str, format: str) -> str:
    """Refuse a name that programs cannot have.

    Raises:
        InputError: not letters, digits and underscores, beginning with a letter.
    """
    if not (isinstance(name, str) and name.isascii() and name.isidentifier() and not name.startswith("_")):
        raise InputError(
            f"export: name must be letters, digits and underscores, beginning with a letter, for {format}; got "
            f"{name!r}. Use for example 'model'."
        )
    return name


def comment(text: str) -> str:
    """A text that is safe in any comment: plain characters, no end of a comment, one line.

    Example:
        >>> comment("a */ b")
        'a *_ b'
    """
    plain = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in text)
    return plain.replace("*/", "*_").replace("/*", "_*").replace("\\", "_").replace('"', "'")
