"""Times of several calls, taken in turn, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

SAMPLE_SECONDS = 0.02
"""A sample repeats its call until it takes about as long."""
FEWEST_ROUNDS = 5
LONGEST_WARM_UP = 0.1
"""A call that takes less is made once before each sample: what the one before it left in caches is not its time."""
CLOCKS = ("wall", "processor")
"""Processor time is what one thread would take on a machine of its own; it says nothing of several threads."""


@dataclass
class Timing:
    """Samples of one call, one a round.

    Args:
        seconds: Time of one call, by the clock that was asked for.
        cores: Processor time for wall time over all samples: the cores that were in use.
    """

    seconds: list[float] = field(default_factory=list)
    cores: float = 0.0

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Ends of the middle half of the samples."""
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high


def alternate(
    calls: dict[Key, Callable[[], object]], budget: float, clock: str = "wall"
) -> dict[Key, Timing]:
    """Time each call once a round, until the budget is spent; the first of a round is another each time.

    Args:
        calls: What to time, by name.
        budget: Seconds for all rounds; at least five rounds are made.
        clock: One of `CLOCKS`.
    """
    repeats = {name: _repeats(call) for name, call in calls.items()}
    taken: dict[Key, list[tuple[float, float]]] = {name: [] for name in calls}
    names = list(calls)
    end = time.perf_counter() + budget
    gc.collect()
    gc.disable()
    try:
        while time.perf_counter() < end or len(taken[names[0]]) < FEWEST_ROUNDS:
            for name in names:
                if not taken[name] or taken[name][-1][0] / repeats[name] < LONGEST_WARM_UP:
                    calls[name]()
                taken[name].append(_sample(calls[name], repeats[name]))
            names = names[1:] + names[:1]
    finally:
        gc.enable()
    return {name: _timing(samples, repeats[name], clock) for name, samples in taken.items()}


def paired_ratio(upper: Timing, lower: Timing) -> float:
    """Median over the rounds of the ratio of two samples of one round."""
    return statistics.median(a / b for a, b in zip(upper.seconds, lower.seconds, strict=True))


def _timing(samples: list[tuple[float, float]], repeats: int, clock: str) -> Timing:
    """Samples of wall and processor time of several calls, as times of one."""
    walls, processors = zip(*samples, strict=True)
    chosen = walls if clock == "wall" else processors
    return Timing([time / repeats for time in chosen], sum(processors) / sum(walls))


def _repeats(call: Callable[[], object]) -> int:
    """Warm up, and find how many calls a sample takes."""
    call()
    call()
    single = min(_sample(call, 1)[0] for _ in range(3))
    return max(1, round(SAMPLE_SECONDS / single))


def _sample(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Wall and processor time of some calls."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        call()
    return time.perf_counter() - wall, time.process_time() - cpu
