from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.commands.discover import Standing
from edgewise.events import Event


@pytest.fixture
def pendulum(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"length": random.uniform(0.1, 2, 80), "place": random.choice(["lab", "field"], 80)})
    frame["period"] = 2 * np.pi * np.sqrt(frame["length"] / 9.81)
    frame.loc[::20, "length"] = np.nan
    path = tmp_path / "pendulum.csv"
    frame.to_csv(path, index=False)
    return path


def test_the_law_its_programs_and_its_pictures(pendulum, run):
    result = run("discover", pendulum, "-t", "period", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["verdict"] == "exact" and told["columns"] == ["length"]
    assert told["rows"] == {"fitted_to": 61, "held_out": 15}
    folder = pendulum.with_name("pendulum-formula")
    assert told["folder"] == str(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "formula.c", "formula.json", "formula.png", "formula.py", "formula.tex"
    ]  # fmt: skip
    assert {k: v for k, v in told.items() if k != "folder"} == json.loads(
        (folder / "formula.json").read_text()
    )


def test_people_read_the_table_and_what_was_left_out(pendulum, run):
    result = run("discover", pendulum, "--target", "period", "--noise", 0, "-o", pendulum.parent / "out")
    assert result.exit_code == 0, result.output
    for part in (
        "place was left out: it holds text",
        "4 rows with gaps",
        "complexity",
        "* ",
        "period = ",
        "Exact",
        "wrote",
    ):
        assert part in result.stdout


def test_nothing_is_overwritten_unless_asked(pendulum, run):
    folder = pendulum.with_name("pendulum-formula")
    folder.mkdir()
    (folder / "formula.py").write_text("mine")
    result = run("discover", pendulum, "-t", "period")
    assert result.exit_code == 1 and "formula.py" in result.output
    assert (folder / "formula.py").read_text() == "mine" and len(list(folder.iterdir())) == 1
    (folder / "notes.txt").write_text("mine")
    assert run("discover", pendulum, "-t", "period", "--force").exit_code == 0
    assert (folder / "notes.txt").read_text() == "mine"


def test_no_law_is_an_answer(tmp_path, run):
    random = np.random.default_rng(0)
    pd.DataFrame({"a": random.normal(size=60), "y": random.normal(size=60)}).to_csv(
        tmp_path / "t.csv", index=False
    )
    result = run("discover", tmp_path / "t.csv", "-t", "y", "--no-networks", "--seconds", 5)
    assert result.exit_code == 0 and "No formula earns its place" in result.stdout
    assert [path.name for path in (tmp_path / "t-formula").iterdir()] == ["formula.json"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-t", "perid"], 1, "period"),
        (["-t", "place"], 1, "must hold numbers"),
        (["-t", "period", "--ignore", "length"], 1, "column of numbers"),
        (["-t", "period", "--noise", "-1"], 2, "--noise"),
        (["-t", "period", "--seconds", "0"], 2, "--seconds"),
        (["-t", "period", "--test", "1"], 2, "--test"),
        (["-t", "period", "--seed", "-1"], 2, "--seed"),
        (["-t", "period", "--unit", "length"], 2, "--unit"),
        (["-t", "period", "--require", "mass"], 1, "mass"),
        (["-t", "period", "--sep", ";;"], 2, "--sep"),
    ],
)
def test_wrong_use_is_told_in_a_line(pendulum, run, arguments, code, said):
    result = run("discover", pendulum, *arguments)
    assert result.exit_code == code, result.output
    assert said in result.output and "discover: " in result.output
    assert not pendulum.with_name("pendulum-formula").exists()


def test_units_and_what_is_prescribed_come_through(pendulum, run):
    units = ["--unit", "length=m", "--unit", "period=s", "--constant", "g"]
    result = run("discover", pendulum, "-t", "period", *units, "--require", "length", "--noise", 0, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["columns"] == ["length"] and any("Prescribed" in note for note in told["notes"])


def test_what_a_search_is_at_and_what_it_has():
    words = Standing()
    assert words(Event("message", "discover", text="power laws")) == "power laws"
    assert words(Event("step", "discover", text="2*a")) == "power laws; best so far: 2*a"
    assert words(Event("step", "fit", step=3)) == "power laws; best so far: 2*a"
