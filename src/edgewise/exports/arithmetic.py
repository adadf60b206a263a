"""Elementary arithmetic on symbolic values of a target language.

A function of `Value`s is written once; a `Writer` per language turns its operations into statements or graph nodes.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any

import torch

from ..functions import exp_limit, pole_margin, unit_margin


class Writer(abc.ABC):
    """Where the operations on values go.

    Attributes:
        native: Functions of one variable that the language has, by our names; others are composed.
    """

    native: frozenset[str] = frozenset()

    @abc.abstractmethod
    def write(self, operation: str, *operands: Any) -> Any:
        """Put one operation down, and give what stands for its result.

        Args:
            operation: "add", "subtract", "multiply", "divide", "negate", "less", "where", "power" (to a
                constant), or a name in `native`.
            operands: What earlier calls gave, or numbers.
        """


@dataclass(frozen=True)
class Value:
    """A value in the language of its writer.

    Args:
        writer: Where operations on it go.
        of: What stands for it there.
    """

    writer: Writer
    of: Any

    def _do(self, operation: str, *operands: Any) -> Value:
        plain = [part.of if isinstance(part, Value) else float(part) for part in operands]
        return Value(self.writer, self.writer.write(operation, *plain))

    def __add__(self, other: Value | float) -> Value:
        return self._do("add", self, other)

    def __radd__(self, other: float) -> Value:
        return self._do("add", other, self)

    def __sub__(self, other: Value | float) -> Value:
        return self._do("subtract", self, other)

    def __rsub__(self, other: float) -> Value:
        return self._do("subtract", other, self)

    def __mul__(self, other: Value | float) -> Value:
        return self._do("multiply", self, other)

    def __rmul__(self, other: float) -> Value:
        return self._do("multiply", other, self)

    def __truediv__(self, other: Value | float) -> Value:
        return self._do("divide", self, other)

    def __rtruediv__(self, other: float) -> Value:
        return self._do("divide", other, self)

    def __neg__(self) -> Value:
        return self._do("negate", self)

    def __lt__(self, other: Value | float) -> Value:
        return self._do("less", self, other)

    def __gt__(self, other: Value | float) -> Value:
        return self._do("less", other, self)

    def where(self, yes: Value | float, no: Value | float) -> Value:
        """`yes` where this condition holds, `no` elsewhere."""
        return self._do("where", self, yes, no)

    def power(self, exponent: float) -> Value:
        """This value, not negative, to a constant."""
        return self._do("power", self, exponent)

    def call(self, name: str) -> Value:
        """A function that the language has."""
        return self._do(name, self)


@dataclass(frozen=True)
class Limits:
    """Where the safe versions of functions leave the plain ones, in one data type.

    Example:
        >>> Limits(torch.float64).pole(3.0) < 1e-12
        True
    """

    dtype: torch.dtype

    def pole(self, growth: float) -> float:
        """As `functions.safe_functions.pole_margin`."""
        return pole_margin(self.dtype, growth)

    @property
    def unit(self) -> float:
        """As `functions.safe_functions.unit_margin`."""
        return unit_margin(self.dtype)

    @property
    def exp(self) -> float:
        """As `functions.safe_functions.exp_limit`."""
        return exp_limit(self.dtype)

    @property
    def largest(self) -> float:
        """The largest number."""
        return torch.finfo(self.dtype).max


def clamp(x: Value, low: float | None = None, high: float | None = None) -> Value:
    """`x` moved into [low, high]; NaN stays."""
    if low is not None:
        x = (x < low).where(low, x)
    return x if high is None else (x > high).where(high, x)


def call_exp(x: Value) -> Value:
    """The exponential function, which every language has."""
    return x.call("exp")


def signed(magnitude: Value, like: Value) -> Value:
    """`magnitude` with the sign of `like`; 0 counts as positive."""
    return (like < 0).where(-magnitude, magnitude)
