"""Frequencies of the waves in a target: the peaks of its least-squares periodogram, and those beside them.

Source: Lomb (1976), Scargle (1982): a sine and a cosine are fitted at each frequency, so samples may lie anywhere.
"""

from __future__ import annotations

import numpy as np

from .problem import Array

_WAVES = 3
_BESIDE = 5
_FINE = 4  # frequencies within the width of a peak, pi over the range
_MOST = 1000


def frequencies(x: Array, y: Array) -> Array:
    """Angular frequencies in which a target may wave, the strongest peaks first, each with those beside it.

    Even samples tell nothing beyond half their rate, so no frequency is higher; nor is any for uneven ones of the same
    number.

    Args:
        x: A column (n,).
        y: The target (n,).

    Returns:
        Shape (frequencies,); empty where the column has too few values.

    Example:
        >>> x = np.linspace(0, 1, 200)
        >>> round(float(frequencies(x, 3 * np.sin(40 * x) + x)[0]))
        40
    """
    values = np.unique(x)
    width = float(values[-1] - values[0])
    if len(values) < 2 * _BESIDE or width <= 0:
        return np.empty(0)
    step = np.pi / width / _FINE
    grid = step * np.arange(1, min(_FINE * (len(values) - 1), _MOST))
    phase = (x - values[0])[:, None] * grid
    tables = np.stack([np.cos(phase), np.sin(phase)], 2)
    design = np.stack([np.ones_like(x), x, x**2], 1)
    found: list[int] = []
    for _ in range(_WAVES):
        base = np.linalg.qr(design)[0]
        power = _explained(base, tables, y - base @ (base.T @ y))
        power[found] = 0.0
        peak = int(power.argmax())
        if power[peak] <= 0:
            break
        found.append(peak)
        design = np.concatenate([design, tables[:, peak]], 1)
    beside = [0, *(sign * k for k in range(1, _BESIDE + 1) for sign in (1, -1))]
    places = dict.fromkeys(peak + shift for peak in found for shift in beside)
    return np.asarray(grid[[place for place in places if 0 <= place < len(grid)]])


def _explained(base: Array, tables: Array, rest: Array) -> Array:
    """Share of the rest that a sine and a cosine of each frequency explain beside the base."""
    flat = tables.reshape(len(tables), -1)
    free = (flat - base @ (base.T @ flat)).reshape(tables.shape)
    cosine, sine = free[..., 0], free[..., 1]
    cc, ss, cs = (cosine**2).sum(0), (sine**2).sum(0), (cosine * sine).sum(0)
    c, s = rest @ cosine, rest @ sine
    determinant = cc * ss - cs**2
    fine = determinant > 1e-6 * cc * ss
    with np.errstate(all="ignore"):
        explained = (c**2 * ss - 2 * c * s * cs + s**2 * cc) / determinant / (rest @ rest)
    return np.where(fine & np.isfinite(explained), explained, 0.0)
