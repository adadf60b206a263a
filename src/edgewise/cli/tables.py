"""Tables from files, and what is in their columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas

from ..errors import FileError, InputError, unknown_name
from ..estimators import is_categorical

_MOST_LEVELS_OF_TEXT = 0.5
_DATE = r"\d{4}-\d{2}-\d{2}"
_DAY = np.timedelta64(1, "D")


def read_table(path: Path) -> pandas.DataFrame:
    """Read a CSV (also .tsv, also compressed) or Parquet file.

    Args:
        path: The file.

    Raises:
        FileError: it does not exist, cannot be read, or has no row.
    """
    if not path.is_file():
        raise FileError(f"read: the table must be a file; got {str(path)!r}, which is none. Check the name.")
    names = [suffix.lower() for suffix in path.suffixes]
    try:
        if {".parquet", ".pq"} & set(names):
            table = pandas.read_parquet(path)
        else:
            table = pandas.read_csv(path, sep="\t" if ".tsv" in names else ",", low_memory=False)
    except (ValueError, OSError, ImportError, pandas.errors.ParserError) as error:
        raise FileError(
            f"read: {str(path)!r} must be a CSV or Parquet table; it cannot be read ({error}). "
            f"Check that columns are separated by commas and every row has as many."
        ) from error
    if len(table) == 0:
        raise FileError(f"read: {str(path)!r} must have at least one row; got none. Check the file.")
    table.columns = [str(name) for name in table.columns]
    return table


@dataclass(frozen=True)
class Prepared:
    """A table ready for an estimator.

    Attributes:
        inputs: Its columns.
        target: What is to be predicted, one entry a row.
        kind: "values" or "classes".
        notes: What was left out or turned into something else.
    """

    inputs: pandas.DataFrame
    target: Any
    kind: str
    notes: tuple[str, ...]


def prepare(table: pandas.DataFrame, target: str, task: str, ignore: list[str]) -> Prepared:
    """Divide a table into inputs and target, and leave out what cannot help.

    Rows without a target go. Dates become days since 1970; columns of one value, and columns of text of which
    most entries are different (names, keys), are left out.

    Args:
        table: What was read.
        target: Name of the column to predict.
        task: "auto", "values" or "classes"; "auto" takes text, booleans and two different values as classes.
        ignore: Columns to leave out.

    Raises:
        UnknownName: no column has such a name.
        InputError: nothing is left to learn from.
    """
    for name in (target, *ignore):
        if name not in table.columns:
            raise unknown_name("fit", "column", name, table.columns)
    notes = []
    gaps = table[target].isna()
    if bool(gaps.any()):
        notes.append(f"{int(gaps.sum())} rows without {target} were left out")
        table = table[~gaps]
    inputs, more = _inputs(table.drop(columns=[target, *ignore]))
    if inputs.shape[1] == 0 or len(inputs) < 3:
        raise InputError(
            f"fit: the table must have a column to learn from and at least 3 rows; got {inputs.shape[1]} usable "
            f"columns and {len(inputs)} rows. {'; '.join(more)}"
        )
    kind = kind_of(table[target]) if task == "auto" else task
    values = (
        table[target].astype(str).to_numpy(object) if kind == "classes" else _numbers(table[target], target)
    )
    return Prepared(inputs.reset_index(drop=True), values, kind, (*notes, *more))


def kind_of(column: Any) -> str:
    """ "classes" for text, booleans and two different values; else "values"."""
    return "classes" if is_categorical(column) or column.nunique() <= 2 else "values"


def ready_inputs(table: pandas.DataFrame, names: list[str]) -> pandas.DataFrame:
    """The columns a model was trained on, from a table that may hold others too.

    Raises:
        InputError: one is missing.
    """
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise InputError(
            f"predict: the table must have the columns the model was trained on; got none named "
            f"{', '.join(missing)}. Add them; empty cells are allowed."
        )
    return pandas.DataFrame({name: _without_dates(table[name]) for name in names})


def describe(table: pandas.DataFrame) -> list[dict[str, Any]]:
    """One summary a column: kind, gaps, and mean and range or the most frequent levels."""
    rows = []
    for name in table.columns:
        column = table[name]
        row: dict[str, Any] = {"name": name, "missing": int(column.isna().sum())}
        if is_categorical(column):
            counts = column.astype(str).where(column.notna()).value_counts()
            shown = ", ".join(f"{level} ({count})" for level, count in counts.head(4).items())
            row |= {"kind": f"{len(counts)} levels", "what": shown + (", ..." if len(counts) > 4 else "")}
        else:
            low, middle, high = (float(getattr(column, verb)()) for verb in ("min", "mean", "max"))
            row |= {"kind": "number", "what": f"{low:.5g} to {high:.5g}, mean {middle:.5g}"}
        rows.append(row)
    return rows


def _inputs(table: pandas.DataFrame) -> tuple[pandas.DataFrame, list[str]]:
    kept, notes = {}, []
    for name in table.columns:
        column = _without_dates(table[name])
        if column is not table[name] and column.dtype != table[name].dtype:
            notes.append(f"{name} became days since 1970")
        levels = column.nunique()
        if levels + bool(column.isna().any()) < 2:
            notes.append(f"{name} was left out: it does not vary")
        elif is_categorical(column) and levels > max(20, _MOST_LEVELS_OF_TEXT * column.notna().sum()):
            notes.append(f"{name} was left out: most of its {levels} texts occur once")
        else:
            kept[name] = column
    return pandas.DataFrame(kept, index=table.index), notes


def _without_dates(column: Any) -> Any:
    column = _as_dates(column)
    if str(column.dtype).startswith("datetime"):
        since = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
        return (since - pandas.Timestamp("1970-01-01")) / _DAY
    return column


def _as_dates(column: Any) -> Any:
    """Text of dates as year-month-day becomes dates; anything else stays as it is."""
    if not is_categorical(column) or str(column.dtype) in ("category", "bool", "boolean"):
        return column
    texts = column.dropna().astype(str)
    if not bool(texts.head(20).str.match(_DATE).all()):
        return column
    dates = pandas.to_datetime(column, errors="coerce", format="ISO8601")
    return dates if int(dates.notna().sum()) == len(texts) else column


def _numbers(column: Any, name: str) -> np.ndarray:
    try:
        return column.to_numpy(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"fit: the target {name!r} must hold numbers to predict values; got text. Use --task classes."
        ) from error
