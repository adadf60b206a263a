"""How the numbers of a column are read before a network sees them: as they are, within ends, or by a logarithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

KINDS = ("none", "log", "asinh")


@dataclass(frozen=True)
class ColumnTransform:
    """A monotone function of one column.

    Attributes:
        kind: "none"; "log", of positive numbers; or "asinh", a logarithm in both directions: asinh((x - centre) / width).
        low: Smaller numbers are read as this one; of a logarithm, the least number of training.
        high: Larger numbers are read as this one.
        centre: Of asinh.
        width: Of asinh, above 0.
    """

    kind: str = "none"
    low: float = -math.inf
    high: float = math.inf
    centre: float = 0.0
    width: float = 1.0

    @property
    def cuts(self) -> bool:
        """Whether far-off numbers are read as an end."""
        return self.high < math.inf or (self.kind != "log" and self.low > -math.inf)

    def is_cut(self, values: np.ndarray) -> np.ndarray:
        """Which numbers are beyond the ends, of the same shape.

        Args:
            values: Of the column.
        """
        return (values > self.high) | (values < self.low)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The transformed numbers, of the same shape.

        Args:
            values: Of the column.
        """
        inside = np.clip(values, self.low, self.high)
        if self.kind == "log":
            return np.log(inside)
        return np.arcsinh((inside - self.centre) / self.width) if self.kind == "asinh" else inside

    def name(self, column: str) -> str:
        """What the transformed column is called, in terms of the column.

        Args:
            column: Its name.

        Example:
            >>> ColumnTransform("log", low=0.1).name("income"), ColumnTransform(high=9.5).name("age")
            ('log(income)', 'min(age, 9.5)')
        """
        low = (
            self.low if self.kind != "log" else -math.inf
        )  # the end that keeps a logarithm finite is understood
        inside = _within(column, low, self.high)
        if self.kind == "asinh":
            shifted = inside if self.centre == 0 else f"({inside} {_signed(-self.centre)})"
            return f"asinh({shifted if self.width == 1 else f'{shifted}/{self.width:.12g}'})"
        return f"log({inside})" if self.kind == "log" else inside


def _signed(number: float) -> str:
    return f"{'-' if number < 0 else '+'} {abs(number):.12g}"


def _within(column: str, low: float, high: float) -> str:
    if low > -math.inf and high < math.inf:
        return f"clip({column}, {low:.12g}, {high:.12g})"
    if high < math.inf:
        return f"min({column}, {high:.12g})"
    return f"max({column}, {low:.12g})" if low > -math.inf else column


AS_IT_IS = ColumnTransform()
