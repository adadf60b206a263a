"""A line that says while a search runs what it is at and what it has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..events import Event, listen
from .clock import Clock


class ProgressLine:
    """One line on standard error, written again and again.

    Args:
        clock: The time there is.
        label: What stands in front.
        write: Where it goes.
    """

    def __init__(self, clock: Clock, label: str, write: Callable[[str], object]) -> None:
        self._clock, self._label, self._write = clock, label, write
        self._step, self._best, self._length = "", "nothing yet", 0

    def hear(self, event: Event) -> None:
        """Show what the search tells; other verbs are passed over."""
        if event.verb != "discover":
            return
        if event.kind == "step":
            self._best = event.text
        else:
            self._step = event.text
        self._show()

    def _show(self) -> None:
        width = shutil.get_terminal_size().columns - 1
        time = f"{self._clock.used:.0f}/{self._clock.seconds:.0f} s"
        line = f"{self._label}: {time} | {self._step} | best: {self._best}"[: max(width, 20)]
        self._write("\r" + line.ljust(self._length))
        self._length = len(line)

    def close(self) -> None:
        """Leave the line as it is."""
        if self._length:
            self._write("\n")


@contextmanager
def progress_shown(progress: bool | None, clock: Clock, label: str) -> Iterator[None]:
    """Show progress while the block runs.

    Args:
        progress: Whether to; None for where standard error is a terminal.
        clock: The time there is.
        label: What stands in front.
    """
    if not (sys.stderr.isatty() if progress is None else progress):
        yield
        return

    def write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    line = ProgressLine(clock, label, write)
    try:
        with listen(line.hear):
            yield
    finally:
        line.close()
