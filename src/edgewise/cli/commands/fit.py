"""`edgewise fit`: from a table to a model, a formula and a report."""

from __future__ import annotations

import math
import re
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
LOSSES = ("squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma")
CLASS_WEIGHTS = ("balanced", "none")
_PICTURE, _REPORT = MODEL_FILES[2:]
_SHOWN = 8

_Loss = Annotated[
    str,
    typer.Option(
        help="Of values: squared_error; huber or absolute_error where a few targets are wrong; quantile; poisson for "
        "counts; gamma for positive amounts."
    ),
]
_Quantile = Annotated[
    float | None, typer.Option(help="With --loss quantile: 0.9 for what nine of ten targets are below.")
]


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
    loss: _Loss = "squared_error",
    quantile: _Quantile = None,
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
        _check_loss(loss, quantile)
        options = ask.read_options(**reading)
        settings: dict[str, Any] = {
            "hidden": auto_or_number("--hidden", hidden, least=0),
            "grid": auto_or_number("--grid", grid, least=1),
            "smoothness": auto_or_number("--penalty", penalty),
        }
        folder = out or default_folder(table)
        refuse_existing("fit", [folder / name for name in MODEL_FILES], force)
        with terminal.working(f"fit {table.name}"):
            emit("message", "fit", text="reading")
            raw = parts.read_table(table, options)
            prepared = parts.prepare(
                raw, target, task=task, ignore=ignore or (), weights=weights, options=options
            )
            settings |= _settings_of(prepared.kind, class_weight, loss, quantile)
            run = parts.run_workflow(prepared, parts.Choices(test, seed, symbolic, settings))
            summary = {**parts.summarise(run, target), "read": raw.found_in(table.name)}
            emit("message", "fit", text="writing")
            _write(run, summary, folder)
        _show(terminal, run, summary, folder)
        terminal.result({"folder": str(folder), **summary})


def _write(run: Run, summary: dict[str, Any], folder: Path) -> None:
    parts.write_model(folder, run.model, run.estimator.encoder_, summary)
    parts.network_picture(run, str(summary["target"])).savefig(folder / _PICTURE, dpi=150)
    folds = parts.over_folds(run)
    emit("message", "fit", text="writing the report")
    parts.write_text(folder / _REPORT, parts.write_report(run, summary, folds))


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


def _settings_of(kind: str, class_weight: str, loss: str, quantile: float | None) -> dict[str, Any]:
    """Settings that only estimators of values, or of classes, have."""
    if kind == "values":
        return {"loss": loss, "quantile": quantile}
    if loss != LOSSES[0]:
        raise WrongUse(f"fit: --loss is for values; got {loss!r}, and classes are predicted. Leave it out.")
    return {} if class_weight == "none" else {"class_weight": class_weight}


def _check_loss(loss: str, quantile: float | None) -> None:
    if loss not in LOSSES:
        raise WrongUse(
            f"fit: --loss must be one of {', '.join(LOSSES)}; got {loss!r}. The default is {LOSSES[0]}."
        )
    if loss == "quantile" and (quantile is None or not 0 < quantile < 1):
        raise WrongUse(
            f"fit: --quantile must be above 0 and below 1 with --loss quantile; got {quantile}. Try 0.9."
        )
    if loss != "quantile" and quantile is not None:
        raise WrongUse(f"fit: --quantile must be left out with --loss {loss}; got {quantile}.")


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


def auto_or_number(option: str, text: str, *, least: int | None = None) -> float | int | str:
    """An option that is "auto" or a number, as the estimators take it.

    Args:
        option: Its name, for errors.
        text: As it was given.
        least: The least whole number it may be; None for any number above 0.

    Raises:
        WrongUse: it is neither.

    Example:
        >>> auto_or_number("--hidden", "8", least=0), auto_or_number("--penalty", "1e-3")
        (8, 0.001)
    """
    if text == "auto":
        return text
    if least is not None:
        if re.fullmatch(r"[0-9]{1,9}", text) and int(text) >= least:
            return int(text)
    elif (
        re.fullmatch(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", text) and 0 < float(text) < math.inf
    ):
        return float(text)
    rule = "a number above 0" if least is None else f"a whole number of at least {least}"
    raise WrongUse(f"fit: {option} must be auto or {rule}; got {text!r}. The default is auto.")
