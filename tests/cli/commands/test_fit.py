from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.commands.fit import auto_or_number
from edgewise.cli.console import WrongUse


def test_a_fit_leaves_model_picture_report_and_summary(fitted):
    folder, summary = fitted
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.json", "model.safetensors", "network.png", "report.html"
    ]  # fmt: skip
    assert summary["scores"]["held_out"]["r2"] > 0.99
    assert summary["rows"] == {"train": 120, "held_out": 30}
    assert list(summary["importances"])[:2] == ["width", "colour"]
    assert {"price", "one", "key"}.isdisjoint(summary["importances"])


def test_the_report_stands_by_itself(fitted):
    folder, _ = fitted
    page = (folder / "report.html").read_text("utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    titles = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert titles == [
        "How good", "What matters", "How", "Interactions", "Single rows explained", "Data and diagnostics", "The formula"
    ]  # fmt: skip
    assert page.count("<img") >= 3


def test_names_in_a_table_cannot_write_into_the_page(tmp_path, run, table):
    frame = table(60).rename(columns={"width": "<script>x</script>"})
    frame.to_csv(tmp_path / "data.csv", index=False)
    result = run("fit", tmp_path / "data.csv", "-t", "price", "--hidden", 0, "--no-symbolic")
    assert result.exit_code == 0, result.output
    assert "<script" not in (tmp_path / "data-edgewise" / "report.html").read_text("utf-8")


def test_classes_are_known_by_their_text(tmp_path, run, table):
    frame = table(120)
    frame["size"] = np.where(frame["width"] > 2, "big", "small")
    frame.drop(columns=["price"]).to_parquet(tmp_path / "data.parquet")
    result = run("fit", tmp_path / "data.parquet", "-t", "size", "--hidden", 0, "--json")
    summary = json.loads(result.stdout)
    assert summary["classes"] == ["big", "small"]
    assert summary["scores"]["held_out"]["accuracy"] > 0.9


def test_people_read_errors_formula_and_advice(tmp_path, run, table):
    table(60).to_csv(tmp_path / "data.csv", index=False)
    result = run("fit", tmp_path / "data.csv", "-t", "price", "--hidden", 0)
    assert result.exit_code == 0
    for text in ("held out", "What matters", "Formula", "Diagnostics", "key was left out"):
        assert text in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-t", "pris"], 1, "price"),
        (["-t", "price", "--test", 1.5], 2, "--test"),
        (["-t", "price", "--task", "guess"], 2, "--task"),
        (["-t", "price", "--hidden", "many"], 2, "--hidden"),
        (["-t", "price", "--grid", "0"], 2, "--grid"),
        (["-t", "price", "--penalty", "-1"], 2, "--penalty"),
        (["-t", "price", "--class-weight", "heavy"], 2, "--class-weight"),
        (["-t", "price", "--sep", ";;"], 2, "--sep"),
        (["-t", "price", "--decimal", "x"], 2, "--decimal"),
        (["-t", "price", "--encoding", "latin-99"], 2, "--encoding"),
        (["-t", "price", "--kind", "width"], 2, "--kind"),
        (["-t", "price", "--kind", "width=length"], 2, "--kind"),
        (["-t", "price", "--kind", "breadth=number"], 1, "breadth"),
        (["-t", "price", "--weights", "colour"], 1, "weights"),
        (["-t", "colour", "--task", "values"], 1, "--task classes"),
        (["-t", "price", "--ignore", "nothing"], 1, "nothing"),
    ],
)
def test_wrong_use_ends_with_2_and_bad_data_with_1(tmp_path, run, table, arguments, code, said):
    table(30).to_csv(tmp_path / "data.csv", index=False)
    result = run("fit", tmp_path / "data.csv", *arguments)
    assert result.exit_code == code, result.output
    assert said in result.stderr and result.stderr.startswith("edgewise fit: ")
    assert not (tmp_path / "data-edgewise").exists()


def test_a_file_that_is_none_and_one_that_is_no_table(tmp_path, run):
    assert run("fit", tmp_path / "none.csv", "-t", "y").exit_code == 1
    (tmp_path / "bad.parquet").write_bytes(b"nonsense")
    assert run("fit", tmp_path / "bad.parquet", "-t", "y").exit_code == 1
    pd.DataFrame({"x": [], "y": []}).to_csv(tmp_path / "empty.csv")
    assert "row" in run("fit", tmp_path / "empty.csv", "-t", "y").stderr


def test_wrong_use_ends_with_2(run):
    assert run("fit", "data.csv").exit_code == 2


def test_a_second_fit_replaces_the_first_only_by_force(tmp_path, run, table):
    table(40).to_csv(tmp_path / "run.v1.csv", index=False)
    words = ("fit", tmp_path / "run.v1.csv", "-t", "price", "--hidden", 0, "--no-symbolic")
    assert run(*words).exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "run.v1-edgewise").iterdir()}
    again = run(*words, "--seed", 1)
    assert again.exit_code == 1 and "--force" in again.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "run.v1-edgewise").iterdir()} == before
    assert run(*words, "--seed", 1, "--force").exit_code == 0
    assert (tmp_path / "run.v1-edgewise" / "model.json").read_bytes() != before["model.json"]


def test_a_fit_leaves_strangers_files_alone(tmp_path, run, table):
    table(40).to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("mine")
    result = run(
        "fit",
        tmp_path / "data.csv",
        "-t",
        "price",
        "--hidden",
        0,
        "--no-symbolic",
        "-o",
        tmp_path / "out",
    )
    assert result.exit_code == 1 and (tmp_path / "out" / "report.html").read_text() == "mine"
    assert not (tmp_path / "out" / "model.json").exists()


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "²", "", "nan", "inf", "0x8"])
def test_options_of_auto_or_a_whole_number_take_nothing_else(text):
    with pytest.raises(WrongUse, match="--grid must be auto or a whole number of at least 1; got"):
        auto_or_number("--grid", text, least=1)


@pytest.mark.parametrize("text", ["x", "-1", "0", "", "nan", "inf", "1e999", ".", "1.2.3"])
def test_options_of_auto_or_a_number_take_nothing_else(text):
    with pytest.raises(WrongUse, match="--penalty must be auto or a number above 0; got"):
        auto_or_number("--penalty", text)


def counts(rows=150):
    random = np.random.default_rng(0)
    size = random.uniform(0, 2, rows)
    return pd.DataFrame({"size": size, "visits": random.poisson(np.exp(size)), "fee": np.exp(size + size**2)})


@pytest.mark.parametrize(
    ("options", "score"),
    [
        (["--loss", "poisson"], "poisson_deviance"),
        (["--loss", "quantile", "--quantile", 0.9], "pinball_loss"),
        (["--loss", "huber"], "mae"),
    ],
)
def test_a_loss_is_kept_and_judges_the_model(tmp_path, run, options, score):
    counts().to_csv(tmp_path / "data.csv", index=False)
    result = run(
        "fit", tmp_path / "data.csv", "-t", "visits", "--ignore", "fee", "--hidden", 0, *options, "--json"
    )
    summary = json.loads(result.stdout)
    assert summary["loss"]["name"] == options[1]
    assert summary["scores"]["held_out"][score] < summary["scores"]["baseline"][score]
    if score != "pinball_loss":
        assert summary["diagnostics"][0]["value"].startswith(score)
    assert (summary["interval"] is None) == (score == "pinball_loss")
    found = run("predict", tmp_path / "data-edgewise", tmp_path / "data.csv", "--json")
    assert all(row["visits"] >= 0 for row in json.loads(found.stdout)["predictions"])


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--loss", "squares"], "--loss must be one of"),
        (["--loss", "quantile"], "--quantile must be above 0"),
        (["--quantile", 0.5], "must be left out"),
        (["--loss", "gamma", "--target", "visits"], "must be positive"),
    ],
)
def test_a_loss_that_has_no_sense_is_refused(tmp_path, run, options, word):
    counts(40).to_csv(tmp_path / "data.csv", index=False)
    result = run("fit", tmp_path / "data.csv", "-t", "fee", *options)
    assert result.exit_code != 0 and word in result.output.replace("\n", " ")


def test_wild_cells_codes_and_targets_are_noted_by_row(tmp_path, run):
    frame = counts(120).drop(columns=["visits"])
    frame["height"] = np.random.default_rng(1).normal(170, 10, 120).round(1)
    frame.loc[::10, "height"] = -999
    frame.loc[4, "size"] = 1e9
    frame.to_csv(tmp_path / "data.csv", index=False)
    result = run("fit", tmp_path / "data.csv", "-t", "fee", "--hidden", 0, "--test", 0, "--json")
    summary = json.loads(result.stdout)
    notes = " ".join(summary["notes"])
    assert "height: 12 of 120 rows have a number far from all others that looks like a code" in notes
    assert (
        "size: 1 of 120 rows is far off the others and read as the nearest of them: 1e+09 in row 5" in notes
    )
    run("export", tmp_path / "data-edgewise", "--to", "numpy")
    names: dict = {}
    exec((tmp_path / "data-edgewise" / "model.py").read_text("utf-8"), names)
    found = names["predict_table"]({name: frame[name].tolist() for name in ("size", "height")})["fee"]
    kept = json.loads(run("predict", tmp_path / "data-edgewise", tmp_path / "data.csv", "--json").stdout)
    np.testing.assert_allclose(found, [row["fee"] for row in kept["predictions"]], rtol=1e-5)
