from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from edgewise.cli.read_options import ReadOptions
from edgewise.cli.tables.read import read_table, unique_names
from edgewise.errors import FileError


def read(tmp_path, content, name="data.csv", **options):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, ReadOptions(**options))


def test_cells_are_text_and_gaps_are_missing(tmp_path):
    found = read(tmp_path, "id,city,x\n007, Bern ,None\n008,,NA\n")
    assert found.frame["id"].tolist() == ["007", "008"]
    assert found.frame["x"].tolist() == ["None", "NA"]
    assert found.frame["city"].tolist()[0] == "Bern" and found.frame["city"].isna().tolist() == [False, True]
    assert found.found_in("x.csv") == "x.csv: 2 rows, 3 columns; cells separated by commas"


def test_what_the_user_calls_a_gap_is_one(tmp_path):
    found = read(tmp_path, "a,b\n1,-999\n-999,y\nx,z\n", missing=("-999", "x"))
    assert found.frame.isna().to_numpy().tolist() == [[False, True], [True, False], [True, False]]


def test_standard_input_is_read(monkeypatch):
    class Standard:
        buffer = io.BytesIO(b"a;b\n1;2\n")

    monkeypatch.setattr(sys, "stdin", Standard)
    assert read_table(Path("-")).frame["b"].tolist() == ["2"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a_2", "a"], ["a", "a_2", "a_3"]),
        (["", " ", "b"], ["column 1", "column 2", "b"]),
        ([" a\n b "], ["a b"]),
    ],
)
def test_names_are_made_unique(given, names):
    assert unique_names(given)[0] == names


def test_json_in_its_forms(tmp_path):
    lines = '{"a": 1, "b": {"c": "x"}}\n{"a": null, "b": {"c": "y"}, "d": [1, 2]}\n'
    for content in (
        lines,
        "[" + lines.strip().replace("\n", ",") + "]",
        '{"rows": [' + lines.strip().replace("\n", ",") + "]}",
    ):
        found = read(tmp_path, content, "data.json").frame
        assert list(found) == ["a", "b.c", "d"] and found["b.c"].tolist() == ["x", "y"]
        assert found["a"].isna().tolist() == [False, True] and found["d"].tolist()[1] == "[1, 2]"


def workbook(path, sheets):
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(path) as file:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(file, sheet_name=name, header=False, index=False)


def test_a_workbook_with_a_title_and_other_sheets(tmp_path):
    rows = [["Flats", None, None], [None, None, None], ["size", "city", "day"]]
    rows += [[10.5, "Bern", datetime(2020, 1, 2)], ["n/a", "Ulm", datetime(2020, 1, 3)], [None, None, None]]
    workbook(tmp_path / "a.xlsx", {"Empty": [], "One": rows, "Two": [["x"], [1]]})
    found = read_table(tmp_path / "a.xlsx")
    assert list(found.frame) == ["size", "city", "day"] and len(found.frame) == 2
    assert found.frame["size"].tolist() == [10.5, "n/a"] and "sheet One" in found.found
    assert any("Two" in note for note in found.notes) and any("2 rows above" in note for note in found.notes)
    assert read_table(tmp_path / "a.xlsx", ReadOptions(sheet="Two")).frame["x"].tolist() == [1]
    assert read_table(tmp_path / "a.xlsx", ReadOptions(sheet="3")).frame["x"].tolist() == [1]
    with pytest.raises(FileError, match="Empty, One, Two"):
        read_table(tmp_path / "a.xlsx", ReadOptions(sheet="Four"))


def test_a_folder_and_nothing_are_refused(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        read_table(tmp_path / "none.csv")
