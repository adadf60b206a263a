"""`edgewise fit`: from a table to a model, a formula and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...events import emit
from .. import parts
from .. import table_options as ask
from ..console import Terminal, WrongUse
from ..outputs import MODEL_FILES, default_folder, refuse_existing

if TYPE_CHECKING:
    from ..tables import Prepared
    from ..workflow import Run

TASKS = ("auto", "values", "classes")
CLASS_WEIGHTS = ("balanced", "none")
_PICTURE, _REPORT = MODEL_FILES[2:]
_SHOWN = 8


def fit(
    table: ask.Table,
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
    weights: Annotated[
        str | None, typer.Option("--weights", help="Column that says how much each row counts.")
    ] = None,
    class_weight: Annotated[
        str, typer.Option("--class-weight", help="balanced: classes count alike, however rare; or none.")
    ] = "none",
    test: Annotated[
        float, typer.Option(help="Share of rows set aside to measure the error; 0 for none.")
    ] = 0.2,
    hidden: Annotated[
        str, typer.Option(help="Hidden nodes: 0 for a sum of one curve a column (easiest to read), or auto.")
    ] = "auto",
    grid: Annotated[str, typer.Option(help="Intervals of each curve, or auto.")] = "auto",
    penalty: Annotated[str, typer.Option(help="Weight of roughness: more is smoother; or auto.")] = "auto",
    symbolic: Annotated[bool, typer.Option(help="Whether to look for a formula.")] = True,
    seed: Annotated[int, typer.Option(help="Of the split and the start values.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Train on a table, measure the error on rows set aside, prune, and write down the formula.

    \b
    edgewise fit houses.csv --target price
    edgewise fit patients.parquet -t outcome --task classes --hidden 0 -o patients
    """
    terminal = Terminal("fit", as_json)
    with terminal.errors():
        _check(task, test, class_weight)
        options = ask.read_options(**reading)
        settings = {"hidden": hidden_of(hidden), "grid": grid_of(grid), "smoothness": penalty_of(penalty)}
        folder = out or default_folder(table)
        refuse_existing("fit", [folder / name for name in MODEL_FILES], force)
        with terminal.working(f"fit {table.name}"):
            emit("message", "fit", text="reading")
            raw = parts.read_table(table, options)
            prepared = parts.prepare(
                raw, target, task=task, ignore=ignore or (), weights=weights, options=options
            )
            if class_weight != "none" and prepared.kind == "classes":
                settings["class_weight"] = class_weight
            run = parts.run_workflow(prepared, parts.Choices(test, seed, symbolic, settings))
            summary = {**parts.summarise(run, target), "read": raw.found_in(table.name)}
            emit("message", "fit", text="writing")
            _write(run, summary, folder)
        _show(terminal, run, summary, folder)
        terminal.result({"folder": str(folder), **summary})


def _write(run: Run, summary: dict[str, Any], folder: Path) -> None:
    parts.write_model(folder, run.model, run.estimator.encoder_, summary)
    parts.network_picture(run).savefig(folder / _PICTURE, dpi=150)
    parts.write_text(folder / _REPORT, parts.write_report(run, summary))


def _show(terminal: Terminal, run: Run, summary: dict[str, Any], folder: Path) -> None:
    show_reading(terminal, summary["read"], run.prepared)
    terminal.heading("Errors")
    terminal.table(*parts.score_table(summary))
    terminal.heading("What matters")
    shares = list(summary["importances"].items())
    terminal.table(("column", "share"), [[n, f"{v:.3f}"] for n, v in shares[:_SHOWN]])
    if len(shares) > _SHOWN:
        terminal.line(f"... and {len(shares) - _SHOWN} columns that matter less: {_REPORT} has them")
    terminal.heading("Formula")
    found = summary["formula"]
    if found is None:
        terminal.line(summary["no_formula"])
    else:
        terminal.line(found["text"])
        for line in parts.formula_lines(found):
            terminal.line(line)
    terminal.heading("Diagnostics")
    for finding in summary["diagnostics"]:
        terminal.line(f"{finding['name']}: {finding['value']}")
        if finding["advice"]:
            terminal.line(f"  -> {finding['advice']}")
    terminal.line()
    terminal.line(f"{run.seconds:.1f} s; wrote {folder}/ ({_REPORT} has it all)")


def show_reading(terminal: Terminal, read: str, prepared: Prepared) -> None:
    """Say what was found in a file, what is predicted, and what was left out or changed.

    Args:
        terminal: To write to.
        read: How the file was read.
        prepared: What came of it.
    """
    terminal.line(f"read {read}; {prepared.kind} are predicted")
    for note in prepared.notes:
        terminal.line(f"note: {note}")


def _check(task: str, test: float, class_weight: str) -> None:
    check_task("fit", task)
    if class_weight not in CLASS_WEIGHTS:
        raise WrongUse(
            f"fit: --class-weight must be one of {', '.join(CLASS_WEIGHTS)}; got {class_weight!r}."
        )
    if not 0 <= test < 1:
        raise WrongUse(f"fit: --test must be from 0 to below 1; got {test}. The default is 0.2.")


def check_task(command: str, task: str) -> None:
    """Refuse a task that there is not.

    Args:
        command: The one that is run.
        task: As it was given.

    Example:
        >>> check_task("fit", "values")
    """
    if task not in TASKS:
        raise WrongUse(
            f"{command}: --task must be one of {', '.join(TASKS)}; got {task!r}. The default is auto."
        )


def hidden_of(text: str) -> int | str:
    """The option --hidden as the estimators take it.

    Args:
        text: As it was given.

    Example:
        >>> hidden_of("8"), hidden_of("auto")
        (8, 'auto')
    """
    if text == "auto" or text.isdigit():
        return text if text == "auto" else int(text)
    raise WrongUse(f"fit: --hidden must be auto or a whole number; got {text!r}. 0 is easiest to read.")


def grid_of(text: str) -> int | str:
    """The option --grid as the estimators take it.

    Args:
        text: As it was given.

    Example:
        >>> grid_of("8"), grid_of("auto")
        (8, 'auto')
    """
    if text == "auto" or (text.isdigit() and int(text) > 0):
        return text if text == "auto" else int(text)
    raise WrongUse(f"fit: --grid must be auto or a whole number above 0; got {text!r}. The default is auto.")


def penalty_of(text: str) -> float | str:
    """The option --penalty as the estimators take it.

    Args:
        text: As it was given.

    Example:
        >>> penalty_of("1e-3"), penalty_of("auto")
        (0.001, 'auto')
    """
    if text == "auto":
        return text
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise WrongUse(f"fit: --penalty must be auto or a number above 0; got {text!r}. The default is auto.")
    return value
