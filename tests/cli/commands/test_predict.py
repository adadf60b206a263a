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
