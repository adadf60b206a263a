"""Search along a descent direction for a step that satisfies the strong Wolfe conditions.

Letters: `t` the step length; `f(t)` the value along the line; the conditions ask for enough decrease,
f(t) <= f(0) + c1 t f'(0), and for a slope that has flattened, |f'(t)| <= c2 |f'(0)|.

Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6, equation 3.59.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .arrays import Array


class Trial(NamedTuple):
    """One point on the line: the step, the value, the slope along the line, and position and gradient."""

    t: float
    value: float
    slope: float
    x: Array
    gradient: Array

    @property
    def finite(self) -> bool:
        """Whether value and slope are numbers."""
        return math.isfinite(self.value) and math.isfinite(self.slope)


@dataclass(frozen=True)
class StrongWolfe:
    """Settings of the search.

    Args:
        decrease: c1, the share of the promised decrease that must come true.
        curvature: c2 > c1, how much of the slope may be left.
        max_evaluations: Trials before the best one so far is taken.

    Example:
        >>> StrongWolfe().curvature
        0.9
    """

    decrease: float = 1e-4
    curvature: float = 0.9
    max_evaluations: int = 25

    def search(self, line: Callable[[float], Trial], start: Trial, t: float) -> tuple[Trial | None, int]:
        """Find a step; `start` is the point at t = 0, and `t` the first length to try.

        Returns:
            The trial taken, which has a lower value than `start`; where none had, a trial that was NaN or
            infinite, or else None; and the number of evaluations.
        """
        broken: Trial | None = None

        def watched(t: float) -> Trial:
            nonlocal broken
            trial = line(t)
            broken = broken if trial.finite else trial
            return trial

        low, high, trial, count = self._bracket(watched, start, t)
        if trial is None and high is not None:
            trial, count = self._zoom(watched, start, low, high, count)
        elif trial is None:
            trial = low
        return (trial if trial.value < start.value else broken), count

    def _bracket(
        self, line: Callable[[float], Trial], start: Trial, t: float
    ) -> tuple[Trial, Trial | None, Trial | None, int]:
        """Lengthen the step until it is good (third result) or a good one must lie within (low, high)."""
        low, limit = start, math.inf
        for count in range(1, self.max_evaluations + 1):
            trial = line(t)
            if not trial.finite:
                limit, t = t, low.t + 0.2 * (t - low.t)
            elif not self._decreases(trial, start) or (low is not start and trial.value >= low.value):
                return low, trial, None, count
            elif self._is_flat(trial, start):
                return trial, None, trial, count
            elif trial.slope >= 0:
                return trial, low, None, count
            else:
                step = trial.t - low.t
                guess = _cubic_minimum(low, trial, trial.t + 0.1 * step, trial.t + 9 * step)
                if trial.slope < low.slope:  # it bends down: the cubic knows no minimum ahead
                    guess = max(guess, trial.t + step)
                if guess >= limit:
                    guess = trial.t + 0.5 * (limit - trial.t)
                low, t = trial, guess
        return low, None, None, self.max_evaluations

    def _zoom(
        self, line: Callable[[float], Trial], start: Trial, low: Trial, high: Trial, count: int
    ) -> tuple[Trial, int]:
        """Narrow the bracket, `low` being its end with the lower value."""
        widths = [abs(high.t - low.t)] * 2
        while count < self.max_evaluations:
            width = high.t - low.t
            t = _cubic_minimum(low, high, low.t + 0.1 * width, low.t + 0.9 * width)
            if abs(width) > 0.66 * widths[0]:
                t = low.t + 0.5 * width  # two rounds without a third off: halve
            if t in (low.t, high.t):
                break
            trial, count = line(t), count + 1
            if not trial.finite or not self._decreases(trial, start) or trial.value >= low.value:
                high = trial
            else:
                if self._is_flat(trial, start):
                    return trial, count
                if trial.slope * width >= 0:
                    high = low
                low = trial
            widths = [widths[1], abs(width)]
        return low, count

    def _decreases(self, trial: Trial, start: Trial) -> bool:
        return trial.value <= start.value + self.decrease * trial.t * start.slope

    def _is_flat(self, trial: Trial, start: Trial) -> bool:
        return abs(trial.slope) <= -self.curvature * start.slope


def _cubic_minimum(a: Trial, b: Trial, nearest: float, farthest: float) -> float:
    """Minimum of the cubic through both values and slopes, kept between the two bounds."""
    lowest, highest = min(nearest, farthest), max(nearest, farthest)
    middle = 0.5 * (lowest + highest)
    if not (a.finite and b.finite) or a.t == b.t:
        return middle
    d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t)
    root = d1 * d1 - a.slope * b.slope
    if not root >= 0:
        return middle
    d2 = math.copysign(math.sqrt(root), b.t - a.t)
    below = b.slope - a.slope + 2 * d2
    if below == 0 or not math.isfinite(below):
        return middle
    t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / below
    return min(max(t, lowest), highest)
