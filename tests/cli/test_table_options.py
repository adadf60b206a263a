from __future__ import annotations

from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from edgewise.cli.console import WrongUse
from edgewise.cli.table_options import read_options, reads_a_table


def show(
    name: str, times: Annotated[int, typer.Option("--times", "-n")] = 1, *, reading: dict[str, Any]
) -> None:
    """Show what was said."""
    typer.echo(f"{name} {times} {reading}")


def call(*words, kinds=True):
    app = typer.Typer()
    app.command()(reads_a_table(show, kinds=kinds))
    return CliRunner().invoke(app, list(words))


def test_a_command_gets_them_as_one():
    found = call(
        "x", "-n", "3", "--sep", ";", "--missing", "-9", "--missing", "?", "--no-header", "--kind", "a=text"
    )
    assert found.exit_code == 0, found.output
    reading = "{'sep': ';', 'decimal': None, 'encoding': None, 'sheet': None, 'missing': ['-9', '?'], 'header': False"
    assert found.output == f"x 3 {reading}, 'kind': ['a=text'], 'categories': None}}\n"


def test_where_kinds_are_known_they_cannot_be_said():
    assert call("x", "--sep", ";", kinds=False).exit_code == 0
    assert call("x", "--kind", "a=text", kinds=False).exit_code == 2


def test_they_are_checked():
    assert read_options(missing=["-9"], categories=["a,b"]).kinds == {"a": "text", "b": "text"}
    with pytest.raises(WrongUse, match="--decimal"):
        read_options(decimal="x")
