from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.commands.discover import Standing
from edgewise.events import Event, listen


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
    written = {path.name for path in (tmp_path / "t-formula").iterdir()}
    assert written - {"search.jsonl"} == {"formula.json"}  # kept where the time was up


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
        (["-t", "period", "--noise", "nois"], 1, "nois"),
        (["-t", "period", "--noise", "place"], 1, "--kind"),
        (["-t", "period", "-t", "period"], 1, "different columns"),
        (["-t", "period", "--weights", "place"], 1, "weights"),
        (["-t", "period", "--unit", "length"], 2, "--unit"),
        (["-t", "period", "--unit", "lenght=m"], 1, "lenght"),
        (["-t", "period", "--constant", "g="], 2, "--constant"),
        (["-t", "period", "--limit", "length -> 0"], 2, "--limit"),
        (["-t", "period", "--limit", "lenth -> 0 = 0"], 1, "limits"),
        (["-t", "period", "--functions", "sinn"], 1, "sin"),
        (["-t", "period", "--guess", "sqrt("], 1, "guess"),
        (["-t", "period", "--require", "mass"], 1, "mass"),
        (["-t", "period", "--sep", ";;"], 2, "--sep"),
    ],
)
def test_wrong_use_is_told_in_a_line(pendulum, run, arguments, code, said):
    result = run("discover", pendulum, *arguments)
    assert result.exit_code == code, result.output
    assert said in result.output and "discover: " in result.output
    assert not pendulum.with_name("pendulum-formula").exists()


def written(path, **columns):
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


A, B = np.random.default_rng(5).uniform(1, 3, (2, 60))


def test_several_targets_have_a_law_and_a_folder_each(tmp_path, run):
    table = written(tmp_path / "t.csv", a=A, b=B, **{"p (W/m)": A * B, "q": A**2})
    result = run("discover", table, "-t", "p (W/m)", "-t", "q", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)["targets"]
    assert {name: one["law"] for name, one in told.items()} == {"p (W/m)": "a*b", "q": "a**2"}
    for name, folder in (("p (W/m)", "p_W_m"), ("q", "q")):
        assert json.loads((tmp_path / "t-formula" / folder / "formula.json").read_text()) == told[name]
    shown = run("discover", table, "-t", "p (W/m)", "-t", "q", "--force").stdout
    assert "`p (W/m)` = a*b" in shown and "q = a**2" in shown


def test_rows_have_errors_by_a_column(tmp_path, run):
    error = np.where(A > 2, 5.0, 0.01)
    y = 1.7 * A / B + error * np.random.default_rng(0).standard_normal(60)
    table = written(tmp_path / "t.csv", a=A, b=B, s=error, w=error**-2, y=y)
    options = ["--noise", "s", "--forbid", "w", "--functions", "sqrt", "--no-networks", "--seconds", 5]
    result = run("discover", table, "-t", "y", *options, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["columns"] == ["a", "b"] and told["verdict"] == "within noise"
    assert told["constants"][0]["fitted"] == pytest.approx(1.7, abs=0.02)


def test_limits_functions_and_columns_are_prescribed(tmp_path, run):
    table = written(tmp_path / "t.csv", a=A, b=B, y=np.exp(-A) * B)
    prescribed = ["--limit", "a -> oo = 0", "--functions", "exp,sin", "--require", "b", "--no-networks"]
    told = json.loads(run("discover", table, "-t", "y", *prescribed, "--json").stdout)
    assert told["law"] == "b*exp(-a)"
    assert any("exp, sin" in note and "a -> oo" in note for note in told["notes"])


def test_ctrl_c_keeps_the_best_and_the_search_goes_on(tmp_path, run):
    y = np.sin(A * B) + 0.1 * np.random.default_rng(0).standard_normal(60)
    table = written(tmp_path / "t.csv", a=A, b=B, y=y)
    search = ["discover", table, "-t", "y", "--noise", 0.1, "--no-networks", "--seconds", 30]

    def interrupt(event):
        if event.text == "a constant and a product":
            raise KeyboardInterrupt

    with listen(interrupt):
        first = run(*search)
    assert first.exit_code == 130 and "--resume goes on" in first.stdout and "y = " in first.stdout
    kept = tmp_path / "t-formula" / "search.jsonl"
    before = kept.read_bytes()
    refused = run(*search)
    assert refused.exit_code == 1 and "--resume to go on" in refused.output
    other = run(*search, "--resume", "--seed", 1)
    assert other.exit_code == 1 and kept.read_bytes() == before
    again = run(*search, "--resume", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["law"] == "sin(a*b)"
    assert not kept.exists()


def test_names_that_are_no_words_or_mean_something_else(tmp_path, run):
    columns = {"body mass [kg]": A, "x^2": B, "lambda": A[::-1], "E": B[::-1], "pi": A + B}
    table = written(tmp_path / "t.csv", **columns, y=A * B * A[::-1] / B[::-1])
    told = json.loads(run("discover", table, "-t", "y", "--json").stdout)
    assert told["law"] == "`body mass [kg]`*lambda*`x^2`/E"
    guess = ["--guess", "p*lambda*`x^2`*`body mass [kg]`/E", "--force", "--json"]
    assert json.loads(run("discover", table, "-t", "y", *guess).stdout)["law"] == told["law"]


def test_a_column_with_entries_that_are_no_numbers_says_so(tmp_path, run):
    result = run(
        "discover", written(tmp_path / "t.csv", a=np.where(np.arange(60) % 8, A, np.inf), y=A), "-t", "y"
    )
    assert result.exit_code == 1 and "entries such as inf; --kind a=number" in result.output


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
