"""Waves at evenly spaced samples: faster ones have the same values there, which is said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import sympy

from .problem import Array

_EVEN = 1e-6
_TOLD = math.pi / 4  # of a turn between samples, from which others are worth a note: eight samples a turn


def spacing(column: Array) -> float | None:
    """The distance of a lattice that a column's values lie on; None where they lie on none.

    Example:
        >>> spacing(np.array([0.0, 0.5, 2.0, 1.0])), spacing(np.array([0.0, 0.5, 0.7123]))
        (0.5, None)
    """
    values = np.unique(column)
    if len(values) < 3:
        return None
    steps = np.diff(values)
    steps = steps[steps > _EVEN * (values[-1] - values[0]) / len(values)]
    step = float(steps.min())
    turns = (values - values[0]) / step
    # The first guess is off by rounding: all values together tell the distance better.
    step = float((values[-1] - values[0]) / round(float(turns[-1])))
    off = np.abs(turns * (float(steps.min()) / step) - np.round((values - values[0]) / step))
    return step if float(off.max()) < _EVEN * max(1.0, float(turns[-1])) and _is_told(step, values) else None


def _is_told(step: float, values: Array) -> bool:
    """Numbers of many digits lie on the lattice of their last one, which tells nothing."""
    return (values[-1] - values[0]) / step < 20 * len(values)


def lines_on_waves(law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> list[str]:
    """Notes on waves of a column that others agree with at all samples, the slowest of them named.

    Args:
        law: In the columns.
        symbols: Of the columns.
        x: Samples (n, columns).
    """
    found = []
    for symbol, rate in sorted(_waves(law, symbols), key=str):
        step = spacing(x[:, list(symbols).index(symbol)])
        if step is None or abs(rate) * step <= _TOLD:
            continue
        whole = 2 * math.pi / step
        slow = abs(rate - whole * round(rate / whole))
        fast = whole - slow
        other = slow if slow < abs(rate) - 1e-9 * whole else fast
        which = "slower" if other == slow else "faster"
        found.append(
            f"Between the samples the wave may be another: {symbol} is sampled every {step:.6g}, where a {which} one of "
            f"{other:.6g}*{symbol} has the same values as that of {abs(rate):.6g}*{symbol}."
        )
    return list(dict.fromkeys(found))


def _waves(law: sympy.Expr, symbols: Sequence[sympy.Symbol]) -> Iterator[tuple[sympy.Symbol, float]]:
    """Columns in the arguments of sines and cosines, and the rates at which these turn."""
    for wave in law.atoms(sympy.sin, sympy.cos, sympy.tan):
        for symbol in wave.args[0].free_symbols & set(symbols):
            rate = sympy.diff(wave.args[0], symbol)
            if rate.is_number:
                yield symbol, abs(float(rate))
