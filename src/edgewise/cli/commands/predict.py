"""`edgewise predict`: a trained model on new rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..console import Terminal
from ..model_folder import read_model
from ..outputs import refuse_existing
from ..tables import read_table


def predict(
    folder: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote.")],
    table: Annotated[Path, typer.Argument(help="CSV or Parquet file with the columns it was trained on.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="CSV or Parquet file to write; standard output if left out."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Predict the target for each row, and the probability of each class where classes are predicted.

    \b
    edgewise predict houses-edgewise new.csv -o predicted.csv
    """
    terminal = Terminal(as_json)
    with terminal.errors():
        refuse_existing("predict", [] if out is None else [out], force)
        found = read_model(folder).predict(read_table(table))
        if out is not None and {".parquet", ".pq"} & set(out.suffixes):
            found.to_parquet(out, index=False)
        elif out is not None:
            found.to_csv(out, index=False)
        elif as_json:
            terminal.result({"predictions": found.to_dict("records")})
        else:
            sys.stdout.write(found.to_csv(index=False))
        if out is not None:
            terminal.line(f"wrote {len(found)} rows to {out}")
            terminal.result({"rows": len(found), "out": str(out)})
