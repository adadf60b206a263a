"""Middle, spread and far-off values of weighted numbers, which a few wild values do not move."""

from __future__ import annotations

import numpy as np

FAR = 8.0
"""So many spreads from the middle, a value is far off; normal numbers are not, a million of them within 7.3."""

_NORMAL = 1.4826
"""From the spread of normal numbers to their deviation."""


def weighted_quantile(values: np.ndarray, weights: np.ndarray, level: float) -> float:
    """The quantile of the values, each repeated as often as its weight says; of two in the middle, their mean.

    Args:
        values: Shape (n,).
        weights: Shape (n,), positive.
        level: From 0 to 1.

    Example:
        >>> weighted_quantile(np.array([3.0, 1.0]), np.array([1.0, 1.0]), 0.5)
        2.0
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    wanted = level * reached[-1]
    places = [min(int(np.searchsorted(reached, wanted, side)), len(values) - 1) for side in ("left", "right")]
    return float(np.mean(values[order[places]]))


def middle_and_spread(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """The median, and the median distance from it of all values that differ from it; 0 if none does.

    Args:
        values: Shape (n,).
        weights: Shape (n,), positive.

    Example:
        >>> middle_and_spread(np.array([0.0, 0.0, 0.0, 1.0, 1e9]), np.ones(5))[0]
        0.0
    """
    middle = weighted_quantile(values, weights, 0.5)
    away = np.abs(values - middle)
    other = away > 1e-12 * abs(middle)
    return middle, weighted_quantile(away[other], weights[other], 0.5) if other.any() else 0.0


def robust_deviation(values: np.ndarray, weights: np.ndarray) -> float:
    """What the standard deviation would be if the middle half of the values were normal.

    Args:
        values: Shape (n,).
        weights: Shape (n,), positive.

    Example:
        >>> robust_deviation(np.array([-1.0, 0.0, 1.0, 1e9]), np.ones(4)) < 3
        True
    """
    return _NORMAL * middle_and_spread(values, weights)[1]


def far_off(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Which values are more than `FAR` spreads from the middle, shape (n,).

    Args:
        values: Shape (n,).
        weights: Shape (n,), positive.

    Example:
        >>> far_off(np.array([1.0, 2.0, 3.0, 100.0]), np.ones(4)).tolist()
        [False, False, False, True]
    """
    middle, spread = middle_and_spread(values, weights)
    return np.abs(values - middle) > FAR * spread if spread > 0 else np.zeros(len(values), dtype=bool)
