"""Predictions as a file: with the columns of the table they were made for, in the format that the file's name says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas

from .._atomic import replace_file, target_of
from .._optional import optional
from ..errors import InputError

_FORMATS = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".xlsx": "Excel",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}


def beside_originals(table: pandas.DataFrame, found: pandas.DataFrame) -> pandas.DataFrame:
    """The columns of a table and the predictions; a column of a prediction's name is called "... (given)".

    Args:
        table: What was predicted from.
        found: One row to each of its rows.

    Example:
        >>> table = pandas.DataFrame({"id": ["a"], "y": ["1,5"]})
        >>> beside_originals(table, pandas.DataFrame({"y": [1.4]})).columns.tolist()
        ['id', 'y (given)', 'y']
    """
    given = table.rename(columns={name: f"{name} (given)" for name in found.columns})
    return pandas.concat([given.reset_index(drop=True), found.reset_index(drop=True)], axis=1)


def records(table: pandas.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values for JSON; gaps are None.

    Example:
        >>> records(pandas.DataFrame({"a": [1.5, None]}))
        [{'a': 1.5}, {'a': None}]
    """
    plain = table.astype(object).where(table.notna(), None)
    return [
        {
            name: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
            for name, value in row.items()
        }
        for row in plain.to_dict("records")
    ]


def checked_target(path: Path) -> Path:
    """The file to write, whose name says a format that can be written.

    Args:
        path: What the user names.

    Raises:
        InputError: no such format, or no such folder.
    """
    if path.suffix.lower() not in _FORMATS:
        raise InputError(
            f"predict: the file to write must end in {', '.join(_FORMATS)}; got {path.name!r}. Name a .csv file."
        )
    if path.suffix.lower() == ".xlsx":
        optional("openpyxl", "excel", "writing a workbook")
    return target_of("predict", path)


def write_table(table: pandas.DataFrame, path: Path | None) -> None:
    """Write a table to a file, whole or not at all; as CSV to standard output without one.

    Args:
        table: What to write.
        path: Of `checked_target`.
    """
    if path is None:
        sys.stdout.write(table.to_csv(index=False, lineterminator="\n"))
        return
    kind = path.suffix.lower()

    def write(draft: Path) -> None:
        if kind in (".csv", ".tsv"):
            table.to_csv(draft, index=False, sep="," if kind == ".csv" else "\t")
        elif kind == ".xlsx":
            with draft.open("wb") as file:
                table.to_excel(file, index=False, engine="openpyxl")
        elif kind in (".parquet", ".pq"):
            _of_one_type(table).to_parquet(draft, index=False)
        else:
            table.to_json(draft, orient="records", lines=True, force_ascii=False)

    replace_file(path, write)


def _of_one_type(table: pandas.DataFrame) -> pandas.DataFrame:
    """Columns of mixed entries as text, which Parquet asks for."""
    mixed = [name for name in table.columns if table[name].dtype == object]
    return table.assign(**{name: table[name].map(str, na_action="ignore") for name in mixed})
