"""What the user sees: lines and tables for people, one JSON object for programs, and exit codes."""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from .._json import json_text
from ..errors import EdgewiseError, InputError, TableWarning
from ..events import Event, listen

BAD_DATA, WRONG_USE, INTERRUPTED = 1, 2, 130


class WrongUse(InputError):
    """An option has a value that it cannot have."""


def progress_line(event: Event) -> str:
    """An event in a few words.

    Args:
        event: What a verb told.

    Example:
        >>> progress_line(Event("step", "fit", step=3, total=20))
        'fit, step 3 of 20'
    """
    if event.text:
        return event.text
    total = f" of {event.total}" if event.total is not None else ""
    return f"{event.verb}, step {event.step}{total}"


def told(command: str, error: BaseException) -> str:
    """An error in words that begin with the command that was run, whatever function found it.

    Args:
        command: Such as "predict".
        error: What was raised.

    Example:
        >>> told("predict", InputError("fit: column 'a' must hold numbers; got text."))
        "predict: column 'a' must hold numbers; got text."
    """
    text = re.sub(r"\bnp\.\w+_?\(([^()]*)\)", r"\1", str(error).strip()) or "there is not enough memory"
    return f"{command}: {re.sub(r'^[A-Za-z_]+: ', '', text)}"


class _Line:
    """What is done and for how long, in one line, cut where the terminal ends."""

    def __init__(self, task: str) -> None:
        self._task, self._start, self.words = task, time.monotonic(), ""

    def __rich__(self) -> Text:
        seconds = f"{time.monotonic() - self._start:.0f} s"
        parts = [f"{self._task}: {seconds}", *([self.words] if self.words else [])]
        return Text("; ".join(parts), no_wrap=True, overflow="ellipsis")


class Terminal:
    """Writes results to standard output, and progress to the error stream.

    Args:
        command: The one that is run, for errors.
        as_json: Whether results are one JSON object, and progress is not shown.
    """

    def __init__(self, command: str, as_json: bool) -> None:
        self.command = command
        self.as_json = as_json
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def line(self, text: str = "") -> None:
        """Write one line for people."""
        if not self.as_json:
            self._out.print(escape(text), soft_wrap=True)

    def note(self, text: str) -> None:
        """Write a remark to the error stream, where it does not mix with results."""
        if not self.as_json:
            self._err.print(f"[dim]note:[/dim] {escape(text)}", soft_wrap=True)

    def heading(self, text: str) -> None:
        """Write a heading for people."""
        if not self.as_json:
            self._out.print(f"\n[bold]{escape(text)}[/bold]")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write a table for people."""
        if self.as_json:
            return
        table = Table(*heads, box=None, pad_edge=False, header_style="dim")
        for row in rows:
            table.add_row(*(escape(str(cell)) for cell in row))
        self._out.print(table)

    def result(self, values: Mapping[str, Any]) -> None:
        """Write the result for programs."""
        if self.as_json:
            sys.stdout.write(json_text(values) + "\n")

    @contextmanager
    def working(self, text: str, words: Callable[[Event], str] = progress_line) -> Iterator[None]:
        """Show what the verbs that run in this block tell.

        Args:
            text: What is done.
            words: An event in a few words.
        """
        if self.as_json:
            yield
            return
        line = _Line(text)
        with self._err.status(line) as status:

            def show(event: Event) -> None:
                line.words = words(event)
                status.update(line)

            with listen(show):
                yield

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors raised on purpose into a message and an exit code."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TableWarning)  # notes say it
                yield
        except (EdgewiseError, OSError, ValueError, MemoryError) as error:
            text = told(self.command, error)
            if self.as_json:
                sys.stdout.write(json_text({"error": text}) + "\n")
            self._err.print(f"[red]edgewise {escape(text)}[/red]", soft_wrap=True)
            raise typer.Exit(WRONG_USE if isinstance(error, WrongUse) else BAD_DATA) from error
        except KeyboardInterrupt:
            self._err.print("interrupted")
            raise typer.Exit(INTERRUPTED) from None
