from __future__ import annotations

import json

import pytest
import typer

from edgewise.cli.console import BAD_DATA, INTERRUPTED, WRONG_USE, Terminal, WrongUse, progress_line, told
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
    terminal = Terminal("fit", as_json=True)
    with terminal.working("fit"):
        emit("message", "fit", text="pruning")
    terminal.line("for people")
    terminal.result({"a": "ä"})
    written = capsys.readouterr()
    assert json.loads(written.out) == {"a": "ä"} and written.err == ""


def test_people_get_lines_and_no_object(capsys):
    terminal = Terminal("fit", as_json=False)
    terminal.line("a [b] c")
    terminal.result({"a": 1})
    assert capsys.readouterr().out == "a [b] c\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x: wrong"), BAD_DATA),
        (OSError("no such disk"), BAD_DATA),
        (MemoryError(), BAD_DATA),
        (WrongUse("x: --task wrong"), WRONG_USE),
        (KeyboardInterrupt(), INTERRUPTED),
    ],
)
def test_errors_become_exit_codes(error, code, capsys):
    with pytest.raises(typer.Exit) as found, Terminal("fit", as_json=False).errors():
        raise error
    assert found.value.exit_code == code and capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fit: column 'a' must hold numbers", "predict: column 'a' must hold numbers"),
        ("read: 'x' must be a table", "predict: 'x' must be a table"),
        ("KANRegressor: y must be given", "predict: y must be given"),
        ("predict: column np.str_('a') of (np.float64(1.5), 'b')", "predict: column 'a' of (1.5, 'b')"),
        ("[Errno 28] No space left: 'x'", "predict: [Errno 28] No space left: 'x'"),
    ],
)
def test_an_error_begins_with_the_command_that_was_run(text, said):
    assert told("predict", ValueError(text)) == said


def test_remarks_do_not_mix_with_results(capsys):
    Terminal("predict", as_json=False).note("a [b] c")
    Terminal("predict", as_json=True).note("not for programs")
    written = capsys.readouterr()
    assert written.out == "" and written.err == "note: a [b] c\n"
