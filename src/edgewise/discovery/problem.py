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
        weights: What each squared error counts, (n,), 1 in the mean; None where all count alike.
        deviation: What errors are a share of, in units of `y`, where that is not the deviation of `y`.
        functions: Names of those that laws may hold; None for all.
    """

    x: Array
    y: Array
    names: tuple[str, ...]
    x_scale: Array
    y_scale: float
    noise: float = 0.0
    weights: Array | None = None
    deviation: float | None = None
    functions: frozenset[str] | None = None

    @classmethod
    def of(
        cls,
        x: Array,
        y: Array,
        names: Sequence[str],
        noise: float = 0.0,
        *,
        weights: Array | None = None,
        deviation: float | None = None,
    ) -> Problem:
        """Scale raw samples; weights may be of any size, the deviation is in units of `y`."""
        x_scale = np.array([_size(column) for column in x.T])
        y_scale = _size(
            np.array([np.abs(y).max()])
        )  # not their mean: targets may range over hundreds of decades
        found = cls(x / x_scale, y / y_scale, tuple(names), x_scale, y_scale, noise)
        if weights is None:
            return found
        deviation = float(y.std()) if deviation is None else deviation
        return replace(found, weights=weights / weights.mean(), deviation=deviation / y_scale)

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
        some = replace(self, x=self.x[kept], y=self.y[kept])
        if self.weights is None or self.deviation is None:
            return some
        # Errors are means over weights: those of other rows have another mean.
        weights = self.weights[kept]
        mean = float(weights.mean()) or 1.0
        return replace(some, weights=weights / mean, deviation=self.deviation / mean**0.5)

    @property
    def spread(self) -> float:
        """What weighted errors of the targets are a share of: the deviation of the targets, but for weights."""
        return (float(self.y.std()) if self.deviation is None else self.deviation) or 1.0

    @cached_property
    def roots(self) -> Array:
        """What each error is multiplied by, (n,): the roots of the weights."""
        return np.ones(len(self.y)) if self.weights is None else np.sqrt(self.weights)

    @property
    def tolerance(self) -> float:
        """Share of the targets' deviation that a right law may miss."""
        return max(1.5 * self.noise, _ROUNDING)

    def in_units(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression in scaled columns as one in the columns' own units."""
        pairs = zip(self.symbols, self.x_scale.tolist(), strict=True)
        scaled = {symbol: symbol / sympy.Float(scale) for symbol, scale in pairs if scale != 1}
        return sympy.Float(self.y_scale) * expression.xreplace(scaled)

    def scaled(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression in the columns' own units as one in scaled columns; its factors are exact, and no constants."""
        known = {
            symbol: symbol * sympy.Rational(scale)
            for symbol, scale in zip(self.symbols, self.x_scale.tolist(), strict=True)
        }
        return expression.xreplace(known) / sympy.Rational(self.y_scale)


def _size(values: Array) -> float:
    """A power of two near the size of a column."""
    sizes = np.abs(values[(values != 0) & np.isfinite(values)])
    return float(2.0 ** np.round(np.log2(sizes).mean())) if len(sizes) else 1.0


def telling(values: Array) -> npt.NDArray[np.intp]:
    """Places of at most 400 samples: half of them those whose values are farthest from the middle, the others even.

    Where a few values are far larger than the others, as those of products over decades are, even samples miss them,
    and what the others have to say is lost in noise.
    """
    far = np.argsort(-np.abs(values - np.median(values)), kind="stable")[: _ROWS // 2]
    others = np.setdiff1d(np.arange(len(values)), far)
    return np.sort(np.concatenate([far, others[even_places(len(others), _ROWS - len(far)).numpy()]]))
