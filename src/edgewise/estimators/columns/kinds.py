"""What a column holds: numbers, booleans, text, ordered levels, dates, durations or times of day.

It is decided once, at the fit; other tables' columns are then read as that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cells import as_array, distinct, is_gap
from .dates import COMPACT, days, decide_dates, hours

NEARLY_ALL = 0.9
"""So many of the entries decide for the others."""

GAP_WORDS = frozenset((
    "na", "n/a", "#n/a", "n.a.", "<na>", "nan", "nat", "null", "none", "nil", "-", "--", "---", ".", "..", "...", "?", "*",
    "missing", "unknown", "not available", "k.a.", "#value!", "#div/0!", "#ref!", "#name?",
))  # fmt: skip
"""Words that say that there is no number; in a column of text they are entries as others are."""

CODE = re.compile(r"0\d+|\d{16,}")
"""What is written in digits, and is no number."""

_SAMPLE = 500


@dataclass(frozen=True)
class Kind:
    """What a column holds, and how it is written.

    Attributes:
        name: "number", "bool", "text", "ordered", "date", "duration" or "time".
        style: Of dates that are text, how they are written.
        sure: Whether the column itself says so, rather than a habit.
        levels: Of ordered levels, in their order.
    """

    name: str
    style: str = ""
    sure: bool = True
    levels: tuple[Any, ...] = ()


def kind_of(column: Any) -> Kind:
    """Decide what a column holds.

    Args:
        column: Of a frame, or an array (n,).

    Example:
        >>> [kind_of(np.array(values)).name for values in ([1.5], ["a"], [True], ["2020-01-31", "2020-02-28"])]
        ['number', 'text', 'bool', 'date']
    """
    levels = ordered_levels(column)
    if levels is not None:
        return Kind("ordered", levels=levels)
    if is_category(column):
        return Kind("text")
    array = as_array(column)
    plain = {"M": "date", "m": "duration", "b": "bool", "f": "number", "i": "number", "u": "number"}
    if array.dtype.kind in plain:
        return Kind(plain[array.dtype.kind])
    return _of_objects(column)


def _of_objects(column: Any) -> Kind:
    order, places = distinct(column)
    entries = {entry for entry in order if not is_gap(entry)}
    texts = [entry for entry in entries if isinstance(entry, str)]
    if texts:
        if len(texts) < len(entries):
            return Kind("text")
        counts = np.bincount(places, minlength=len(order))
        written = {
            entry: int(count) for entry, count in zip(order, counts, strict=True) if isinstance(entry, str)
        }
        return kind_of_text(written) or Kind("text")
    if entries and all(isinstance(entry, (bool, np.bool_)) for entry in entries):
        return Kind("bool")
    if any(isinstance(entry, (bool, np.bool_)) for entry in entries):
        return Kind("text")
    for name, mark in (("date", "year"), ("time", "hour"), ("duration", "total_seconds")):
        if entries and all(hasattr(entry, mark) for entry in entries):
            return Kind(name)
    moments = {np.datetime64: "date", np.timedelta64: "duration"}
    for type_, name in moments.items():
        if entries and all(isinstance(entry, type_) for entry in entries):
            return Kind(name)
    return Kind("number")


def kind_of_text(counts: Mapping[str, int], usual: str | None = None) -> Kind | None:
    """Whether text holds booleans, dates or times of day; None for neither.

    Args:
        counts: Different entries and how often they occur.
        usual: Where days and months could change places, what other columns say.

    Example:
        >>> kind_of_text({"12:30": 1, "9:05": 2}).name
        'time'
    """
    words = [text for text in counts if text.lower() not in GAP_WORDS]
    if words and {word.lower() for word in words} <= {"true", "false"}:
        return Kind("bool")
    some = words[:: max(1, len(words) // _SAMPLE)]
    if not some or any(CODE.fullmatch(text) for text in words):
        return None
    style = decide_dates(some, usual)
    if style is not None and style.name == COMPACT and not (len(some) > 2 and style.share == 1.0):
        style = None
    if style is not None and style.share >= 0.5:
        return _kind_of_dates(counts, words, usual)
    return Kind("time") if sum(hours(text) is not None for text in some) >= NEARLY_ALL * len(some) else None


def _kind_of_dates(counts: Mapping[str, int], words: list[str], usual: str | None) -> Kind | None:
    style = decide_dates(words, usual)
    if style is None:
        return None
    known = sum(counts[text] for text in words if days(text, style.name) is not None)
    if known < NEARLY_ALL * sum(counts[text] for text in words):
        return Kind("text")
    return Kind("date", style.name, style.sure)


def ordered_levels(column: Any) -> tuple[Any, ...] | None:
    """The levels of an ordered categorical of pandas, or an Enum of polars, in their order; None for others.

    Args:
        column: Of a frame, or an array (n,).

    Example:
        >>> ordered_levels(np.array([1.0])) is None
        True
    """
    dtype = getattr(column, "dtype", None)
    if getattr(dtype, "ordered", False):
        return tuple(dtype.categories)  # type: ignore[union-attr]
    if str(dtype).startswith("Enum"):
        return tuple(dtype.categories.to_list())  # type: ignore[union-attr]
    return None


def is_category(column: Any) -> bool:
    """Whether the type of a column says that it holds categories.

    Args:
        column: Of a frame, or an array (n,).

    Example:
        >>> is_category(np.array([1.0]))
        False
    """
    if isinstance(column, np.ndarray):
        return False
    return str(getattr(column, "dtype", "")).lower().startswith(("category", "categorical", "enum"))


def is_categorical(column: Any) -> bool:
    """Whether a column holds text, categories or booleans rather than numbers or moments.

    Args:
        column: Of a frame, or an array (n,).

    Example:
        >>> is_categorical(np.array(["a", "b"])), is_categorical(np.array([1.0]))
        (True, False)
    """
    return kind_of(column).name in ("bool", "text", "ordered")
