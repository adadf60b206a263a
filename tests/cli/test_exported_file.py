from __future__ import annotations

import json

from edgewise.cli.exported_file import write_exported
from edgewise.cli.model_folder import read_model


def test_a_file_says_what_its_inputs_are(fitted, tmp_path):
    saved = read_model(fitted[0])
    write_exported(saved, "json", "model", tmp_path / "m.json")
    write_exported(saved, "c99", "model", tmp_path / "m.c")
    words = json.loads((tmp_path / "m.json").read_text("utf-8"))["encoding"]
    assert "colour=red: 1 where colour is 'red', else 0" in words and words[-1] == "y: price"
    assert (tmp_path / "m.c").read_text("utf-8").startswith("/* Inputs, in this order, and outputs:")
