"""`edgewise fit`: from a table to a model, a formula and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import InputError
from ...events import emit
from ..console import Terminal
from ..model_folder import FILES, PICTURE, REPORT, write_model, write_text
from ..outputs import default_folder, refuse_existing
from ..pictures import network_picture
from ..report import score_table, write_report
from ..summary import summarise
from ..tables import prepare, read_table
from ..workflow import Run, run_workflow

TASKS = ("auto", "values", "classes")
_SHOWN = 8


def fit(
    table: Annotated[
        Path, typer.Argument(help="CSV or Parquet file, one row a sample; empty cells are allowed.")
    ],
    target: Annotated[str, typer.Option("--target", "-t", help="Column to predict.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for model, picture and report; TABLE-edgewise if left out."),
    ] = None,
    task: Annotated[
        str,
        typer.Option(help="values, classes, or auto: text, booleans and two different values are classes."),
    ] = "auto",
    ignore: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be given again.")] = None,
    test: Annotated[
        float, typer.Option(help="Share of rows set aside to measure the error; 0 for none.")
    ] = 0.2,
    hidden: Annotated[
        str, typer.Option(help="Hidden nodes: 0 for a sum of one curve a column (easiest to read), or auto.")
    ] = "auto",
    symbolic: Annotated[bool, typer.Option(help="Whether to look for a formula.")] = True,
    seed: Annotated[int, typer.Option(help="Of the split and the start values.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Train on a table, measure the error on rows set aside, prune, and write down the formula.

    \b
    edgewise fit houses.csv --target price
    edgewise fit patients.parquet -t outcome --task classes --hidden 0 -o patients
    """
    terminal = Terminal(as_json)
    with terminal.errors():
        _check(task, test)
        folder = out or default_folder(table)
        refuse_existing("fit", [folder / name for name in FILES], force)
        with terminal.working(f"fit {table.name}"):
            emit("message", "fit", text="reading")
            prepared = prepare(read_table(table), target, task, ignore or [])
            run = run_workflow(prepared, test=test, seed=seed, hidden=hidden_of(hidden), symbolic=symbolic)
            summary = summarise(run, target)
            emit("message", "fit", text="writing")
            write_model(folder, run.model, run.estimator.encoder_, summary)
            network_picture(run).savefig(folder / PICTURE, dpi=150)
            write_text(folder / REPORT, write_report(run, summary))
        _show(terminal, run, summary, folder)
        terminal.result({"folder": str(folder), **summary})


def _show(terminal: Terminal, run: Run, summary: dict[str, Any], folder: Path) -> None:
    for note in run.prepared.notes:
        terminal.line(f"note: {note}")
    terminal.heading("Errors")
    terminal.table(*score_table(summary))
    terminal.heading("What matters")
    terminal.table(
        ("column", "share"), [[n, f"{v:.3f}"] for n, v in list(summary["importances"].items())[:_SHOWN]]
    )
    terminal.heading("Formula")
    found = summary["formula"]
    if found is None:
        terminal.line("none was looked for: too many edges to read as one, or --no-symbolic")
    else:
        terminal.line(found["text"])
        terminal.line(
            f"R2 to the network {found['r2_to_network']:.5f}, {found['splines']} curves left as splines"
        )
    terminal.heading("Diagnostics")
    for finding in summary["diagnostics"]:
        terminal.line(f"{finding['name']}: {finding['value']}")
        if finding["advice"]:
            terminal.line(f"  -> {finding['advice']}")
    terminal.line()
    terminal.line(f"{run.seconds:.1f} s; wrote {folder}/ ({REPORT} has it all)")


def _check(task: str, test: float) -> None:
    if task not in TASKS:
        raise InputError(f"fit: --task must be one of {', '.join(TASKS)}; got {task!r}. The default is auto.")
    if not 0 <= test < 1:
        raise InputError(f"fit: --test must be from 0 to below 1; got {test}. The default is 0.2.")


def hidden_of(text: str) -> int | str:
    """The option --hidden as the estimators take it.

    Example:
        >>> hidden_of("8"), hidden_of("auto")
        (8, 'auto')
    """
    if text == "auto" or text.isdigit():
        return text if text == "auto" else int(text)
    raise InputError(f"fit: --hidden must be auto or a whole number; got {text!r}. 0 is easiest to read.")
