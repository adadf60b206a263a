"""The time that a search has."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Clock:
    """The time there is.

    Attributes:
        seconds: Wall-clock time from the start.
        start: When it started.
        stopped: Whether it was stopped before.
        outer: A clock that this one stops with.
    """

    seconds: float
    start: float = field(default_factory=time.monotonic)
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
        return time.monotonic() - self.start

    @property
    def remaining(self) -> float:
        """Seconds that are left."""
        return self.seconds - self.used

    def part(self, share: float, *, least: float = 0.0) -> Clock:
        """A clock from now on for a share of what is left, in seconds at least so much."""
        return Clock(max(share * self.remaining, least), outer=self)
