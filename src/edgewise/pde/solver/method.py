"""`Method`: all settings of how an equation is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...errors import InputError


@dataclass(frozen=True)
class Method:
    """How an equation is solved.

    Args:
        steps: Gauss-Newton iterations to a grid, at most.
        points: Points of the equation to a parameter.
        boundary_points: Points to a face; eight to a cell of the first grid if None.
        condition_weight: Weight of conditions that name none, beside the equation's mean square.
        windows: Windows of time, each with a network of its own that starts exactly where the one before
            ended, on the last grid: how many equal ones, or where each ends, as shares of the time.
        adapt_knots: Whether knots of the first layer move to where the second derivatives are large.
        rad_fraction: Share of the points that is sampled by the residual from the second grid on (RAD).
        rba: Whether points are weighted by residual-based attention.
        damping: Of the first step.
        tolerance: Root mean square residual at which to end.
        max_seconds: Wall-clock time after which to end.

    Example:
        >>> Method(windows=4).steps
        30
    """

    steps: int = 30
    points: float = 3.0
    boundary_points: int | None = None
    condition_weight: float = 10.0
    windows: int | Sequence[float] = 1
    adapt_knots: bool = False
    rad_fraction: float = 0.0
    rba: bool = False
    damping: float = 1e-2
    tolerance: float = 0.0
    max_seconds: float = float("inf")

    def __post_init__(self) -> None:
        for name in ("steps", "points", "condition_weight", "damping", "max_seconds"):
            if not getattr(self, name) > 0:
                raise InputError(
                    f"solve: {name} must be positive; got {getattr(self, name)!r}. Leave it out for the default."
                )
        shares = self.ends
        if not shares or shares[-1] != 1 or not all(a < b for a, b in pairwise((0.0, *shares))):
            raise InputError(
                f"solve: windows must be a number of windows, or rising shares that end with 1; got "
                f"{self.windows!r}. For example 4, or (0.1, 0.4, 1)."
            )
        if not 0 <= self.rad_fraction < 1:
            raise InputError(
                f"solve: rad_fraction must be from 0 to below 1; got {self.rad_fraction!r}. It is a share of the points."
            )

    @property
    def ends(self) -> tuple[float, ...]:
        """Where each window of time ends, as a share of it."""
        if isinstance(self.windows, int):
            return tuple((number + 1) / self.windows for number in range(self.windows))
        return tuple(float(share) for share in self.windows)
