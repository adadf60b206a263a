from __future__ import annotations

import json

import pytest
import typer

from edgewise.cli.console import BAD_DATA, INTERRUPTED, Terminal, progress_line
from edgewise.errors import InputError
from edgewise.events import Event, emit


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Event("message", "fit", text="pruning"), "pruning"),
        (Event("step", "fit", step=3, total=20), "fit, step 3 of 20"),
        (Event("step", "solve", step=3), "solve, step 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_event_is_a_line(event, line):
    assert progress_line(event) == line


def test_programs_get_one_object_and_no_progress(capsys):
    terminal = Terminal(as_json=True)
    with terminal.working("fit"):
        emit("message", "fit", text="pruning")
    terminal.line("for people")
    terminal.result({"a": "ä"})
    written = capsys.readouterr()
    assert json.loads(written.out) == {"a": "ä"} and written.err == ""


def test_people_get_lines_and_no_object(capsys):
    terminal = Terminal(as_json=False)
    terminal.line("a [b] c")
    terminal.result({"a": 1})
    assert capsys.readouterr().out == "a [b] c\n"


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("x: wrong"), BAD_DATA), (KeyboardInterrupt(), INTERRUPTED)]
)
def test_errors_become_exit_codes(error, code, capsys):
    with pytest.raises(typer.Exit) as found, Terminal(as_json=False).errors():
        raise error
    assert found.value.exit_code == code and capsys.readouterr().err
