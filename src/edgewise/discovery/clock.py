"""The time that a search has."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_SOURCE: list[Callable[[], float]] = [time.monotonic]


def now() -> float:
    """Seconds, of the wall clock unless `measure_time_by` said otherwise."""
    return _SOURCE[0]()


def measure_time_by(source: Callable[[], float]) -> None:
    """Let searches of this process count other seconds, such as `time.process_time` for benchmarks on a busy machine.

    Args:
        source: Gives seconds that only grow.
    """
    _SOURCE[0] = source


@dataclass
class Clock:
    """The time there is.

    Attributes:
        seconds: Time from the start, by the wall clock as a rule.
        start: When it started.
        stopped: Whether it was stopped before.
        outer: A clock that this one stops with.
    """

    seconds: float
    start: float = field(default_factory=now)
    stopped: bool = False
    outer: Clock | None = None

    def left(self) -> bool:
        """Whether there is some."""
        return self.remaining > 0 and not self.stopped and (self.outer is None or self.outer.left())

    def stop(self) -> None:
        """Let no time be left."""
        self.stopped = True

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return now() - self.start

    @property
    def remaining(self) -> float:
        """Seconds that are left."""
        return self.seconds - self.used

    def part(self, share: float, *, least: float = 0.0) -> Clock:
        """A clock from now on for a share of what is left, in seconds at least so much."""
        return Clock(max(share * self.remaining, least), outer=self)
