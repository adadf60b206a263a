"""Positions on a line: as near to where they are wanted as a least spacing lets them be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def space_out(
    wanted: Sequence[float], spacing: Sequence[float] | np.ndarray, low: float, high: float
) -> np.ndarray:
    """Place points in the order given, least squares away from where they are wanted.

    With the spacings taken off, this is isotonic regression: neighbours that want to change places are
    averaged. Bounds are met by clipping, which keeps the solution optimal.

    Args:
        wanted: Where each of the n points would like to be.
        spacing: Least distance between neighbours, n - 1 values.
        low: Least position.
        high: Greatest position; if the points need more room than there is, the spacings are shrunk to fit.

    Returns:
        Positions, shape (n,), rising.

    Example:
        >>> space_out([1.0, 1.0, 4.0], [0.5, 0.5], 0.0, 5.0)
        array([0.75, 1.25, 4.  ])

    Source: Barlow et al. 1972, "Statistical inference under order restrictions" (pooled adjacent violators).
    """
    offsets = np.concatenate([[0.0], np.cumsum(np.asarray(spacing, dtype=float))])
    room = max(high - low, 0.0)
    if offsets[-1] > room:
        offsets *= room / offsets[-1]
    blocks: list[tuple[float, int]] = []
    for value in np.asarray(wanted, dtype=float) - offsets:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (mean * count + before * size) / (count + size), count + size
        blocks.append((mean, count))
    free = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    return np.clip(free, low, max(high - offsets[-1], low)) + offsets
