"""`Method`: all settings of how an equation is solved."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError


@dataclass(frozen=True)
class Method:
    """How an equation is solved.

    Args:
        steps: Gauss-Newton iterations to a grid, at most.
        points: Points of the equation to a parameter.
        boundary_points: Points to a face; eight to a cell of the first grid if None.
        condition_weight: Weight of conditions that name none, beside the equation's mean square.
        windows: Equal parts of the time, each with a network of its own that starts exactly where the one
            before ended. Later parts start from the weights of the one before, on the last grid.
        follow: Whether knots of the first layer move to where the solution bends.
        adaptive: Share of the points that is drawn by the residual from the second grid on.
        attention: Whether points are weighted by their residuals (RBA).
        damping: Of the first step.
        tolerance: Root mean square residual at which to end.
        seconds: Wall-clock time after which to end.

    Example:
        >>> Method(windows=4).steps
        30
    """

    steps: int = 30
    points: float = 3.0
    boundary_points: int | None = None
    condition_weight: float = 100.0
    windows: int = 1
    follow: bool = False
    adaptive: float = 0.0
    attention: bool = False
    damping: float = 1e-2
    tolerance: float = 0.0
    seconds: float = float("inf")

    def __post_init__(self) -> None:
        for name in ("steps", "points", "condition_weight", "windows", "damping", "seconds"):
            if not getattr(self, name) > 0:
                raise InputError(
                    f"solve: {name} must be positive; got {getattr(self, name)!r}. Leave it out for the default."
                )
        if not 0 <= self.adaptive < 1:
            raise InputError(
                f"solve: adaptive must be from 0 to below 1; got {self.adaptive!r}. It is a share of the points."
            )
