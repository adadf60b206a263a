"""`edgewise explain`: what a trained model says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import Screen
from ..model_folder import read_model
from ..report import score_table


def explain(
    folder: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote.")],
    latex: Annotated[bool, typer.Option("--latex", help="Write the formula as LaTeX.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Say which columns matter, by which formula, how wrong it is, and what to look out for.

    \b
    edgewise explain houses-edgewise
    """
    screen = Screen(as_json)
    with screen.errors():
        notes = read_model(folder).notes
        kept = ("target", "scores", "importances", "formula", "diagnostics")
        screen.result({name: notes.get(name) for name in kept})
        screen.heading(f"{notes['target']}: what matters")
        screen.table(("column", "share"), [[n, f"{v:.3f}"] for n, v in notes["importances"].items()])
        screen.heading("Formula")
        found = notes["formula"]
        screen.line("none" if found is None else found["latex" if latex else "text"])
        screen.heading("Errors")
        screen.table(*score_table(notes))
        for finding in notes["diagnostics"]:
            if finding["advice"]:
                screen.line(f"{finding['name']}: {finding['value']}")
                screen.line(f"  -> {finding['advice']}")
