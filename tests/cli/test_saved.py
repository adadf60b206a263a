from __future__ import annotations

import json
import shutil

import pytest

from edgewise.cli.saved import read_model
from edgewise.errors import FileError


@pytest.mark.parametrize(
    "damage",
    [
        lambda notes: notes.pop("columns"),
        lambda notes: notes["columns"].pop(),
        lambda notes: notes.update(columns=7),
        lambda notes: notes.update(format=99),
        lambda notes: notes.update(classes=3),
        lambda notes: notes["columns"][0].update(fill="much"),
    ],
)
def test_damaged_notes_are_refused(fitted, tmp_path, damage):
    folder = tmp_path / "copy"
    shutil.copytree(fitted[0], folder)
    notes = json.loads((folder / "model.json").read_text())
    damage(notes)
    (folder / "model.json").write_text(json.dumps(notes))
    with pytest.raises(FileError):
        read_model(folder)


def test_text_that_is_no_json_is_refused(fitted, tmp_path):
    shutil.copytree(fitted[0], tmp_path / "copy")
    (tmp_path / "copy" / "model.json").write_text("[" * 100_000)
    with pytest.raises(FileError):
        read_model(tmp_path / "copy")
