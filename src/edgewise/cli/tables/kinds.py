"""What the entries of a column are, decided by all of them together: numbers, dates, times, booleans or text.

A kind is decided once, where a model is fitted, and kept with it; `convert` then reads any other file's column as that.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas
import pyarrow
import pyarrow.compute

from ...errors import InputError
from ...estimators import (
    CODE,
    GAP_WORDS,
    NEARLY_ALL,
    TRUTHS,
    DateStyle,
    days,
    decide_dates,
    hours,
    kind_of_text,
    level_of,
)
from .numbers import Decimal, Written, decide_decimal, read_number

_SAMPLE = 500
_SURE_POINT = re.compile(r"[-+]?(?!\d{1,3}(?:\.\d{3})+$)\d*\.\d*")
_DAY_DIGITS = re.compile(r"(?:18|19|20|21)\d{6}")
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class ColumnKind:
    """What a column holds.

    Attributes:
        kind: "number", "text", "date", "time", "bool" or "skip".
        style: Of numbers the decimal mark, of dates their style or format.
        sure: Whether the column itself says so, rather than other columns or a habit.
        given: Whether the user says so; numbers then may have any unit.
    """

    kind: str
    style: str = ""
    sure: bool = True
    given: bool = False


@dataclass(frozen=True)
class Usual:
    """What is taken where a column leaves it open.

    Attributes:
        decimal: "." or ",".
        date: "day first" or "month first"; None for none in particular.
        given: The decimal mark that the user says.
    """

    decimal: str = "."
    date: str | None = None
    given: str | None = None


@dataclass(frozen=True)
class Converted:
    """A column in its kind.

    Attributes:
        values: Numbers (of dates days since 1970, of times hours), True and False, or text; gaps are missing.
        strange: Entries that are not of the kind, and became gaps, with their counts.
        notes: What is worth saying.
    """

    values: Any
    strange: Mapping[str, int]
    notes: tuple[str, ...] = ()


def entries(column: Any) -> dict[Any, int]:
    """Different entries with their counts, in the order of the column, without gaps.

    Example:
        >>> entries(pandas.Series(["b", None, "a", "b"]))
        {'b': 2, 'a': 1}
    """
    counts = column.value_counts(sort=False, dropna=True)
    return dict(zip(counts.index.tolist(), counts.tolist(), strict=True))


def is_text(column: Any) -> bool:
    """Whether a column's entries are still to be read, as those of text files are.

    Example:
        >>> is_text(pandas.Series(["1"])), is_text(pandas.Series([1]))
        (True, False)
    """
    return (
        column.dtype == object
        or isinstance(column.dtype, pandas.StringDtype)
        or str(column.dtype) == "category"
    )


def decide(column: Any, usual: Usual) -> ColumnKind:
    """Decide what a column holds.

    Args:
        column: A series; gaps are missing.
        usual: What counts where it leaves something open.

    Example:
        >>> decide(pandas.Series(["1,5", "2,25"]), Usual())
        ColumnKind(kind='number', style=',', sure=True, given=False)
        >>> decide(pandas.Series(["007", "008"]), Usual()).kind
        'text'
    """
    if not is_text(column):
        name = column.dtype.kind
        return ColumnKind("bool" if name == "b" else "date" if name == "M" else "number")
    if str(column.dtype) == "category":
        return ColumnKind("text")
    if usual.given in (None, ".") and _plain_numbers(column, usual) is not None:
        return ColumnKind("number", ".")
    counts = entries(column)
    texts = {value: count for value, count in counts.items() if isinstance(value, str)}
    if not texts:
        bools = counts and all(isinstance(value, (bool, np.bool_)) for value in counts)
        return ColumnKind("bool" if bools else "date" if _are_moments(counts) else "number")
    if len(texts) < len(counts) and {text.lower() for text in map(str, counts)} - GAP_WORDS <= {
        "true",
        "false",
    }:
        return ColumnKind("bool")
    return _decide_text(counts, texts, usual)


def _are_moments(counts: Iterable[Any]) -> bool:
    return any(hasattr(value, "year") for value in counts)


def _decide_text(counts: dict[Any, int], texts: dict[str, int], usual: Usual) -> ColumnKind:
    found = kind_of_text(texts, usual.date)
    if found is not None:
        return ColumnKind(found.name, found.style, found.sure)
    words = [text for text in texts if text.lower() not in GAP_WORDS]
    some = words[:: max(1, len(words) // _SAMPLE)]
    if any(CODE.fullmatch(text) for text in words):
        return ColumnKind("text")
    if sum(read_number(text) is not None for text in some) >= 0.5 * len(some) or len(texts) < len(counts):
        return _decide_numbers(counts, texts, usual)
    return ColumnKind("text")


def _decide_numbers(counts: dict[Any, int], texts: dict[str, int], usual: Usual) -> ColumnKind:
    cells = {text: cell for text in texts if (cell := read_number(text)) is not None}
    kept = _of_one_unit(cells, texts)
    numbers = sum(texts[text] for text in kept)
    numbers += sum(count for value, count in counts.items() if not isinstance(value, str))
    others = sum(count for text, count in texts.items() if text not in kept and text.lower() not in GAP_WORDS)
    if numbers == 0 or others > (1 - NEARLY_ALL) * (numbers + others):
        return ColumnKind("text")
    decimal = decide_decimal(kept, usual.given, usual.decimal)
    return ColumnKind("number", decimal.mark, decimal.sure)


def _of_one_unit(cells: Mapping[str, Written], counts: Mapping[str, int]) -> dict[str, Written]:
    """The cells that have the most frequent unit, or none where it is no percentage."""
    units: Counter[str] = Counter()
    for text, cell in cells.items():
        units[cell.affix] += counts[text]
    units.pop("", None)
    if not units:
        return dict(cells)
    unit = units.most_common(1)[0][0]
    bare = sum(counts[text] for text, cell in cells.items() if not cell.affix)
    if unit == "%" and bare > units["%"]:
        unit = ""
    allowed = {unit} if unit == "%" else {unit, ""}
    return {text: cell for text, cell in cells.items() if cell.affix in allowed}


def _plain_numbers(column: Any, usual: Usual) -> Any | None:
    """The column as numbers, where all entries are such as a computer writes them; else None. It is quick."""
    try:
        values = pandas.to_numeric(column)
    except (ValueError, TypeError, OverflowError):
        return None
    if values.dtype.kind not in "iuf" or np.isinf(values.to_numpy(np.float64, na_value=np.nan)).any():
        return None
    texts = column.dropna().astype(str)
    if len(texts) == 0 or _any_contains(texts, r"^0\d|^\d{16,}$|[_a-df-zA-DF-Z]"):
        return None
    if _DAY_DIGITS.fullmatch(texts.iloc[0]) and all(map(_DAY_DIGITS.fullmatch, texts)):
        return None  # days such as 20201231, perhaps
    pointed = _any_contains(texts, r"\.")
    return values if not pointed or any(map(_SURE_POINT.match, texts)) else None


def _any_contains(texts: Any, pattern: str) -> bool:
    """Whether a pattern without look-around is in any of the texts; Arrow is ten times as quick as Python at it."""
    found = pyarrow.compute.match_substring_regex(pyarrow.array(texts, pyarrow.string()), pattern)
    return bool(pyarrow.compute.any(found).as_py())


def convert(column: Any, kind: ColumnKind, usual: Usual, name: str) -> Converted:
    """A column in its kind, whatever file it comes from.

    Args:
        column: A series; gaps are missing.
        kind: What was decided, as a rule for another table.
        usual: What counts in this table where the column leaves it open.
        name: Of the column, for notes.

    Raises:
        InputError: an entry cannot be of that kind.

    Example:
        >>> found = convert(pandas.Series(["1,5", "unknown"]), ColumnKind("number", ","), Usual(), "a")
        >>> found.values.tolist(), found.strange
        ([1.5, nan], {'unknown': 1})
    """
    if kind.kind == "text":
        return Converted(_as_text(column), {})
    if kind.kind == "bool":
        return _mapped(
            column, {value: TRUTHS.get(str(value).lower()) for value in entries(column)}, "boolean"
        )
    if kind.kind == "date":
        return _dates(column, kind, usual)
    if kind.kind == "time":
        return _mapped(column, {value: _hours(value) for value in entries(column)}, "float64")
    return _numbers(column, kind, usual, name)


def _mapped(column: Any, table: Mapping[Any, Any], dtype: str, notes: tuple[str, ...] = ()) -> Converted:
    """A column by a table of its entries; those that the table gives None are strange."""
    counts = entries(column)
    strange = {str(value): count for value, count in counts.items() if table[value] is None}
    known = {value: found for value, found in table.items() if found is not None}
    values = column.astype(object).map(
        lambda value: known.get(value) if isinstance(value, Hashable) else None
    )
    return Converted(values.astype(dtype), strange, notes)


def _as_text(column: Any) -> Any:
    values = column.astype(object)
    return (
        values.where(values.isna(), values.map(level_of, na_action="ignore"))
        .where(values.notna(), None)
        .astype(object)
    )


def _hours(value: Any) -> float | None:
    if hasattr(value, "hour"):
        return float(value.hour + value.minute / 60 + value.second / 3600)
    if isinstance(value, str):
        return hours(value)
    return float(value) if isinstance(value, (int, float)) else None


def _dates(column: Any, kind: ColumnKind, usual: Usual) -> Converted:
    if column.dtype.kind == "M":
        local = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz is not None else column
        return Converted((local - pandas.Timestamp("1970-01-01")) / _DAY, {})
    counts = entries(column)
    texts = [value for value in counts if isinstance(value, str)]
    style = kind.style
    if texts and not any(days(text, style) is not None for text in texts):
        found: DateStyle | None = decide_dates(
            texts, usual.date
        )  # another file may write them in another way
        style = found.name if found is not None else style
    table = {value: _day(value, style) for value in counts}
    example = next((text for text in texts if days(text, style) is not None), None)
    notes: tuple[str, ...] = ()
    if not kind.sure and example is not None:
        notes = (
            f'"{example}" was read {style}; if it is not, say --kind COLUMN=date:FORMAT, such as date:%d/%m/%Y',
        )
    return _mapped(column, table, "float64", notes)


def _day(value: Any, style: str) -> float | None:
    if isinstance(value, str):
        return days(value, style)
    if hasattr(value, "year"):
        moment = pandas.Timestamp(value)
        return float((moment - pandas.Timestamp("1970-01-01", tz=moment.tz)) / _DAY)
    return days(str(int(value)), style) if isinstance(value, (int, float)) and value == value else None


def _numbers(column: Any, kind: ColumnKind, usual: Usual, name: str) -> Converted:
    if not is_text(column):
        if column.dtype.kind == "M":
            raise InputError(f"read: column {name!r} must hold numbers; got dates. Say --kind {name}=date.")
        per_day = column.dtype.kind == "m"
        values = column / _DAY if per_day else column.astype("float64")
        return Converted(
            values.where(~np.isinf(values)), {"infinity": int(n)} if (n := np.isinf(values).sum()) else {}
        )
    if usual.given in (None, ".") and (values := _plain_numbers(column, usual)) is not None:
        return Converted(values.astype("float64"), {})
    counts = entries(column)
    cells = {
        text: cell for text in counts if isinstance(text, str) and (cell := read_number(text)) is not None
    }
    kept = cells if kind.given else _of_one_unit(cells, counts)
    decimal = decide_decimal(kept, usual.given, usual.decimal)
    table = {value: _number(value, kept, decimal.mark) for value in counts}
    found = _mapped(column, table, "float64")
    return replace(found, notes=_notes_of(kept, decimal))


def _number(value: Any, cells: Mapping[str, Written], mark: str) -> float | None:
    if isinstance(value, str):
        return cells[value].value(mark) if value in cells else None
    number = float(value) if isinstance(value, (int, float, np.number)) else math.nan
    return number if math.isfinite(number) else None


def _notes_of(cells: Mapping[str, Written], decimal: Decimal) -> tuple[str, ...]:
    notes = []
    units = sorted({cell.affix for cell in cells.values()} - {""})
    if units:
        notes.append(f"{' and '.join(units)} was taken off its numbers")
    if not decimal.sure:
        value = cells[decimal.example].value(decimal.mark)
        other = "," if decimal.mark == "." else "."
        notes.append(
            f'"{decimal.example}" was read as {value:.12g}; if that is wrong, say --decimal "{other}"'
        )
    if decimal.mixed:
        notes.append("some of its numbers have a decimal point and some a decimal comma")
    return tuple(notes)
