from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd


def test_predictions_are_those_of_the_model(fitted, run, table, tmp_path):
    folder, _ = fitted
    new = table(20, seed=1)
    new.drop(columns=["price"]).to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", folder, tmp_path / "new.csv")
    assert result.exit_code == 0, result.output
    found = pd.read_csv(io.StringIO(result.stdout))["price"]
    np.testing.assert_allclose(found, new["price"], atol=0.6)
    as_json = json.loads(run("predict", folder, tmp_path / "new.csv", "--json").stdout)["predictions"]
    np.testing.assert_allclose([row["price"] for row in as_json], found)


def test_predictions_go_to_a_file(fitted, run, table, tmp_path):
    table(5).to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", fitted[0], tmp_path / "new.csv", "-o", tmp_path / "found.parquet")
    assert result.exit_code == 0
    assert len(pd.read_parquet(tmp_path / "found.parquet")) == 5


def test_a_missing_column_is_named(fitted, run, table, tmp_path):
    table(5).drop(columns=["width"]).to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", fitted[0], tmp_path / "new.csv")
    assert result.exit_code == 1
    assert "width" in result.stderr


def test_a_folder_without_a_model_is_refused(run, tmp_path):
    result = run("predict", tmp_path, tmp_path / "new.csv")
    assert result.exit_code == 1
    assert "edgewise fit" in result.stderr


def test_a_file_that_exists_is_kept_unless_by_force(fitted, run, table, tmp_path):
    table(5).to_csv(tmp_path / "new.csv", index=False)
    before = (tmp_path / "new.csv").read_bytes()
    result = run("predict", fitted[0], tmp_path / "new.csv", "-o", tmp_path / "new.csv")
    assert result.exit_code == 1 and "--force" in result.stderr
    assert (tmp_path / "new.csv").read_bytes() == before
    assert (
        run("predict", fitted[0], tmp_path / "new.csv", "-o", tmp_path / "new.csv", "--force").exit_code == 0
    )


def test_the_tables_own_columns_are_carried(fitted, run, table, tmp_path):
    table(20, seed=1).to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", fitted[0], tmp_path / "new.csv")
    found = pd.read_csv(io.StringIO(result.stdout))
    assert list(found) == [
        "width", "height", "colour", "key", "day", "one", "price (given)", "price", "price low 90%", "price high 90%"
    ]  # fmt: skip
    assert found["key"].tolist() == table(20, seed=1)["key"].tolist()
    assert (found["price low 90%"] <= found["price"]).all() and (
        found["price"] <= found["price high 90%"]
    ).all()
    alone = pd.read_csv(io.StringIO(run("predict", fitted[0], tmp_path / "new.csv", "--only").stdout))
    assert list(alone) == ["price", "price low 90%", "price high 90%"]


def test_ninety_of_a_hundred_new_values_lie_in_their_interval(run, tmp_path):
    random = np.random.default_rng(0)

    def noisy(rows):
        x = random.uniform(0, 3, rows)
        return pd.DataFrame({"x": x, "y": np.sin(x) + 0.3 * random.normal(size=rows)})

    noisy(800).to_csv(tmp_path / "old.csv", index=False)
    noisy(2000).to_csv(tmp_path / "new.csv", index=False)
    assert run("fit", tmp_path / "old.csv", "-t", "y", "--hidden", 0, "--no-symbolic").exit_code == 0
    found = pd.read_csv(io.StringIO(run("predict", tmp_path / "old-edgewise", tmp_path / "new.csv").stdout))
    inside = (found["y low 90%"] <= found["y (given)"]) & (found["y (given)"] <= found["y high 90%"])
    assert 0.85 < inside.mean() < 0.95


def test_rows_unlike_those_of_the_fit_are_counted(fitted, run, table, tmp_path):
    new = table(20, seed=1)
    new.loc[:2, "width"] = 99.0
    new.loc[5, "width"] = -99.0
    new.loc[:1, "colour"] = "green"
    new.loc[2:4, "colour"] = "Red"
    new.to_csv(tmp_path / "new.csv", index=False)
    result = run("predict", fitted[0], tmp_path / "new.csv")
    assert "width: 4 of 20 rows are outside the range of training" in result.stderr
    assert 'colour: 5 of 20 rows have a level never seen in training: "Red" (3), "green" (2)' in result.stderr
    assert "note" not in result.stdout
    told = json.loads(run("predict", fitted[0], tmp_path / "new.csv", "--json").stdout)
    assert sum("width" in note or "colour" in note for note in told["notes"]) == 2


def test_rows_like_those_of_the_fit_need_no_remark(fitted, run, table, tmp_path):
    table(150).to_csv(tmp_path / "new.csv", index=False)
    told = json.loads(run("predict", fitted[0], tmp_path / "new.csv", "--json").stdout)
    assert [note for note in told["notes"] if "outside" not in note] == []


def test_files_in_another_dress_mean_the_same(run, tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({
        "zip": random.choice(["007", "012", "100"], 80),
        "on": random.choice(["true", "false"], 80),
        "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 300, 80), "D"),
        "x": random.uniform(0, 9, 80).round(2),
    })  # fmt: skip
    frame["y"] = (
        frame["x"]
        + 5 * (frame["zip"] == "007")
        + 3 * (frame["on"] == "true")
        + frame["day"].dt.day_of_year / 50
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    fit = run("fit", tmp_path / "a.csv", "-t", "y", "--hidden", 0, "--no-symbolic", "-o", tmp_path / "m")
    assert fit.exit_code == 0, fit.output

    frame.to_csv(
        tmp_path / "b.csv", sep=";", decimal=",", date_format="%d.%m.%Y", index=False, encoding="utf-16"
    )
    typed = frame.assign(on=frame["on"] == "true")
    typed.to_parquet(tmp_path / "c.parquet")
    frame.assign(on=(frame["on"] == "true").astype(int)).to_csv(tmp_path / "d.csv", index=False)
    frame.head(1).to_csv(tmp_path / "e.csv", index=False)
    expected = None
    for name in ("a.csv", "b.csv", "c.parquet", "d.csv", "e.csv"):
        told = json.loads(run("predict", tmp_path / "m", tmp_path / name, "--json").stdout)
        values = np.array([row["y"] for row in told["predictions"]])
        expected = values if expected is None else expected
        np.testing.assert_allclose(values, expected[: len(values)], rtol=1e-9)
        assert not [note for note in told["notes"] if "never seen" in note], name


def test_gaps_that_were_named_at_the_fit_are_gaps_again(run, tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.uniform(0, 1, 60).round(3)})
    frame["y"] = frame["x"] * 2
    frame.loc[::5, "x"] = -999
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert run("fit", tmp_path / "a.csv", "-t", "y", "--missing", "-999", "--no-symbolic").exit_code == 0
    told = json.loads(run("predict", tmp_path / "a-edgewise", tmp_path / "a.csv", "--json").stdout)
    assert told["predictions"][0]["x"] is None and not [note for note in told["notes"] if "outside" in note]


def test_a_workbook_is_no_csv(fitted, run, table, tmp_path):
    table(5).to_csv(tmp_path / "new.csv", index=False)
    for name in ("found.xls", "found.docx", "found"):
        result = run("predict", fitted[0], tmp_path / "new.csv", "-o", tmp_path / name)
        assert result.exit_code == 1 and ".csv" in result.stderr and not (tmp_path / name).exists()


def test_many_levels_ordered_levels_and_row_numbers_go_from_fit_to_predict(run, tmp_path):
    random = np.random.default_rng(0)
    shops, sizes = random.integers(0, 60, 900), random.integers(0, 3, 900)
    frame = pd.DataFrame({"shop": [f"S{n}" for n in shops], "x": random.uniform(0, 1, 900)})
    frame["size"] = pd.Categorical(
        np.array(["low", "mid", "high"])[sizes], ["low", "mid", "high"], ordered=True
    )
    frame["y"] = random.normal(size=60)[shops] + sizes + frame["x"]
    frame = frame.sort_values("y", ignore_index=True)
    frame["nr"] = range(900)
    frame.to_parquet(tmp_path / "shops.parquet")
    fit = run(
        "fit", tmp_path / "shops.parquet", "-t", "y", "--hidden", 0, "--no-symbolic", "-o", tmp_path / "out"
    )
    assert fit.exit_code == 0, fit.output
    assert "shop: its 60 levels are coded by the target's mean over each" in fit.stdout
    assert "nr was left out: it numbers the rows, and orders the target" in fit.stdout
    rules = json.loads((tmp_path / "out" / "model.json").read_text())["columns"]
    assert ["means" in rule for rule in rules] == [True, False, False]
    assert rules[2]["order"] == ["low", "mid", "high"]
    frame.loc[:1, "shop"] = "S99"
    frame.to_csv(tmp_path / "new.csv", index=False)
    told = run("predict", tmp_path / "out", tmp_path / "new.csv", "--only", "--json")
    found = json.loads(told.stdout)
    assert np.std([row["y"] for row in found["predictions"]] - frame["y"]) < 0.15
    assert found["notes"] == ['shop: 2 of 900 rows have a level never seen in training: "S99" (2)']
