"""Why an optimiser ends its search by itself."""

from __future__ import annotations

from collections.abc import Sequence

from ..events import Stop, StopReason

SMALL_GRADIENT = Stop(StopReason.CONVERGED, "no entry of the gradient is above the tolerance")
SMALL_CHANGE = Stop(StopReason.CONVERGED, "a step lowered the value by less than the tolerance")
STANDSTILL = Stop(StopReason.STALLED, "a step gained less than the tolerance, and more was promised")
LINE_SEARCH_FAILED = Stop(StopReason.NO_DESCENT, "the line search failed from steepest descent")
DAMPED_OUT = Stop(StopReason.NO_DESCENT, "no damping gave a step that lowers the value")
NOT_FINITE = Stop(StopReason.NON_FINITE, "the value or gradient is not finite")


def status_to_words(status: Stop | None) -> tuple[str, str] | None:
    """A status in words that a file can hold.

    Example:
        >>> status_to_words(NOT_FINITE)
        ('non-finite', 'the value or gradient is not finite')
    """
    return None if status is None else (str(status.reason), status.detail)


def status_from_words(words: Sequence[str] | None) -> Stop | None:
    """The way back.

    Raises:
        ValueError: there is no such reason.

    Example:
        >>> status_from_words(("converged", "flat")).detail
        'flat'
    """
    if words is None:
        return None
    reason, detail = words
    return Stop(StopReason(reason), str(detail))
