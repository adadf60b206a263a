from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.commands.export import SUFFIXES
from edgewise.cli.model_folder import read_model


@pytest.mark.parametrize("format", sorted(SUFFIXES))
def test_every_form_is_written_with_its_inputs_said(fitted, run, tmp_path, format):
    path = tmp_path / f"out{SUFFIXES[format]}"
    result = run("export", fitted[0], "--to", format, "-o", path, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert path.stat().st_size > 0 and told["file"] == str(path)
    assert [line.split(":")[0] for line in told["inputs"]] == read_model(fitted[0]).encoder.names
    assert "colour=red: 1 where colour is 'red', else 0" in told["inputs"]
    assert any(line.startswith("day: days since 1970") for line in told["inputs"])
    assert any("1 where height is missing" in line for line in told["inputs"])


@pytest.mark.parametrize("words", [["values"], ["binary"], ["several"]])
def test_the_numpy_module_predicts_from_a_table_as_the_command_does(run, table, tmp_path, words):
    frame = table(100)
    if words == ["binary"]:
        frame["price"] = np.where(frame["price"] > 5, "much", "little")
    elif words == ["several"]:
        frame["price"] = pd.cut(frame["price"], 3, labels=["low", "mid", "high"]).astype(str)
    data = tmp_path / "data.csv"
    frame.drop(columns=["day"]).to_csv(data, index=False)
    run("fit", data, "-t", "price", "--hidden", 0, "--no-symbolic", "-o", tmp_path / "m")
    assert run("export", tmp_path / "m", "--to", "numpy", "--name", "houses").exit_code == 0
    script = (
        "import csv, json, sys; sys.path.insert(0, 'm'); import houses\n"
        "rows = list(csv.DictReader(open('data.csv')))\n"
        "found = houses.predict_table({name: [row[name] for row in rows] for name in rows[0]})\n"
        "print(json.dumps({name: list(values) for name, values in found.items()}))"
    )
    alone = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    want = pd.DataFrame(
        json.loads(run("predict", tmp_path / "m", data, "--only", "--json").stdout)["predictions"]
    )
    want = want[[name for name in want if not name.startswith("price ")]]  # without the interval
    got = pd.DataFrame(json.loads(alone.stdout))
    assert list(got) == list(want)
    pd.testing.assert_frame_equal(got, want, rtol=1e-9)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_c_file_compiles_whatever_columns_are_called(run, table, tmp_path):
    frame = table(60).rename(columns={"width": "*/ int x; /* \\", "height": 'a"b\n"""'})
    frame.to_csv(tmp_path / "data.csv", index=False)
    run("fit", tmp_path / "data.csv", "-t", "price", "--hidden", 0, "--no-symbolic", "-o", tmp_path / "m")
    for format in ("c99", "numpy"):
        assert run("export", tmp_path / "m", "--to", format).exit_code == 0
    subprocess.run(
        ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "model.c"], cwd=tmp_path / "m", check=True
    )
    compile((tmp_path / "m" / "model.py").read_text("utf-8"), "model.py", "exec")


def test_a_graph_carries_the_rules(fitted, run, tmp_path):
    onnx = pytest.importorskip("onnx")
    run("export", fitted[0], "--to", "onnx", "-o", tmp_path / "m.onnx")
    assert "colour=red" in onnx.load(tmp_path / "m.onnx").doc_string


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--to", "fortran"], 2, "--to must be one of"),
        (["--to", "c99", "--name", "a b"], 1, "name must be letters"),
        (["--to", "c99", "-o", "/no/such/folder/x.c"], 1, "folder of path must exist"),
    ],
)
def test_what_cannot_be_exported_is_refused(fitted, run, words, code, said):
    result = run("export", fitted[0], *words)
    assert result.exit_code == code
    assert said in result.stderr


@pytest.mark.parametrize("format", sorted(SUFFIXES))
def test_no_export_harms_the_model_it_is_made_from(fitted, run, tmp_path, format):
    folder = tmp_path / "model"
    shutil.copytree(fitted[0], folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = run("export", folder, "--to", format, "--json")
    assert result.exit_code == 0, result.output
    file = json.loads(result.stdout)["file"]
    made = (folder / file).read_bytes()
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert run("info", folder).exit_code == 0

    again = run("export", folder, "--to", format)
    assert again.exit_code == 1 and "--force" in again.stderr and (folder / file).read_bytes() == made
    assert run("export", folder, "--to", format, "--force").exit_code == 0


@pytest.mark.parametrize("name", ["model.json", "model.safetensors", "report.html", "../model/model.json"])
def test_files_of_the_model_are_not_written_over_even_by_force(fitted, run, tmp_path, name):
    folder = tmp_path / "model"
    shutil.copytree(fitted[0], folder)
    result = run("export", folder, "--to", "json", "-o", folder / name, "--force")
    assert result.exit_code == 1 and "the model's own" in result.stderr
    assert run("info", folder).exit_code == 0
