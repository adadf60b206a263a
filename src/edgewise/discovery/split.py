"""The samples of a discovery: those that laws are fitted to, and those that judge them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .problem import Array


@dataclass(frozen=True)
class Split:
    """Samples in their own units.

    Attributes:
        x: Inputs that laws are fitted to (n, columns).
        y: Their targets (n,).
        held_x: Inputs held out.
        held_y: Their targets.
        weights: What each squared error counts, (n,), 1 in the mean with those held out; None where all count alike.
        held_weights: The same for samples held out.
        known: Values of constants that laws may have by name.
    """

    x: Array = field(repr=False)
    y: Array = field(repr=False)
    held_x: Array = field(repr=False)
    held_y: Array = field(repr=False)
    weights: Array | None = field(default=None, repr=False)
    held_weights: Array | None = field(default=None, repr=False)
    known: Mapping[str, float] = field(default_factory=dict)

    @property
    def all_x(self) -> Array:
        """All inputs."""
        return np.concatenate([self.x, self.held_x])

    @property
    def all_y(self) -> Array:
        """All targets."""
        return np.concatenate([self.y, self.held_y])

    @property
    def all_weights(self) -> Array | None:
        """What all squared errors count."""
        if self.weights is None or self.held_weights is None:
            return None
        return np.concatenate([self.weights, self.held_weights])

    def weighted(self, weights: Array | None) -> Split:
        """The same samples with other weights.

        Args:
            weights: Of those fitted to and those held out behind one another; None where all count alike. They become 1
                in the mean of all: over decades the means of few are far apart.
        """
        if weights is None:
            return replace(self, weights=None, held_weights=None)
        weights = weights / weights.mean()
        return replace(self, weights=weights[: len(self.y)], held_weights=weights[len(self.y) :])

    def errors(self, predict: Any) -> tuple[float, float]:
        """Root mean square errors on the samples fitted to and on those held out, weighted if these are.

        Args:
            predict: A function of inputs (n, columns) that gives values (n,).
        """
        return _rmse(self.y - predict(self.x), self.weights), self.held_error(predict)

    def held_error(self, predict: Any) -> float:
        """The second of `errors`."""
        return _rmse(self.held_y - predict(self.held_x), self.held_weights)


def with_known(x: Array, values: Iterable[float]) -> Array:
    """Columns, and behind them one for each constant that is written by name.

    Example:
        >>> with_known(np.array([[1.0], [2.0]]), [9.81]).tolist()
        [[1.0, 9.81], [2.0, 9.81]]
    """
    return np.column_stack([x, *(np.full(len(x), value) for value in values)])


def _rmse(rest: Array, weights: Array | None) -> float:
    return float(np.sqrt(np.mean(rest**2 if weights is None else weights * rest**2)))
