"""`edgewise explain`: what a trained model says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import parts
from ..console import Terminal


def explain(
    folder: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote.")],
    latex: Annotated[bool, typer.Option("--latex", help="Write the formula as LaTeX.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Say which columns matter, by which formula, how wrong it is, and what to look out for.

    \b
    edgewise explain houses-edgewise
    """
    terminal = Terminal("explain", as_json)
    with terminal.errors():
        summary = parts.read_model(folder).summary
        kept = ("target", "scores", "importances", "formula", "diagnostics")
        terminal.result({name: summary.get(name) for name in kept})
        terminal.heading(f"{summary['target']}: what matters")
        terminal.table(("column", "share"), [[n, f"{v:.3f}"] for n, v in summary["importances"].items()])
        terminal.heading("Formula")
        found = summary["formula"]
        terminal.line(summary["no_formula"] if found is None else found["latex" if latex else "text"])
        for line in [] if found is None else parts.formula_lines(found):
            terminal.line(line)
        terminal.heading("Errors")
        terminal.table(*parts.score_table(summary))
        for finding in summary["diagnostics"]:
            if finding["advice"]:
                terminal.line(f"{finding['name']}: {finding['value']}")
                terminal.line(f"  -> {finding['advice']}")
