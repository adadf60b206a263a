from __future__ import annotations

import json


def test_a_folder_and_a_file_say_the_same(fitted, run):
    folder, _ = fitted
    whole = json.loads(run("info", folder, "--json").stdout)
    file = json.loads(run("info", folder / "model.safetensors", "--json").stdout)
    assert whole["target"] == "price"
    assert {name: whole[name] for name in file} == file
    assert "width" in run("info", folder).stdout


def test_what_is_no_model_is_refused(run, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    result = run("info", tmp_path / "model.safetensors")
    assert result.exit_code == 1
