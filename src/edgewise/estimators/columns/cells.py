"""The entries of a table's columns as plain arrays, whatever library the table is of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...errors import InputError

GAP = "missing"
"""The level of entries that are not there."""

_DAY_IN_MICROSECONDS = 86_400_000_000


def columns_of(table: Any) -> list[Any]:
    """The columns of a frame or an array.

    Args:
        table: Of pandas, polars or NumPy, or a list of rows.

    Example:
        >>> [column.tolist() for column in columns_of(np.array([[1, 2]]))]
        [[1], [2]]
    """
    if hasattr(table, "iloc"):
        return [table.iloc[:, place] for place in range(table.shape[1])]
    if hasattr(table, "columns"):
        return [table[name] for name in table.columns]
    return list(np.asarray(table).T)


def as_array(column: Any) -> np.ndarray:
    """A column as an array of numbers, booleans, moments (UTC), durations, text or objects.

    Args:
        column: Of a frame, or an array (n,).

    Example:
        >>> as_array([1, 2]).dtype.kind
        'i'
    """
    if isinstance(column, np.ndarray):
        return column
    if getattr(getattr(column, "dtype", None), "tz", None) is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    if str(getattr(column, "dtype", "")).startswith("period"):
        column = column.dt.to_timestamp()
    return np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column)


def distinct(column: Any) -> tuple[list[Any], np.ndarray]:
    """The different entries of a column, and for each row the place of its entry among them.

    Args:
        column: Of a frame, or an array (n,).

    Raises:
        TypeError: an entry is a container.

    Example:
        >>> values, places = distinct(np.array(["b", "a", "b"]))
        >>> values, places.tolist()
        (['b', 'a'], [0, 1, 0])
    """
    if hasattr(column, "iloc") and str(column.dtype).startswith(("object", "str", "category")):
        places, values = column.factorize(use_na_sentinel=False)  # pandas' own is ten times as fast
        return list(values), places
    array = as_array(column)
    if array.dtype.kind in "fiub":
        numbers, places = np.unique(array, return_inverse=True)
        return numbers.tolist(), places
    found: dict[Any, int] = {}
    entries = array.tolist() if array.dtype.kind in "US" else array
    places = np.fromiter((found.setdefault(entry, len(found)) for entry in entries), np.intp, len(array))
    return list(found), places


@contextmanager
def naming(name: str, where: str) -> Iterator[None]:
    """Turn the error of a column of containers into one that names the column.

    Args:
        name: Of the column.
        where: The function that was called.

    Raises:
        InputError: an entry is a container.

    Example:
        >>> with naming("a", "fit"):
        ...     entries, places = distinct([1, 2])
    """
    try:
        yield
    except TypeError as error:
        raise InputError(
            f"{where}: column {name!r} must hold numbers, text or dates; got {error}. Take the parts of containers as "
            f"columns."
        ) from error


def is_gap(value: Any) -> bool:
    """Whether an entry says that there is none: None, NaN, NA or NaT.

    Args:
        value: An entry.

    Example:
        >>> is_gap(float("nan")), is_gap("")
        (True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def days_of(moments: np.ndarray) -> np.ndarray:
    """Days since 1970 of moments, or days of durations, gaps as NaN.

    Args:
        moments: Of a dtype datetime64 or timedelta64.

    Example:
        >>> days_of(np.array(["1970-01-02T12", "NaT"], dtype="datetime64[h]")).tolist()
        [1.5, nan]
    """
    whole = moments.astype(f"{moments.dtype.kind}8[us]").astype(np.int64)
    return np.where(np.isnat(moments), np.nan, whole / _DAY_IN_MICROSECONDS)
