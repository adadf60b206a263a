"""Entries of a column of numbers, dates, durations or times of day as float64, in the kind of the fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import InputError
from .cells import as_array, days_of, distinct, is_gap
from .dates import days, decide_dates, hours
from .kinds import Kind, is_category, kind_of

MEANING = {"number": "numbers", "date": "dates", "duration": "durations", "time": "times of day"}
"""What the entries of such a column are."""


def read_numbers(column: Any, kind: Kind, name: str, where: str) -> tuple[np.ndarray, dict[str, int]]:
    """A column as float64, gaps as NaN: of dates the days since 1970, of durations days, of times hours.

    Args:
        column: Of a frame, or an array (n,).
        kind: Of the fit.
        name: Of the column, for errors.
        where: The function that was called, for errors.

    Returns:
        The values, and the entries that are not of that kind, with their counts; they are gaps.

    Raises:
        InputError: infinities; for numbers an entry that is none; for other kinds where none can be read.

    Example:
        >>> read_numbers(np.array(["1970-01-02", "soon"]), Kind("date", "year first"), "when", "fit")
        (array([ 1., nan]), {'soon': 1})
    """
    array = as_array(column)
    if kind.name == "number" and array.dtype.kind in "fiub" and not is_category(column):
        return _finite(array.astype(np.float64), name, where), {}
    if array.dtype.kind == {"date": "M", "duration": "m"}.get(kind.name):
        return days_of(array), {}
    entries, places = distinct(array)
    if array.dtype.kind in "Mmc":
        raise _not_of_kind(name, kind, f"entries of type {array.dtype}", where)
    read = _reader(kind, [entry for entry in entries if isinstance(entry, str)])
    values = [np.nan if is_gap(entry) else read(entry) for entry in entries]
    unread = [place for place, value in enumerate(values) if value is None]
    counts = np.bincount(places, minlength=len(entries))
    strange = {str(entries[place]): int(counts[place]) for place in unread}
    known = sum(not is_gap(entry) for entry in entries)
    if strange and (kind.name == "number" or len(unread) == known):
        raise _not_of_kind(name, kind, _listed(strange), where)
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return _finite(found[places] if len(found) else np.empty(0), name, where), strange


def refuse_booleans(column: Any, name: str, where: str) -> None:
    """Raise where a column that held other numbers than 0 and 1 holds booleans now.

    Args:
        column: Of a frame, or an array (n,).
        name: Of the column.
        where: The function that was called.

    Raises:
        InputError: it holds booleans.

    Example:
        >>> refuse_booleans([1.0, 2.0], "a", "predict")
    """
    if isinstance(column, np.ndarray) and column.dtype.kind in "fiu":
        return
    if where != "fit" and as_array(column).dtype.kind in "bOU" and kind_of(column).name == "bool":
        raise _not_of_kind(name, Kind("number"), "booleans", where)


def _finite(values: np.ndarray, name: str, where: str) -> np.ndarray:
    if np.isinf(values).any():
        raise InputError(
            f"{where}: column {name!r} must be finite; got infinity. Replace it by NaN or a number."
        )
    return values


def _not_of_kind(name: str, kind: Kind, got: str, where: str) -> InputError:
    if where == "fit":
        return InputError(
            f"fit: column {name!r} must hold {MEANING[kind.name]}; got {got}. Name it in categories if its entries are "
            f"levels, or leave it out."
        )
    return InputError(
        f"{where}: column {name!r} must hold {MEANING[kind.name]}, as it did at the fit; got {got}. Bring it into that "
        f"form, or make what is not known a gap."
    )


def _listed(strange: dict[str, int], most: int = 3) -> str:
    shown = ", ".join(f"{text[:40]!r}" for text in list(strange)[:most])
    return f"{shown} and {len(strange) - most} others" if len(strange) > most else shown


def _reader(kind: Kind, texts: list[str]) -> Callable[[Any], float | None]:
    if kind.name == "number":
        return _number
    if kind.name == "duration":
        return _duration
    if kind.name == "time":
        return _hour
    style = kind.style
    if not any(days(text, style) is not None for text in texts):
        found = decide_dates(texts)  # other tables may write them in another way
        style = style if found is None else found.name
    return lambda entry: _day(entry, style)


def _number(entry: Any) -> float | None:
    if isinstance(entry, str) and entry.strip().lower() in ("true", "false"):
        return float(entry.strip().lower() == "true")
    if isinstance(entry, (bytes, complex)):
        return None
    try:
        return float(entry)
    except (TypeError, ValueError):
        return None


def _duration(entry: Any) -> float | None:
    if isinstance(entry, np.timedelta64):
        return float(days_of(np.array([entry]))[0])
    return entry.total_seconds() / 86400 if hasattr(entry, "total_seconds") else None


def _hour(entry: Any) -> float | None:
    if hasattr(entry, "hour"):
        return float(entry.hour + entry.minute / 60 + (entry.second + entry.microsecond / 1e6) / 3600)
    return hours(entry.strip()) if isinstance(entry, str) else None


def _day(entry: Any, style: str) -> float | None:
    if isinstance(entry, str):
        return days(entry.strip(), style)
    if hasattr(entry, "year"):
        moment = np.datetime64(_in_utc(entry), "us")
        return float(days_of(np.array([moment]))[0])
    if isinstance(entry, np.datetime64):
        return float(days_of(np.array([entry]))[0])
    whole = isinstance(entry, (int, float)) and not isinstance(entry, bool) and float(entry).is_integer()
    return days(str(int(entry)), style) if whole else None


def _in_utc(moment: Any) -> Any:
    """A date, or a moment without its zone; periods by their start."""
    if hasattr(moment, "to_timestamp"):
        moment = moment.to_timestamp()
    zone = getattr(moment, "tzinfo", None)
    return moment if zone is None else (moment - moment.utcoffset()).replace(tzinfo=None)
