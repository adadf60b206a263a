"""A one-line progress bar on the error stream of a terminal, and nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TextIO

_CELLS = 20
_SECONDS_BETWEEN = 0.1


class Progress:
    """Shows step, losses and speed; silent unless asked for or on a terminal.

    Args:
        steps: How many there will be.
        shown: True or False to force it; None to look whether the stream is a terminal.
        stream: Where to write; the error stream if None.

    Example:
        >>> Progress(10, shown=False).update(1, {"train_loss": 0.5})
    """

    def __init__(self, steps: int, shown: bool | None = None, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._steps = steps
        self._start = self._last = time.monotonic()
        self._written = False
        self._waiting: tuple[int, Mapping[str, float]] | None = None
        self._shown = self._is_terminal() if shown is None else bool(shown)

    def _is_terminal(self) -> bool:
        return bool(getattr(self._stream, "isatty", lambda: False)())

    def update(self, step: int, values: Mapping[str, float]) -> None:
        """Redraw the line after `step` steps, at most ten times a second."""
        now = time.monotonic()
        if not self._shown:
            return
        if step < self._steps and now - self._last < _SECONDS_BETWEEN:
            self._waiting = (step, values)
            return
        self._draw(step, values, now)

    def _draw(self, step: int, values: Mapping[str, float], now: float) -> None:
        self._last, self._waiting = now, None
        done = "#" * (_CELLS * step // max(1, self._steps))
        speed = step / max(now - self._start, 1e-9)
        shown = "  ".join(f"{name} {value:.3g}" for name, value in values.items())
        self._stream.write(f"\r[{done:<{_CELLS}}] {step}/{self._steps}  {shown}  {speed:.3g} steps/s \x1b[K")
        self._stream.flush()
        self._written = True

    def close(self) -> None:
        """Show how it ended, and end the line."""
        if self._waiting is not None:
            self._draw(*self._waiting, time.monotonic())
        if self._written:
            self._stream.write("\n")
            self._stream.flush()
