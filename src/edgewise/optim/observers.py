"""Observers that any loop can use: a plateau or a stall, a value small enough, early stopping, a callback, and whoever listens to events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ..events import Stop, StopReason, emit, listening
from .loop import Observer


class Plateau(Observer):
    """Ends a loop whose last steps together gained too little.

    Args:
        window: How many steps count.
        tolerance: Share of the value that they must gain.

    Example:
        >>> from edgewise.optim.loop import Loop
        >>> class Stuck:
        ...     value, status = 1.0, None
        ...     def step(self): ...
        >>> Loop(Stuck(), 50, [Plateau(window=10, tolerance=0.1)]).run().reason == "plateau"
        True
    """

    def __init__(self, window: int, tolerance: float) -> None:
        self.tolerance = tolerance
        self._values: deque[float] = deque(maxlen=window + 1)

    def start(self, process: Any, done: int) -> None:
        """Begin anew at the present value."""
        self.restart(process.value)

    def restart(self, value: float) -> None:
        """Forget all values but this: they belong to another problem."""
        self._values.clear()
        self._values.append(value)

    def after(self, process: Any, done: int) -> Stop | None:
        """Compare the value with that of `window` steps before."""
        values = self._values
        values.append(process.value)
        full = len(values) == values.maxlen
        return Stop(StopReason.PLATEAU) if full and values[-1] > (1 - self.tolerance) * values[0] else None


class Stall(Observer):
    """Ends a loop after several steps in a row of which each gained too little.

    Args:
        steps: How many steps in a row.
        gain: Share of the value that a step must gain.

    Example:
        >>> from edgewise.optim.loop import Loop
        >>> class Stuck:
        ...     value, status = 1.0, None
        ...     def step(self): ...
        >>> loop = Loop(Stuck(), 50, [Stall(steps=3, gain=0.1)])
        >>> loop.run().reason == "plateau", loop.done
        (True, 3)
    """

    def __init__(self, steps: int, gain: float) -> None:
        self._steps, self._gain = steps, gain
        self._before, self._stalled = float("inf"), 0

    def start(self, process: Any, done: int) -> None:
        """Begin anew at the present value."""
        self._before, self._stalled = process.value, 0

    def after(self, process: Any, done: int) -> Stop | None:
        """Compare the value with that of the step before."""
        stalled = process.value > (1 - self._gain) * self._before
        self._stalled = self._stalled + 1 if stalled else 0
        self._before = process.value
        return Stop(StopReason.PLATEAU) if self._stalled >= self._steps else None


class Tolerance(Observer):
    """Ends a loop whose value is as small as was asked.

    Args:
        value: What is small enough.
    """

    def __init__(self, value: float) -> None:
        self._value = value

    def after(self, process: Any, done: int) -> Stop | None:
        """Compare."""
        return Stop(StopReason.TOLERANCE) if process.value <= self._value else None


class EarlyStopping(Observer):
    """Keeps the best weights by a monitored loss, and ends a loop where that has not fallen for long.

    Args:
        monitored: Measures the loss at the present weights; NaN is never the best.
        take: Keeps the present weights, as they are the best so far.
        patience: Steps without a lower loss that are borne; None for any number.

    Attributes:
        lowest: The best loss.
        steps_since_best: How many steps ago that was.

    Example:
        >>> losses = iter([3.0, 1.0, 2.0, 2.0, 0.5])
        >>> stopping = EarlyStopping(lambda: next(losses), take=lambda: None, patience=2)
        >>> stopping.start(None, 0)
        >>> [stopping.after(None, done) is None for done in (1, 2, 3)]
        [True, True, False]
        >>> stopping.lowest, stopping.steps_since_best
        (1.0, 2)
    """

    def __init__(
        self, monitored: Callable[[], float], take: Callable[[], None], patience: int | None = None
    ) -> None:
        self._monitored, self._take, self.patience = monitored, take, patience
        self.lowest, self.steps_since_best = float("inf"), 0

    def start(self, process: Any, done: int) -> None:
        """Measure before the first step."""
        if done == 0:
            self.update(self._monitored())

    def after(self, process: Any, done: int) -> Stop | None:
        """Measure, and lose patience or not."""
        self.update(self._monitored())
        if self.patience is not None and self.steps_since_best >= self.patience:
            return Stop(StopReason.PATIENCE, f"after {done} steps")
        return None

    def update(self, loss: float) -> None:
        """Keep the present weights if `loss` is the lowest so far."""
        if loss < self.lowest:
            self._take()
            self.lowest, self.steps_since_best = loss, 0
        else:
            self.steps_since_best += 1


class Callback(Observer):
    """Calls a function after each step with the steps done and what it asks for; a true result ends the loop.

    Args:
        function: What is called.
        values: Gives its second argument.
    """

    def __init__(self, function: Callable[[int, Any], Any], values: Callable[[], Any]) -> None:
        self._function, self._values = function, values

    def after(self, process: Any, done: int) -> Stop | None:
        """Call."""
        if self._function(done, self._values()):
            return Stop(StopReason.CALLBACK, f"after {done} steps")
        return None


class Listener(Observer):
    """Tells each step to whoever listens, and ends the loop where they cancel it.

    Args:
        verb: Who does the steps.
        total: Steps there will be at most; None where that is not known.
        values: Gives what was measured.
    """

    def __init__(self, verb: str, total: int | None, values: Callable[[], Mapping[str, float]]) -> None:
        self._verb, self._total, self._values = verb, total, values

    def after(self, process: Any, done: int) -> Stop | None:
        """Tell; values are made only if somebody listens."""
        if listening() and emit("step", self._verb, step=done, total=self._total, values=self._values()):
            return Stop(StopReason.CANCELLED, f"after {done} steps")
        return None
