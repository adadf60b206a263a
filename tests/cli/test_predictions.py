from __future__ import annotations

import pandas as pd
import pytest

from edgewise.cli.predictions import beside_originals, checked_target, records, write_table
from edgewise.errors import InputError

TABLE = pd.DataFrame({"id": ["007", "008"], "mixed": [1, "x"], "y": [1.5, None]})


def test_columns_are_carried_and_none_is_lost():
    found = beside_originals(TABLE, pd.DataFrame({"y": [1.0, 2.0], "y low 90%": [0.0, 1.0]}))
    assert list(found) == ["id", "mixed", "y (given)", "y", "y low 90%"]
    assert found["id"].tolist() == ["007", "008"] and found["y"].tolist() == [1.0, 2.0]


def test_gaps_are_null_in_json():
    assert records(TABLE) == [{"id": "007", "mixed": 1, "y": 1.5}, {"id": "008", "mixed": "x", "y": None}]


@pytest.mark.parametrize("name", ["a.xls", "a.docx", "a", "a.csv.xlsb"])
def test_what_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"^predict: .*\.csv"):
        checked_target(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.jsonl", "A.CSV"])
def test_the_name_says_the_format(tmp_path, name):
    path = checked_target(tmp_path / name)
    write_table(TABLE, path)
    kind = path.suffix.lower()
    if kind == ".parquet":
        found = pd.read_parquet(path)
    elif kind == ".jsonl":
        found = pd.read_json(path, lines=True, dtype={"id": str})
    else:
        found = pd.read_csv(path, sep="\t" if kind == ".tsv" else ",", dtype={"id": str})
    assert found["id"].tolist() == ["007", "008"] and found["y"].tolist()[0] == 1.5


def test_a_workbook_is_a_workbook(tmp_path):
    pytest.importorskip("openpyxl")
    write_table(TABLE, checked_target(tmp_path / "a.xlsx"))
    assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
    assert pd.read_excel(tmp_path / "a.xlsx", dtype={"id": str})["id"].tolist() == ["007", "008"]


def test_without_a_file_it_is_csv(capsys):
    write_table(TABLE, None)
    assert capsys.readouterr().out == "id,mixed,y\n007,1,1.5\n008,x,\n"
