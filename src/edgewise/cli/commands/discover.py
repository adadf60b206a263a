"""`edgewise discover`: from a table to the law behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...events import Event, emit
from .. import parts
from .. import table_options as ask
from ..console import INTERRUPTED, Terminal, WrongUse, progress_line
from ..outputs import FORMULA_FILES, default_folder, refuse_existing

if TYPE_CHECKING:
    from ...discovery import Discovery


def discover(
    table: ask.Table,
    target: Annotated[str, typer.Option("--target", "-t", help="Column that the law gives.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for formula and pictures; TABLE-formula if left out."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be given again.")] = None,
    noise: Annotated[
        float | None,
        typer.Option(help="Standard deviation of the target's noise; 0 for none; estimated if left out."),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=UNIT", help="Such as m=kg or v=m/s, of every column and the target."),
    ] = None,
    constant: Annotated[
        list[str] | None,
        typer.Option(help="With units: a constant of nature a law may hold, as c; may be given again."),
    ] = None,
    guess: Annotated[str | None, typer.Option(help="A formula to start from.")] = None,
    form: Annotated[str | None, typer.Option(help="What a law consists of, as 'a*f(x) + g(y, z)'.")] = None,
    function: Annotated[
        list[str] | None,
        typer.Option(help="Function that may occur, as sin; may be given again; all if left out."),
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(help="Column that has to occur; may be given again.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Time there is for the search.")] = 60.0,
    networks: Annotated[bool, typer.Option(help="Whether formulas are read off networks too.")] = True,
    test: Annotated[float, typer.Option(help="Share of rows held out to judge laws.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the split and the networks.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Look for the formula behind a table of numbers, with error bars, and say how far it can be trusted.

    Columns of text, and rows with gaps, are left out. Ctrl-C ends the search; what was found by then is kept.

    \b
    edgewise discover pendulum.csv --target period
    edgewise discover decay.csv -t counts --noise 0.02 --seconds 20 -o decay
    """
    terminal = Terminal("discover", as_json)
    with terminal.errors():
        settings = _checked(noise=noise, seconds=seconds, networks=networks, test=test, seed=seed)
        settings |= {
            "units": units_from(unit or []) or None,
            "constants": constant or (),
            "guess": guess,
            "form": form,
        }
        settings |= {"functions": function or None, "required": require or (), "progress": False}
        options = ask.read_options(**reading)
        folder = out or default_folder(table, "formula")
        refuse_existing("discover", [folder / name for name in FORMULA_FILES], force)
        with terminal.working(f"discover {table.name}", Standing()):
            found, told = _found(table, target, ignore or (), options, settings)
            emit("message", "discover", text="writing")
            parts.write_formula(folder, found, told)
        _show(terminal, found, told, folder)
        terminal.result({"folder": str(folder), **told})
        if found.stopped == "interrupted":
            raise typer.Exit(INTERRUPTED)


def _found(
    table: Path, target: str, ignore: Sequence[str], options: Any, settings: dict[str, Any]
) -> tuple[Discovery, dict[str, Any]]:
    """The discovery of a table, and what is told of it."""
    emit("message", "discover", text="reading")
    raw = parts.read_table(table, options)
    prepared = parts.prepare(raw, target, task="values", ignore=ignore, options=options)
    numbers = parts.numeric_columns(prepared)
    found = parts.discover(numbers.inputs, numbers.target, **settings)
    told = {
        **parts.described_discovery(found, target),
        "read": raw.found_in(table.name),
        "notes": [*numbers.notes, *found.notes],
    }
    return found, told


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


def units_from(given: list[str]) -> dict[str, str]:
    """The option --unit as a mapping of columns to units.

    Args:
        given: Each "column=unit".

    Raises:
        WrongUse: one is not of that form.

    Example:
        >>> units_from(["v=m/s", "a=b=kg"])
        {'v': 'm/s', 'a=b': 'kg'}
    """
    found = {}
    for item in given:
        column, mark, unit = item.rpartition("=")
        if not mark or not column or not unit:
            raise WrongUse(f"discover: --unit must be COLUMN=UNIT; got {item!r}. An example: --unit v=m/s.")
        found[column] = unit
    return found


def _checked(**settings: Any) -> dict[str, Any]:
    noise, seconds, test, seed = (settings[name] for name in ("noise", "seconds", "test", "seed"))
    if noise is not None and not 0 <= noise < math.inf:
        raise WrongUse(
            f"discover: --noise must be a standard deviation, 0 or more; got {noise}. Leave it out."
        )
    if not seconds > 0:
        raise WrongUse(f"discover: --seconds must be above 0; got {seconds}. The default is 60.")
    if not 0 < test < 1:
        raise WrongUse(f"discover: --test must be above 0 and below 1; got {test}. The default is 0.2.")
    if seed < 0:
        raise WrongUse(f"discover: --seed must be at least 0; got {seed}. The default is 0.")
    return settings


def _show(terminal: Terminal, found: Discovery, told: dict[str, Any], folder: Path) -> None:
    terminal.line(f"read {told['read']}; a law for {told['target']} was looked for")
    for note in told["notes"]:
        terminal.line(f"note: {note}")
    terminal.heading("Laws, from simple to accurate")
    terminal.line(found.table() or "none")
    terminal.heading("Law")
    if found.best is not None:
        terminal.line(f"{told['target']} = {told['law']}")
    lines = str(found).splitlines()[len(found.table().splitlines()) :]
    for line in lines:
        terminal.line(line)
    terminal.line()
    terminal.line(f"{found.seconds:.1f} s; wrote {folder}/ ({', '.join(parts.files_of(found))})")
