"""What the user sees: lines and tables for people, one JSON object for programs, and exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import EdgewiseError
from ..events import Event, listen

BAD_DATA = 1
INTERRUPTED = 130


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


class Terminal:
    """Writes results to standard output, and progress to the error stream.

    Args:
        as_json: Whether results are one JSON object, and progress is not shown.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def line(self, text: str = "") -> None:
        """Write one line for people."""
        if not self.as_json:
            self._out.print(escape(text), soft_wrap=True)

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
            sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show what the verbs that run in this block tell."""
        if self.as_json:
            yield
            return
        with self._err.status(escape(text)) as status:

            def show(event: Event) -> None:
                status.update(escape(f"{text}: {progress_line(event)}"))

            with listen(show):
                yield

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors raised on purpose into a message and an exit code."""
        try:
            yield
        except (EdgewiseError, OSError, ValueError) as error:
            if self.as_json:
                sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
            self._err.print(f"[red]edgewise:[/red] {escape(str(error))}", soft_wrap=True)
            raise typer.Exit(BAD_DATA) from error
        except KeyboardInterrupt:
            self._err.print("interrupted")
            raise typer.Exit(INTERRUPTED) from None
