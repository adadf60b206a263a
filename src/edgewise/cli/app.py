"""The commands, in the order they are used."""

from __future__ import annotations

import typer

from .commands.bench import bench
from .commands.discover import discover
from .commands.explain import explain
from .commands.export import export
from .commands.fit import fit
from .commands.info import info
from .commands.predict import predict
from .law_options import tells_of_a_law
from .table_options import reads_a_table

app = typer.Typer(
    name="edgewise",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "From a table to a formula, by Kolmogorov-Arnold networks.\n\n"
        "Start with  [bold]edgewise fit data.csv --target y[/bold] : it trains on four fifths of the rows, says how "
        "wrong it is on the rest, and leaves a folder with the model, a picture and a report. "
        "[bold]explain[/bold], [bold]predict[/bold], [bold]export[/bold] and [bold]info[/bold] take that folder. "
        "[bold]discover[/bold] looks for the exact law behind a table of numbers. "
        "[bold]bench[/bold] says whether another model is better on your table.\n\n"
        "Exit codes: 0 done, 1 bad data or files, 2 wrong use, 130 interrupted."
    ),
)

for command in (
    reads_a_table(fit),
    explain,
    reads_a_table(predict, kinds=False),
    export,
    info,
    reads_a_table(tells_of_a_law(discover)),
    reads_a_table(bench),
):
    app.command(no_args_is_help=True)(command)
