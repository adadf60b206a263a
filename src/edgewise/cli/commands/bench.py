"""`edgewise bench`: how good is the network on a table, beside what else one would try?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from ...events import emit
from .. import parts
from .. import table_options as ask
from ..console import Terminal, WrongUse
from .fit import auto_or_number, check_task, show_reading

if TYPE_CHECKING:
    from ...estimators import Comparison
    from ..tables import Prepared


def bench(
    table: ask.Table,
    target: Annotated[str, typer.Option("--target", "-t", help="Column to predict.")],
    task: Annotated[str, typer.Option(help="values, classes or auto, as for fit.")] = "auto",
    ignore: Annotated[list[str] | None, typer.Option(help="Column to leave out; may be given again.")] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="Column that says how much each row counts.")
    ] = None,
    hidden: Annotated[str, typer.Option(help="Hidden nodes of the network, as for fit.")] = "auto",
    folds: Annotated[int, typer.Option("--folds", help="How often, each time on other rows.")] = 5,
    rows: Annotated[int, typer.Option(help="Most rows, drawn by the seed; 0 for all.")] = 20000,
    seed: Annotated[int, typer.Option(help="Of the folds and the start values.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Compare the network with quick models of scikit-learn, by cross-validation on this table.

    All models have their defaults and the same encoded columns. Where boosted trees are far better, a formula of
    few curves leaves much out; where the linear model is as good, take that one.

    \b
    edgewise bench houses.csv --target price
    """
    terminal = Terminal("bench", as_json)
    with terminal.errors():
        check_task("bench", task)
        nodes = auto_or_number("--hidden", hidden, least=0)
        if folds < 2 or rows < 0:
            raise WrongUse(
                f"bench: --folds must be at least 2, and --rows at least 0; got {folds} and {rows}."
            )
        options = ask.read_options(**reading)
        with terminal.working(f"bench {table.name}"):
            emit("message", "bench", text="reading")
            raw = parts.read_table(table, options)
            prepared = parts.prepare(
                raw, target, task=task, ignore=ignore or (), weights=weights, options=options
            )
            prepared = parts.some_rows(prepared, rows, seed)
            if folds > len(prepared.target):
                raise InputError(
                    f"bench: --folds must be at most the number of rows, {len(prepared.target)}; got {folds}."
                )
            found = parts.compare(
                prepared.inputs,
                prepared.target,
                kind=prepared.kind,
                hidden=nodes,
                n_folds=folds,
                seed=seed,
                sample_weight=prepared.weights,
            )
        show_reading(terminal, raw.found_in(table.name), prepared)
        terminal.heading(
            f"Mean over {folds} folds of rows never seen, ± half of its 95 % interval; * is best"
        )
        terminal.table(*parts.ranking_table(found))
        terminal.line()
        terminal.line(parts.verdict(found))
        told = {"target": target, "folds": folds, "read": raw.found_in(table.name)}
        terminal.result({**told, **_result(prepared, found)})


def _result(prepared: Prepared, found: list[Comparison]) -> dict[str, Any]:
    return {
        "task": prepared.kind,
        "rows": len(prepared.target),
        "columns": prepared.inputs.shape[1],
        "models": [parts.described(one) for one in found],
        "verdict": parts.verdict(found),
        "notes": list(prepared.notes),
    }
