"""The one loop that drives whatever is done step by step, and what looks on between the steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..events import Stop, StopReason
from .status import SMALL_GRADIENT


class Process(Protocol):
    """Something that is done step by step: a minimiser on its way, or an engine of training."""

    @property
    def value(self) -> float:
        """What is being lowered, as it is now."""
        ...

    @property
    def status(self) -> Stop | None:
        """Why another step would change nothing; None while it may."""
        ...

    def step(self) -> Any:
        """Do one step."""
        ...


class Observer:
    """Looks on between the steps of a loop, and may end it; each method does nothing unless it is overridden.

    `after` is asked in the order of the observers, `end` in the opposite one.
    """

    def start(self, process: Any, done: int) -> None:
        """Called once before the first step; `done` steps were done by an earlier run."""

    def before(self, process: Any, done: int) -> None:
        """Called before each step, after `done` of them."""

    def after(self, process: Any, done: int) -> Stop | None:
        """Called after each step, the last of `done`; a reason ends the loop."""

    def will_restart(self, done: int) -> bool:
        """Whether it is going to change the problem after `done` steps, so that a process at its end goes on."""
        return False

    def end(self, process: Any, stop: Stop | None) -> None:
        """Called once when the loop is left; `stop` is None where an error ended it."""


@dataclass
class Loop:
    """Steps of a process until there is a reason to stop.

    Args:
        process: What is done.
        steps: Steps to do, those of an earlier run included.
        observers: Who looks on between steps.
        done: Steps done; a step that leaves no finite value does not count.
        interruptible: Whether Ctrl-C is a reason to stop; else it is raised.

    Example:
        >>> class Halving:
        ...     value, status = 8.0, None
        ...     def step(self):
        ...         self.value /= 2
        >>> process = Halving()
        >>> Loop(process, steps=3).run().reason == "steps", process.value
        (True, 1.0)
    """

    process: Process
    steps: int
    observers: Sequence[Observer] = ()
    done: int = 0
    interruptible: bool = False

    def run(self) -> Stop:
        """Go on until a reason to stop."""
        stop = None
        try:
            stop = self._run()
        except KeyboardInterrupt:
            if not self.interruptible:
                raise
            stop = Stop(StopReason.INTERRUPTED, f"after {self.done} steps")
        finally:
            for observer in reversed(self.observers):
                observer.end(self.process, stop)
        return stop

    def _run(self) -> Stop:
        process, observers = self.process, self.observers
        for observer in observers:
            observer.start(process, self.done)
        for step in range(self.done, self.steps):
            for observer in observers:
                observer.before(process, step)
            process.step()
            if not math.isfinite(process.value):
                return Stop(StopReason.NON_FINITE, f"at step {step + 1}")
            self.done = step + 1
            for observer in observers:
                stop = observer.after(process, self.done)
                if stop is not None:
                    return stop
            if process.status is not None and not self._goes_on(process.status):
                return process.status
        return Stop(StopReason.STEPS)

    def _goes_on(self, status: Stop) -> bool:
        """Whether a process at its end is brought to life again; one without gradient or numbers never is."""
        lost = status.reason is StopReason.NON_FINITE or status == SMALL_GRADIENT
        return not lost and any(observer.will_restart(self.done) for observer in self.observers)
