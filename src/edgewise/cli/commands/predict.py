"""`edgewise predict`: a trained model on new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .. import parts
from .. import table_options as ask
from ..console import Terminal
from ..outputs import refuse_existing


def predict(
    folder: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote.")],
    table: ask.Table,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File to write: .csv, .tsv, .parquet, .xlsx or .jsonl; standard output if left out.",
        ),
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="Write the predictions without the table's own columns.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Predict the target for each row: with an interval for values, and the probability of each class for classes.

    The table's own columns are carried along. Rows that are unlike those of the fit are counted on the error stream.

    \b
    edgewise predict houses-edgewise new.csv -o predicted.csv
    """
    terminal = Terminal("predict", as_json)
    with terminal.errors():
        options = ask.read_options(**reading)
        target = None if out is None else parts.checked_target(out)
        refuse_existing("predict", [] if target is None else [target], force)
        model = parts.read_model(folder)
        options = model.read_as_before(options)
        raw = parts.read_table(table, options)
        found, notes = model.predict(raw, options)
        if not only:
            found = parts.beside_originals(raw.frame, found)
        notes = [*raw.notes, *notes]
        terminal.note(f"read {raw.found_in(table.name)}")
        for note in notes:
            terminal.note(note)
        if target is not None:
            parts.write_table(found, target)
            terminal.line(f"wrote {len(found)} rows to {target}")
            terminal.result({"rows": len(found), "out": str(target), "notes": notes})
        elif as_json:
            terminal.result({"predictions": parts.records(found), "notes": notes})
        else:
            parts.write_table(found, None)
