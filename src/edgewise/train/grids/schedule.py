"""One grid after another, each finer than the one before: which, when to go on, and when it no longer pays.

Source: grid extension: Liu et al. 2024, arXiv:2404.19756, section 2.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..._checks import as_int
from ...errors import Cancelled, InputError
from ...events import StopReason, reason_of
from ...network import Network

MIN_GAIN = 0.1
"""Share of the lowest loss so far by which a finer grid has to lower it."""

ENDS_ALL = frozenset(
    {
        StopReason.CALLBACK,
        StopReason.CANCELLED,
        StopReason.INTERRUPTED,
        StopReason.NON_FINITE,
        StopReason.TIME,
        StopReason.TOLERANCE,
    }
)
"""Reasons to stop on one grid for which no finer one is tried."""


@dataclass(frozen=True)
class GridStage:
    """What one grid of a schedule came to.

    Args:
        grid: Intervals of every spline, or one number a layer.
        iterations: Steps of the optimiser.
        seconds: Wall-clock time.
        stop: Why training ended on this grid.
        selection_loss: The loss by which grids are compared, a root mean square where it can be one.
    """

    grid: int | tuple[int, ...]
    iterations: int
    seconds: float
    stop: StopReason
    selection_loss: float


@dataclass(frozen=True)
class GridSchedule:
    """Grids to be trained on, from coarse to fine.

    Args:
        grids: Intervals of every spline, rising.
        until_no_better: Whether to end with the first grid that is no better than those before.

    Raises:
        InputError: the grids are not rising whole numbers.

    Example:
        >>> GridSchedule((3, 6, 12)).goes_on([1.0, 1.0])
        True
    """

    grids: tuple[int, ...]
    until_no_better: bool = False

    def __post_init__(self) -> None:
        if not self.grids or list(self.grids) != sorted(set(self.grids)):
            raise _wrong_grids(list(self.grids))

    @classmethod
    def of(cls, grids: str | Sequence[int], model: Network, *, max_grid: int) -> GridSchedule:
        """The grids given, or from the model's own on twice as many intervals each time.

        Args:
            grids: Rising whole numbers, or "auto", which ends where samples set aside say that more no longer
                pays.
            model: Whose grid is the first.
            max_grid: Where "auto" ends at the latest.

        Raises:
            InputError: neither.

        Example:
            >>> from edgewise.network import build
            >>> GridSchedule.of("auto", build([2, 1], grid=3), max_grid=20).grids
            (3, 6, 12)
        """
        if not isinstance(grids, str):
            try:
                return cls(tuple(as_int(grid, 1) for grid in grids))
            except ValueError:
                raise _wrong_grids(grids) from None
        if grids != "auto":
            raise InputError(
                f"fit: grids must be 'auto' or rising whole numbers; got {grids!r}. Pass 'auto'."
            )
        doubled = [max(model.grid)]
        while 2 * doubled[-1] <= max_grid:
            doubled.append(2 * doubled[-1])
        return cls(tuple(doubled), until_no_better=True)

    def goes_on(self, losses: Sequence[float]) -> bool:
        """Whether a finer grid is worth trying after these losses, one a grid."""
        return not self.until_no_better or is_improving(losses)


def is_improving(losses: Sequence[float], min_gain: float = MIN_GAIN) -> bool:
    """Whether the last of several losses is lower than all before by enough to go on.

    Example:
        >>> is_improving([1.0]), is_improving([1.0, 0.5]), is_improving([1.0, 0.5, 0.49])
        (True, True, False)
    """
    return len(losses) < 2 or losses[-1] < (1 - min_gain) * min(losses[:-1])


T = TypeVar("T")
S = TypeVar("S", bound=GridStage)


def run_stages(
    targets: Iterable[T],
    train: Callable[[T], S],
    stages: list[S],
    goes_on: Callable[[Sequence[float]], bool] = lambda losses: True,
) -> StopReason:
    """Train on one grid after another until all are done, no better, or one of them ends it all.

    Args:
        targets: The grids, or whatever `train` takes.
        train: Trains on one grid, going on from where the one before ended.
        stages: What it gave, in order; appended to.
        goes_on: Whether a finer grid is tried after these losses.

    Returns:
        GRIDS where all were trained, NO_BETTER_GRID, INTERRUPTED, CANCELLED, or the reason of the last stage.

    Raises:
        KeyboardInterrupt: Ctrl-C came before there was a stage; Cancelled likewise.

    Example:
        >>> stages = []
        >>> str(run_stages([3, 6], lambda grid: GridStage(grid, 1, 0.0, StopReason.STEPS, 0.5), stages))
        'grids'
    """
    for target in targets:
        try:
            stages.append(train(target))
        except (KeyboardInterrupt, Cancelled) as cause:
            if not stages:
                raise
            return reason_of(cause)
        if stages[-1].stop in ENDS_ALL:
            return stages[-1].stop
        if not goes_on([stage.selection_loss for stage in stages]):
            return StopReason.NO_BETTER_GRID
    return StopReason.GRIDS


def _wrong_grids(grids: Any) -> InputError:
    return InputError(f"fit: grids must be rising whole numbers; got {grids!r}. For example [3, 6, 12].")
