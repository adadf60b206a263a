"""`edgewise bench`: how good is the network on a table, beside what else one would try?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ...errors import InputError
from ...estimators import Comparison, compare
from ...events import emit
from ..console import Terminal
from ..tables import Prepared, prepare, read_table
from .fit import TASKS, hidden_of

_HEADS = {"rmse": "least", "mae": "least", "r2": "most", "accuracy": "most", "log_loss": "least"}


def _plain(one: Comparison) -> dict[str, Any]:
    """Means and deviations, ready for JSON."""
    scores = {
        name: {"mean": float(np.mean(values)), "deviation": float(np.std(values))}
        for name, values in one.scores.items()
    }
    return {"model": one.name, "scores": scores, "seconds": float(np.mean(one.seconds))}


def bench(
    table: Annotated[
        Path, typer.Argument(help="CSV or Parquet file, one row a sample; empty cells are allowed.")
    ],
    target: Annotated[str, typer.Option("--target", "-t", help="Column to predict.")],
    task: Annotated[str, typer.Option(help="values, classes or auto, as for fit.")] = "auto",
    ignore: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be given again.")] = None,
    hidden: Annotated[str, typer.Option(help="Hidden nodes of the network, as for fit.")] = "auto",
    parts: Annotated[int, typer.Option("--folds", help="How often, each time on other rows.")] = 5,
    rows: Annotated[int, typer.Option(help="Most rows, drawn by the seed; 0 for all.")] = 20000,
    seed: Annotated[int, typer.Option(help="Of the folds and the start values.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Compare the network with quick models of scikit-learn, by cross-validation on this table.

    All models have their defaults and the same encoded columns. Where boosted trees are far better, a formula of
    few curves leaves much out; where the linear model is as good, take that one.

    \b
    edgewise bench houses.csv --target price
    """
    terminal = Terminal(as_json)
    with terminal.errors():
        if task not in TASKS:
            raise InputError(f"bench: --task must be one of {', '.join(TASKS)}; got {task!r}. Leave it out.")
        with terminal.working(f"bench {table.name}"):
            emit("message", "bench", text="reading")
            prepared = _some(prepare(read_table(table), target, task, ignore or []), rows, seed)
            if not 2 <= parts <= len(prepared.target):
                raise InputError(
                    f"bench: --folds must be from 2 to the number of rows; got {parts}. The default is 5."
                )
            found = compare(
                prepared.inputs,
                prepared.target,
                kind=prepared.kind,
                hidden=hidden_of(hidden),
                n_folds=parts,
                seed=seed,
            )
        _show(terminal, found, prepared, parts)
        terminal.result(
            {
                "target": target,
                "task": prepared.kind,
                "rows": len(prepared.target),
                "columns": prepared.inputs.shape[1],
                "folds": parts,
                "models": [_plain(one) for one in found],
                "notes": list(prepared.notes),
            }
        )


def _some(prepared: Prepared, rows: int, seed: int) -> Prepared:
    count = len(prepared.target)
    if not 0 < rows < count:
        return prepared
    taken = np.sort(np.random.default_rng(seed).permutation(count)[:rows])
    note = f"{rows} of {count} rows were drawn; --rows 0 takes all"
    inputs = prepared.inputs.iloc[taken].reset_index(drop=True)
    return Prepared(inputs, prepared.target[taken], prepared.kind, (*prepared.notes, note))


def _show(terminal: Terminal, found: list[Comparison], prepared: Prepared, parts: int) -> None:
    for note in prepared.notes:
        terminal.line(f"note: {note}")
    names = list(found[0].scores)
    terminal.heading(f"Mean over {parts} folds of rows never seen, ± deviation between folds; * is best")
    rows = [
        [one.name, *(_cell(one, name, found) for name in names), f"{np.mean(one.seconds):.2f}"]
        for one in found
    ]
    terminal.table(("", *names, "seconds"), rows)
    terminal.line()
    terminal.line(verdict(found))


def _cell(one: Comparison, name: str, found: list[Comparison]) -> str:
    mean = float(np.mean(one.scores[name]))
    means = [float(np.mean(other.scores[name])) for other in found]
    best = max(means) if _HEADS[name] == "most" else min(means)
    return f"{mean:.4g} ± {np.std(one.scores[name]):.2g}{' *' if mean == best else ''}"


def verdict(found: list[Comparison]) -> str:
    """In words: who is best by the first score that all are trained for, and by how much.

    Args:
        found: What was measured, ours first.

    Example:
        >>> verdict([Comparison("edgewise", {"rmse": [1.0, 1.2]}, []), Comparison("linear", {"rmse": [2.0, 2.1]}, [])])
        'edgewise is best by rmse: 1.1, the next (linear) 2.05.'
    """
    score = "rmse" if "rmse" in found[0].scores else "log_loss"
    order = sorted(found, key=lambda one: float(np.mean(one.scores[score])))
    best, ours = order[0], found[0]
    values = {one.name: float(np.mean(one.scores[score])) for one in found}
    if best is ours:
        return f"{ours.name} is best by {score}: {values[ours.name]:.4g}, the next ({order[1].name}) {values[order[1].name]:.4g}."
    gaps = np.subtract(ours.scores[score], best.scores[score])
    size = "within" if gaps.mean() <= gaps.std() else "more than"
    return (
        f"{best.name} is best by {score}: {values[best.name]:.4g}; {ours.name} has {values[ours.name]:.4g}. The gap is "
        f"{size} its own deviation between folds."
    )
