"""Numbers that stand for a gap: -999, 9999 and the like, where they are repeated and far from all others."""

from __future__ import annotations

import re

import numpy as np

_LOOKS = re.compile(r"-?9+|-?8{2,}|-?7{2,}|-1")
_FILL = 1e15
"""Files of measured fields fill gaps with numbers so large, as 1e20."""

_LEAST = 3
_OTHERS = 5


def codes_of(values: np.ndarray) -> tuple[float, ...]:
    """Numbers of a column that are codes for gaps, sorted.

    One is repeated at least three times, looks like a code (nines, eights or sevens, -1, or 1e15 and more), and is
    farther from all other numbers than these, but for 1 % at either end, are from each other.

    Args:
        values: Without gaps, shape (n,).

    Example:
        >>> codes_of(np.array([1.0, 2.0, 3.0, 4.0, 5.0, -999.0, -999.0, -999.0]))
        (-999.0,)
    """
    numbers, counts = np.unique(values, return_counts=True)
    asked = counts >= _LEAST
    asked[asked] = [_looks(value) for value in numbers[asked]]
    others = numbers[~asked]
    if not asked.any() or len(others) < _OTHERS:
        return ()
    usual = values[~np.isin(values, numbers[asked])]
    low, high = np.quantile(usual, [0.01, 0.99], method="nearest")
    far = [value for value in numbers[asked] if np.abs(others - value).min() > high - low > 0]
    return tuple(map(float, far))


def _looks(value: float) -> bool:
    return abs(value) >= _FILL or bool(_LOOKS.fullmatch(f"{value:.17g}"))
