"""`edgewise discover`: from a table to the law behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...events import Event, emit
from .. import parts
from .. import table_options as ask
from ..console import INTERRUPTED, Terminal, progress_line
from ..law_folder import folders_of, forget_search, goes_on, kept_search
from ..law_options import check_bounds, what_is_known
from ..outputs import default_folder

if TYPE_CHECKING:
    from ...discovery import Discovery
    from ..law_search import Asked

_EARLY = {"time", "interrupted", "cancelled"}


def discover(
    table: ask.Table,
    target: Annotated[
        list[str],
        typer.Option(
            "--target", "-t", metavar="COLUMN", help="Column that the law gives; several for a law each."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for formula and pictures; TABLE-formula if left out."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time there is for the search.")] = 60.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the search that was ended early in the folder.")
    ] = False,
    networks: Annotated[bool, typer.Option(help="Whether formulas are read off networks too.")] = True,
    test: Annotated[float, typer.Option(help="Share of rows held out to judge laws.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the split and the networks.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
    *,
    known: dict[str, Any],
    reading: dict[str, Any],
) -> None:
    """Look for the formula behind a table of numbers, with error bars, and say how far it can be trusted.

    Columns of text, and rows with gaps, are left out. Options that take a column may be given again. Ctrl-C ends the
    search: what was found by then is printed and written, and --resume goes on from there.

    \b
    edgewise discover pendulum.csv --target period
    edgewise discover decay.csv -t counts --noise 0.02 --forbid sample --limit 'time -> oo = 0'
    """
    terminal = Terminal("discover", as_json)
    with terminal.errors():
        settings = {**check_bounds(seconds, test, seed), "networks": networks}
        said, options = what_is_known(**known), ask.read_options(**reading)
        folder = out or default_folder(table, "formula")
        on = goes_on(folder, target, resume=resume, force=force)
        with terminal.working(f"discover {table.name}", Standing()):
            asked = parts.Asked(target, settings=settings, **said)
            read, found = _searched(table, asked, options, folder, on)
            emit("message", "discover", text="writing")
            told = _written(read, found, folder)
        _show(terminal, found, told, folder)
        one = next(iter(told.values()))
        terminal.result({"folder": str(folder), **(one if len(target) == 1 else {"targets": told})})
        if _ended(found) & {"interrupted"}:
            raise typer.Exit(INTERRUPTED)


def _searched(
    table: Path, asked: Asked, options: Any, folder: Path, on: bool
) -> tuple[dict[str, Any], dict[str, Discovery]]:
    """What was read, and a discovery for each target."""
    emit("message", "discover", text="reading")
    raw = parts.read_table(table, options)
    readied = parts.Readied.of(raw, asked, options)
    with kept_search(folder, on) as kept:
        found = readied.search(kept)
        if not _ended(found) & _EARLY:
            forget_search(folder)
    return {"read": raw.found_in(table.name), "notes": list(readied.numbers.notes)}, found


def _written(read: dict[str, Any], found: dict[str, Discovery], folder: Path) -> dict[str, dict[str, Any]]:
    """What is told of each target, which is also in its folder."""
    told = {}
    for target, place in folders_of(folder, list(found)).items():
        values = parts.described_discovery(found[target], target)
        told[target] = {**values, **read, "notes": [*read["notes"], *found[target].notes]}
        parts.write_formula(place, found[target], told[target])
    return told


def _ended(found: Mapping[str, Discovery]) -> set[str]:
    return {one.stopped for one in found.values()}


class Standing:
    """What a search is at, and the best that it has, in a few words."""

    def __init__(self) -> None:
        self._at, self._best = "", ""

    def __call__(self, event: Event) -> str:
        """Take in what was told.

        Args:
            event: Of the search; those of other verbs change nothing.
        """
        if event.verb != "discover":
            return self._words()
        if event.kind == "step":
            self._best = event.text
        else:
            self._at = progress_line(event)
        return self._words()

    def _words(self) -> str:
        return self._at + (f"; best so far: {self._best}" if self._best else "")


def _show(
    terminal: Terminal, found: Mapping[str, Discovery], told: Mapping[str, dict[str, Any]], folder: Path
) -> None:
    first = next(iter(told.values()))
    terminal.line(f"read {first['read']}; a law for {', '.join(told)} was looked for")
    for note in first["notes"][: len(first["notes"]) - len(found[first["target"]].notes)]:
        terminal.line(f"note: {note}")
    for target, one in found.items():
        _show_law(terminal, target, one)
    terminal.line()
    files = ", ".join(parts.files_of(next(iter(found.values()))))
    seconds = max(one.seconds for one in found.values())
    terminal.line(
        f"{seconds:.1f} s; wrote {', '.join(f'{place}/' for place in folders_of(folder, list(told)).values())} ({files})"
    )
    if _ended(found) & _EARLY:
        terminal.line("not all was searched: --resume goes on from here")


def _show_law(terminal: Terminal, target: str, found: Discovery) -> None:
    terminal.heading(f"Laws for {target}, from simple to accurate")
    terminal.line(found.table() or "none")
    terminal.heading("Law")
    if found.best is not None:
        terminal.line(f"{parts.plain_name(target)} = {found.shown().text()}")
    for line in str(found).splitlines()[len(found.table().splitlines()) :]:
        terminal.line(line)
