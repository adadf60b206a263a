"""What powers of columns leave of the logarithms of targets, and of others beside them."""

from __future__ import annotations

import numpy as np

from .factor import LARGEST_POWER
from .problem import Array


class Left:
    """What a matrix leaves of a vector, and of others beside it."""

    def __init__(self, design: Array, target: Array, weights: Array) -> None:
        self._base = np.linalg.qr(design * weights[:, None])[0]
        self._design, self._target, self._weights = design, target, weights
        spread = np.linalg.norm((target - np.average(target, weights=weights**2)) * weights)
        target = target * weights
        self.rest = target - self._base @ (self._base.T @ target)
        self._size = np.linalg.norm(self.rest)
        self._share = self._size / spread if spread > 0 else 0.0
        self.missed = float(self._share)

    def at(self, rows: slice) -> Left:
        """The same on some of the samples."""
        return Left(self._design[rows], self._target[rows], self._weights[rows])

    def without(self, *columns: Array) -> Left:
        """The same with more columns in the matrix."""
        return Left(np.column_stack([self._design, *columns]), self._target, self._weights)

    def beyond(self, columns: Array) -> Array:
        """What the matrix leaves of each of these columns, weighted."""
        columns = columns * self._weights[:, None]
        return columns - self._base @ (self._base.T @ columns)

    def missed_with(self, columns: Array, largest: float = LARGEST_POWER) -> Array:
        """What would be left with each of these columns (n, m) more, as a share of the target's spread.

        Args:
            columns: Candidates.
            largest: Power that a column may have.
        """
        with np.errstate(all="ignore"):
            rest = self.beyond(columns)
            sizes = np.linalg.norm(rest, axis=0)
            along = self.rest @ rest / sizes
            power = along / sizes
            missed = self._share * np.sqrt(np.maximum(1 - (along / self._size) ** 2, 0))
            bad = ~np.isfinite(missed) | (np.abs(power) > largest)
            bad |= sizes < 1e-9 * np.linalg.norm((columns - columns.mean(0)) * self._weights[:, None], axis=0)
        return np.where(bad, np.inf, missed)
