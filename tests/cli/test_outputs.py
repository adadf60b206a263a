from __future__ import annotations

from pathlib import Path

import pytest

from edgewise.cli.outputs import default_folder, refuse_existing
from edgewise.errors import FileError


@pytest.mark.parametrize(
    ("table", "folder"),
    [
        ("data.csv", "data-edgewise"),
        ("run.v1.csv", "run.v1-edgewise"),
        ("run.v2.csv", "run.v2-edgewise"),
        ("a.b.c.TSV.gz", "a.b.c-edgewise"),
        ("2024.01.parquet", "2024.01-edgewise"),
        ("houses.2024", "houses.2024-edgewise"),
        ("-", "stdin-edgewise"),
        (".csv", ".csv-edgewise"),
    ],
)
def test_tables_of_different_names_have_different_folders(table, folder):
    assert default_folder(Path(table)) == Path(folder)


def test_a_folder_stands_beside_its_table():
    assert default_folder(Path("a/b/c.csv")) == Path("a/b/c-edgewise")


def test_what_exists_is_named_and_kept(tmp_path):
    (tmp_path / "x").write_text("kept")
    with pytest.raises(FileError, match=r"^predict: .*x.*--force"):
        refuse_existing("predict", [tmp_path / "new", tmp_path / "x"], force=False)
    refuse_existing("predict", [tmp_path / "x"], force=True)
    refuse_existing("predict", [tmp_path / "new"], force=False)
