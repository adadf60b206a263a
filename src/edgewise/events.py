"""What long verbs tell while they run, how they are cancelled, and why a run ended.

Whoever wants to follow along enters `listen`; verbs call `emit` between their steps. No verb needs an argument
for it, and without a listener an event costs one look-up of a context variable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Literal

from .errors import Cancelled

Kind = Literal["step", "message", "version"]
Handler = Callable[["Event"], object]


class StopReason(str, Enum):
    """Why a run ended, with advice on what to do next.

    A member equals the word that it stands for, so that results are compared with plain strings.

    Example:
        >>> StopReason.NO_STEPS == "no steps"
        True
        >>> StopReason("callback").advice
        'The callback asked to stop.'
    """

    advice: str

    STEPS = "steps", "All steps were done. Pass more steps if the loss was still falling."
    CONVERGED = "converged", "The tolerance was reached. Refine the grid, widen the network, or lower lamb."
    NO_DESCENT = (
        "no descent",
        "No step lowered the loss, by rounding as a rule. Use float64 or another optimiser.",
    )
    STALLED = (
        "stalled",
        "Steps gain nothing, though the gradient is not zero. Use float64, another optimiser or another seed.",
    )
    NO_BETTER_THAN_MEAN = (
        "no better than the mean",
        "One constant would predict as well. Try more steps, another optimiser or seed, or less lamb, and check "
        "that the inputs tell something of the targets.",
    )
    RESOLUTION = (
        "resolution",
        "The loss is down to the last digits that the data have in their type. Use float64 for data and model, and "
        "subtract large offsets before rounding.",
    )
    PLATEAU = "plateau", "The last steps gained too little. A finer grid or a wider network goes on."
    LARGE_RESIDUAL = (
        "large residual",
        "The steps stood still while too much of the equation or a condition is left: check before you trust it. Is a "
        "condition wrong? Else try a finer grid, a wider network, another seed, or windows of time.",
    )
    OVERFITTED = (
        "overfitted",
        "The residual is small at the points of the solver only, also after points were added where it is missed: do "
        "not trust the solution. Pass more points, a wider network or windows of time.",
    )
    NOT_UNIQUE = (
        "not unique",
        "The equation and its conditions are met by other functions too: this is one of many. Add the conditions "
        "that are missing.",
    )
    PATIENCE = (
        "patience",
        "The monitored loss stopped falling; the best weights are back. Raise patience to go on.",
    )
    TOLERANCE = "tolerance", "The loss is as small as was asked."
    TIME = "time", "The time was up; the best weights so far are kept."
    INTERRUPTED = "interrupted", "Ctrl-C stopped it; the best weights so far are kept."
    CANCELLED = "cancelled", "Its listener cancelled it; the best weights so far are kept."
    CALLBACK = "callback", "The callback asked to stop."
    NON_FINITE = (
        "non-finite",
        "The loss became NaN or infinite; the best weights so far are kept. Lower lr, or scale the data.",
    )
    NO_STEPS = "no steps", "steps=0: the losses were measured and nothing was changed."
    GRIDS = "grids", "All grids were trained, and the best is kept. Name finer ones to go on."
    NO_BETTER_GRID = (
        "no better grid",
        "More intervals gain nothing on the samples set aside; the best grid is kept. More samples allow more.",
    )

    def __new__(cls, word: str, advice: str = "") -> StopReason:
        """Make a member that equals `word`."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.advice = advice
        return member

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(str(self.value), spec)


@dataclass(frozen=True)
class Stop:
    """Why a run ended, and what to do about it.

    Args:
        reason: The reason; it equals its word, such as "converged".
        detail: What else is to be said, or an empty string.

    Example:
        >>> print(Stop(StopReason.CALLBACK))
        callback: The callback asked to stop.
        >>> Stop(StopReason.STEPS).reason == "steps"
        True
    """

    reason: StopReason
    detail: str = ""

    @property
    def advice(self) -> str:
        """What to do next."""
        return self.reason.advice

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.reason}{detail}: {self.advice}"


def reason_of(cause: KeyboardInterrupt | Cancelled) -> StopReason:
    """Why a run ended that one of these broke off.

    Example:
        >>> reason_of(KeyboardInterrupt()) == "interrupted"
        True
    """
    return StopReason.CANCELLED if isinstance(cause, Cancelled) else StopReason.INTERRUPTED


@dataclass(frozen=True)
class Event:
    """Something that a running verb tells.

    Args:
        kind: "step" after a step of many, "message" for a line of text, "version" where the model that is worked
            on was replaced or changed its shape.
        verb: Which verb, such as "fit".
        step: Steps done.
        total: Steps there will be at most; None where that is not known.
        values: Numbers measured, by name.
        text: What is to be read.
    """

    kind: Kind
    verb: str
    step: int = 0
    total: int | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class _Listener:
    handler: Handler
    cancel: threading.Event | None
    outer: _Listener | None

    @property
    def cancelled(self) -> bool:
        own = self.cancel is not None and self.cancel.is_set()
        return own or (self.outer is not None and self.outer.cancelled)

    def hear(self, event: Event) -> None:
        self.handler(event)
        if self.outer is not None:
            self.outer.hear(event)


_LISTENER: ContextVar[_Listener | None] = ContextVar("edgewise listener", default=None)
_NOTHING: Mapping[str, float] = MappingProxyType({})


@contextmanager
def listen(handler: Handler, cancel: threading.Event | None = None) -> Iterator[None]:
    """Hear what verbs tell while they run in this block, and cancel them from another thread.

    Blocks can be nested: all their handlers hear, the inner ones first. A context belongs to a thread: enter
    the block in the thread that calls the verb.

    Args:
        handler: Called with each `Event`, in the thread of the verb; what it raises ends the verb.
        cancel: Once it is set, a verb ends at its next step. One that trains stops with the reason "cancelled",
            the best weights in place; one that has nothing to give back raises `Cancelled`.

    Example:
        >>> heard = []
        >>> with listen(heard.append):
        ...     _ = emit("step", "fit", step=1, total=3, values={"train_loss": 0.5})
        >>> heard[0].step, heard[0].total, heard[0].values["train_loss"]
        (1, 3, 0.5)
    """
    token = _LISTENER.set(_Listener(handler, cancel, _LISTENER.get()))
    try:
        yield
    finally:
        _LISTENER.reset(token)


def emit(
    kind: Kind,
    verb: str,
    *,
    step: int = 0,
    total: int | None = None,
    values: Mapping[str, float] = _NOTHING,
    text: str = "",
) -> bool:
    """Tell an event to whoever listens.

    Args:
        kind: As in `Event`, as are the others.
        verb: Which verb.
        step: Steps done.
        total: Steps there will be at most.
        values: Numbers measured; copied if somebody listens.
        text: What is to be read.

    Returns:
        Whether the verb is to end here, as it was cancelled.

    Example:
        >>> emit("message", "prune", text="nobody listens")
        False
    """
    listener = _LISTENER.get()
    if listener is None:
        return False
    listener.hear(Event(kind, verb, step, total, MappingProxyType(dict(values)), text))
    return listener.cancelled


def listening() -> bool:
    """Whether anybody listens: to be asked before values are made that cost something.

    Example:
        >>> listening()
        False
    """
    return _LISTENER.get() is not None


def check_cancelled(verb: str) -> None:
    """End a verb that was cancelled and has nothing to give back.

    Args:
        verb: Which verb.

    Raises:
        Cancelled: the `cancel` of a `listen` block around it is set.

    Example:
        >>> check_cancelled("symbolify")
    """
    listener = _LISTENER.get()
    if listener is not None and listener.cancelled:
        raise Cancelled(f"{verb}: cancelled before there was a result; nothing was changed. Call it again.")
