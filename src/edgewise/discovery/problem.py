"""The samples a law is looked for in, in units in which columns are of size 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from .._tensors import even_places

Array = npt.NDArray[np.float64]

_ROWS = 400
_ROUNDING = 1e-10


@dataclass(frozen=True)
class Problem:
    """Samples, each column divided by a power of two.

    Attributes:
        x: Inputs (n, columns).
        y: Targets (n,).
        names: Of the columns.
        x_scale: What each column was divided by.
        y_scale: What the targets were divided by.
        noise: Deviation of the targets' noise, as a share of their deviation; 0 where there is none.
    """

    x: Array
    y: Array
    names: tuple[str, ...]
    x_scale: Array
    y_scale: float
    noise: float = 0.0

    @classmethod
    def of(cls, x: Array, y: Array, names: Sequence[str], noise: float = 0.0) -> Problem:
        """Scale raw samples."""
        x_scale = np.array([_size(column) for column in x.T])
        y_scale = _size(
            np.array([np.abs(y).max()])
        )  # not their mean: targets may range over hundreds of decades
        return cls(x / x_scale, y / y_scale, tuple(names), x_scale, y_scale, noise)

    @cached_property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """A symbol for each scaled column."""
        return tuple(sympy.Symbol(name) for name in self.names)

    @cached_property
    def some(self) -> Problem:
        """At most 400 of the samples, taken evenly: what a search looks at first."""
        return self.rows(even_places(len(self.y), _ROWS).numpy())

    @cached_property
    def positive(self) -> tuple[bool, ...]:
        """Which columns are above 0 throughout."""
        return tuple(bool(column.min() > 0) for column in self.x.T)

    @cached_property
    def nonzero(self) -> tuple[bool, ...]:
        """Which columns are never 0."""
        return tuple(bool((column != 0).all()) for column in self.x.T)

    def rows(self, kept: npt.NDArray[Any]) -> Problem:
        """Some of the samples, by number or by a mask, in the same units."""
        return replace(self, x=self.x[kept], y=self.y[kept])

    def of_others(self, x: Array, y: Array) -> Problem:
        """Other samples, in their own units, as those of this problem."""
        return replace(self, x=x / self.x_scale, y=y / self.y_scale)

    @property
    def tolerance(self) -> float:
        """Share of the targets' deviation that a right law may miss."""
        return max(1.5 * self.noise, _ROUNDING)

    def in_units(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression in scaled columns as one in the columns' own units."""
        pairs = zip(self.symbols, self.x_scale.tolist(), strict=True)
        scaled = {symbol: symbol / sympy.Float(scale) for symbol, scale in pairs if scale != 1}
        return sympy.Float(self.y_scale) * expression.xreplace(scaled)


def _size(values: Array) -> float:
    """A power of two near the size of a column."""
    sizes = np.abs(values[(values != 0) & np.isfinite(values)])
    return float(2.0 ** np.round(np.log2(sizes).mean())) if len(sizes) else 1.0
