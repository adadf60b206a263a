from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def data(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("bench") / "data.csv"
    table(80).to_csv(path, index=False)
    return path


def test_models_are_compared_on_rows_they_never_saw(run, data):
    result = run("bench", data, "-t", "price", "--hidden", 0, "--folds", 2, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [one["model"] for one in told["models"]] == [
        "edgewise",
        "no input",
        "linear",
        "forest",
        "boosting",
    ]
    scores = {one["model"]: one["scores"]["r2"]["mean"] for one in told["models"]}
    assert scores["edgewise"] > 0.9 > 0.1 > scores["no input"]
    assert told["rows"] == 80 and told["folds"] == 2


def test_people_read_a_table_and_a_verdict(run, data):
    result = run("bench", data, "-t", "colour", "--hidden", 0, "--folds", 2, "--rows", 60)
    assert result.exit_code == 0, result.output
    for text in ("log loss", "boosting", "by log_loss", "60 of 80 rows were drawn"):
        assert text in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--folds", 1], "--folds"), (["--task", "guess"], "--task"), (["--hidden", "x"], "--hidden")],
)
def test_wrong_settings_end_with_2(run, data, words, said):
    result = run("bench", data, "-t", "price", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_weights_count_in_training_and_scores(run, tmp_path):
    random = np.random.default_rng(0)
    x = random.uniform(0, 1, 90)
    frame = pd.DataFrame({"x": x, "y": np.where(x < 0.5, x, 5.0), "w": np.where(x < 0.5, 1.0, 0.0)})
    frame.to_csv(tmp_path / "weighed.csv", index=False)
    result = run(
        "bench", tmp_path / "weighed.csv", "-t", "y", "--weights", "w", "--hidden", 0, "--folds", 2, "--json"
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    scores = {one["model"]: one["scores"]["rmse"]["mean"] for one in told["models"]}
    assert scores["edgewise"] < 0.05 and scores["linear"] < 0.05  # the step is where nothing weighs
    assert told["columns"] == 1


@pytest.mark.parametrize("words", [["--weights", "none"], ["--weights", "colour"]])
def test_weights_that_are_none_are_refused(run, data, words):
    result = run("bench", data, "-t", "price", *words)
    assert result.exit_code == 1
    assert "weights" in result.stderr or "none" in result.stderr
