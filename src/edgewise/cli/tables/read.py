"""A table from a file, as it comes: what was not said is found out, and said in one line."""

from __future__ import annotations

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas

from ..._json import json_text
from ..._optional import optional
from ...errors import FileError
from ..read_options import ReadOptions
from .content import decode, unpack
from .layout import find_layout
from .rows import read_rows

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "white space"}
_NOTHING = ReadOptions()
_PARQUET, _WORKBOOK = b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True)
class RawTable:
    """A table as a file has it.

    Attributes:
        frame: Columns under their names; of text, where the file holds text. Gaps are missing.
        found: What was found out, in a few words each.
        notes: What was left out, filled up or renamed.
        decimal: The decimal mark that is usual where cells are separated so.
    """

    frame: pandas.DataFrame
    found: tuple[str, ...]
    notes: tuple[str, ...] = ()
    decimal: str = "."

    def found_in(self, name: str) -> str:
        """What was read and how, in one line.

        Args:
            name: Of the file.
        """
        rows = f"{len(self.frame):,} rows, {self.frame.shape[1]} columns"
        return "; ".join([f"{name}: {rows}", *self.found])


def read_table(source: Path, options: ReadOptions = _NOTHING) -> RawTable:
    """Read a file: text of cells, JSON lines, a workbook of Excel or Parquet, also packed; "-" is standard input.

    Args:
        source: The file.
        options: What is not to be found out.

    Raises:
        FileError: it does not exist, cannot be read, or has no row.
    """
    where = str(source)
    if where != "-" and not source.is_file():
        what = "is a folder" if source.is_dir() else "does not exist"
        raise FileError(
            f"read: the table must be a file, or - for standard input; {where!r} {what}. Check the name."
        )
    content = unpack(sys.stdin.buffer.read() if where == "-" else source.read_bytes(), where)
    try:
        if content.startswith(_PARQUET):
            table = RawTable(pandas.read_parquet(io.BytesIO(content)), ("Parquet",))
        elif content.startswith(_WORKBOOK):
            table = _read_workbook(content, options)
        else:
            table = _read_text(content, options, where)
    except (ValueError, OSError, ImportError, KeyError, TypeError) as error:
        if isinstance(error, FileError) or type(error).__module__.startswith("edgewise"):
            raise
        raise FileError(
            f"read: {where!r} must be a table; it cannot be read ({error}). Get another copy."
        ) from error
    if len(table.frame) == 0:
        raise FileError(f"read: {where!r} must have at least one row; got none. Check the file.")
    return _tidied(table, options)


def _read_text(content: bytes, options: ReadOptions, where: str) -> RawTable:
    text, encoding = decode(content, options.encoding, where)
    found = (f"encoded by {encoding}",) if encoding else ()
    if re.match(r"\s*<(?:!doctype|html|\?xml)", text, re.IGNORECASE):
        raise FileError(
            f"read: {where!r} must be a table; it is a page of HTML or XML. Save it as CSV and read that."
        )
    if re.match(r'\s*(?:\{\s*"|\[\s*\{)', text):
        return RawTable(_read_json(text, where), ("JSON", *found))
    layout = find_layout(text, options.sep, options.header)
    rows = read_rows(text, layout, where)
    notes = list(rows.notes)
    if layout.skipped:
        lines = "1 line" if len(layout.skipped) == 1 else f"{len(layout.skipped)} lines"
        notes.insert(0, f'{lines} above the names left out: "{layout.skipped[0][:60]}"')
    frame = rows.frame
    if layout.names is None:
        frame.columns = [f"x_{number + 1}" for number in range(layout.width)]
        notes.insert(
            0, f"no names above the numbers: columns are x_1 to x_{layout.width}; --header says otherwise"
        )
    else:
        frame.columns = [*layout.names]
    separated = f"cells separated by {_SEPARATORS.get(layout.sep, repr(layout.sep))}"
    return RawTable(frame, (separated, *found), tuple(notes), "," if layout.sep == ";" else ".")


def _read_json(text: str, where: str) -> pandas.DataFrame:
    rows = _json_rows(text, where)
    if not all(isinstance(row, dict) for row in rows):
        raise FileError(
            f"read: {where!r} must hold one JSON object a line, or a list of them. Check the file."
        )
    frame = pandas.json_normalize(rows)
    for name in frame.columns:
        nested = frame[name].map(lambda value: isinstance(value, (list, dict)))
        if nested.any():
            frame[name] = frame[name].astype(object).where(~nested, frame[name].map(json_text))
    return frame


def _json_rows(text: str, where: str) -> list[Any]:
    """Objects, one a line, or in a list, or in a list within an object."""
    try:
        try:
            whole = [json.loads(line) for line in text.split("\n") if line.strip()]
        except ValueError:
            whole = [json.loads(text)]
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"read: {where!r} must hold one JSON object a line, or a list of them ({error}). Check the file."
        ) from error
    if len(whole) > 1:
        return whole
    if isinstance(whole[0], list):
        return whole[0]
    lists = [
        part for part in whole[0].values() if isinstance(part, list) and part and isinstance(part[0], dict)
    ]
    return lists[0] if lists else whole


def _read_workbook(content: bytes, options: ReadOptions) -> RawTable:
    optional("openpyxl", "excel", "reading a workbook")
    sheets = pandas.read_excel(
        io.BytesIO(content),
        sheet_name=None,
        header=None,
        dtype=object,
        engine="openpyxl",
        keep_default_na=False,
    )
    sheet = _sheet(list(sheets), options.sheet, [name for name in sheets if len(sheets[name])])
    rows = [tuple(row) for row in sheets[sheet].itertuples(index=False)]
    filled = [sum(not _is_empty(cell) for cell in row) for row in rows]
    usual = Counter(count for count in filled if count).most_common(1)
    top = next((place for place, count in enumerate(filled) if usual and count >= 0.6 * usual[0][0]), 0)
    names = [("" if _is_empty(cell) else str(cell)) for cell in rows[top]] if rows else []
    frame = pandas.DataFrame(rows[top + 1 :], columns=names, dtype=object)
    empty = [
        name == "" and all(map(_is_empty, column))
        for name, (_, column) in zip(names, frame.items(), strict=True)
    ]
    frame = frame.loc[:, [not gone for gone in empty]]
    frame = frame.loc[[not all(map(_is_empty, row)) for row in frame.itertuples(index=False)]].reset_index(
        drop=True
    )
    notes = [f"{top} rows above the names were left out"] if top else []
    others = [name for name in sheets if name != sheet]
    notes += [f"sheets {', '.join(others)} were not read; --sheet says which"] if others else []
    return RawTable(frame, (f"sheet {sheet}",), tuple(notes))


def _sheet(names: Sequence[str], asked: str | None, filled: Sequence[str]) -> str:
    if asked is None:
        return [*filled, *names][0]
    if asked in names:
        return asked
    if asked.isdigit() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    raise FileError(f"read: --sheet must be one of {', '.join(names)}, or a number from 1; got {asked!r}.")


def _is_empty(cell: Any) -> bool:
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def _tidied(table: RawTable, options: ReadOptions) -> RawTable:
    """Names that are unique text, cells without white space around, gaps as missing."""
    frame = table.frame
    names, notes = unique_names([str(name) for name in frame.columns])
    frame = pandas.DataFrame(
        {name: _stripped(frame.iloc[:, place], options) for place, name in enumerate(names)}
    )
    blank = frame.isna().all(axis=1)
    if bool(blank.any()) and not bool(blank.all()):
        frame = frame[~blank].reset_index(drop=True)
        notes.append(f"{int(blank.sum())} empty rows were left out")
    return RawTable(frame, table.found, (*table.notes, *notes), table.decimal)


def _stripped(column: Any, options: ReadOptions) -> Any:
    """Cells without white space around; empty ones, and those that the user calls gaps, as missing."""
    if isinstance(column.dtype, pandas.StringDtype):
        column = column.str.strip()
        column = column.mask(column.isin(["", *options.missing]))
    elif column.dtype == object:
        column = column.map(lambda value: value.strip() if isinstance(value, str) else value)
        column = column.mask(column.map(lambda value: str(value) in ("", *options.missing))).astype(object)
    numbers = [float(text) for text in options.missing if re.fullmatch(r"[-+]?\d+(?:\.\d*)?", text)]
    if numbers and column.dtype.kind not in "Mmb":
        column = column.mask(pandas.to_numeric(column, errors="coerce").isin(numbers))  # -999 is -999.0
    return column


def unique_names(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names that are all different and not empty, and what was changed.

    Args:
        given: As a file has them.

    Example:
        >>> unique_names(["a ", "", "a"])
        (['a', 'column 2', 'a_2'], ['column 2 has no name', 'the second column named a is a_2'])
    """
    names: list[str] = []
    notes = []
    taken = {re.sub(r"\s+", " ", name.strip()) for name in given}
    for place, name in enumerate(re.sub(r"\s+", " ", name.strip()) for name in given):
        if not name:
            name = f"column {place + 1}"
            notes.append(f"{name} has no name")
        number, free = 1, name
        while free in names or (number > 1 and free in taken):
            number += 1
            free = f"{name}_{number}"
        if number > 1:
            order = {2: "second", 3: "third"}.get(number, f"{number}th")
            notes.append(f"the {order} column named {name} is {free}")
        names.append(free)
    return names, notes
