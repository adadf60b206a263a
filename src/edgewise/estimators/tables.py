"""What an estimator is given as `X`: frames keep their columns, arrays of text too, all else is checked as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_y, check_consistent_length, validate_data

from .._memory import refuse_beyond_memory
from ..errors import InputError
from .columns import CODE, is_gap

_COPIES = 16
"""So many arrays of the table's size are made, about."""


def checked_pair(estimator: Any, table: Any, y: Any, **options: Any) -> tuple[Any, Any]:
    """The table and targets of a fit, checked.

    Args:
        estimator: Is told of the number and the names of the columns.
        table: Frame, array, list or sparse matrix.
        y: Targets.
        **options: As for scikit-learn's `check_X_y`.

    Raises:
        ValueError: they do not go together, or have no row.
    """
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__}: y must be given; got None. This estimator requires y to be passed, "
            f"but the target y is None."
        )
    table = _plain(table, "fit")
    if not _has_columns(table):
        return validate_data(estimator, table, y, dtype=np.float64, ensure_all_finite="allow-nan", **options)
    validate_data(estimator, table, reset=True, skip_check_array=True)
    if len(table) == 0:
        raise ValueError(f"{type(estimator).__name__}: X must have at least one row; got 0 sample(s).")
    y = _check_y(y, estimator=estimator, **options)
    check_consistent_length(table, y)
    return _numbers_of_text(table), y


def checked_table(estimator: Any, table: Any, where: str) -> Any:
    """The table of a prediction, checked to have the columns of the fit.

    Args:
        estimator: A fitted one.
        table: Frame, array, list or sparse matrix.
        where: The function that was called.

    Raises:
        ValueError: it has other columns.
    """
    table = _plain(table, where)
    if _has_columns(table):
        validate_data(estimator, table, reset=False, skip_check_array=True)
        return table
    return validate_data(estimator, table, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")


def refuse_no_numbers(y: Any) -> None:
    """Raise where targets that must be numbers are dates, durations or text.

    Args:
        y: As given.

    Raises:
        InputError: they are.

    Example:
        >>> refuse_no_numbers([1, 2])
    """
    array = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if array.dtype.kind in "OU":
        bad = next(
            (entry for entry in array.flat if _is_no_number(entry) and not _reads_as_number(entry)), None
        )
    else:
        bad = array.flat[0] if array.dtype.kind in "Mm" and array.size else None
    if bad is not None:
        raise InputError(
            f"fit: y must hold numbers; got {str(bad)!r}. Turn dates and durations into numbers; for classes use "
            f"KANClassifier."
        )


def _reads_as_number(entry: Any) -> bool:
    try:
        float(entry)
    except (TypeError, ValueError):
        return False
    return not isinstance(entry, (np.datetime64, np.timedelta64))


def plain_labels(y: Any) -> Any:
    """Classes of pandas' or polars' own types as NumPy has them: booleans, whole numbers or text; gaps stay.

    Args:
        y: As given.

    Example:
        >>> plain_labels([1, 2])
        [1, 2]
    """
    if y is None or hasattr(y, "columns") or not hasattr(y, "to_numpy"):
        return y
    array = np.asarray(y.to_numpy())
    if array.dtype.kind != "O" or any(map(is_gap, array)):
        return array
    types = {type(label) for label in array}
    return np.array(array.tolist()) if len(types) == 1 and types <= {bool, int, float, np.bool_} else array


def names_of_targets(y: Any) -> tuple[str, ...] | None:
    """The names of a frame or a series of targets; None where it has none.

    Args:
        y: As given.

    Example:
        >>> names_of_targets([1.0]) is None
        True
    """
    if hasattr(y, "columns"):
        return tuple(map(str, y.columns))
    name = getattr(y, "name", None)
    return None if name in (None, "") else (str(name),)


def numbered(count: int) -> tuple[str, ...]:
    """Names of outputs that have none: y, or y_1, y_2, ...

    Args:
        count: How many outputs.

    Example:
        >>> numbered(1), numbered(2)
        (('y',), ('y_1', 'y_2'))
    """
    return ("y",) if count == 1 else tuple(f"y_{number + 1}" for number in range(count))


def rows_of(table: Any, rows: np.ndarray) -> Any:
    """Some rows of a table.

    Args:
        table: A frame or an array.
        rows: True for those that stay, shape (n,).

    Example:
        >>> rows_of(np.array([[1], [2]]), np.array([False, True])).tolist()
        [[2]]
    """
    if rows.all():
        return table
    if hasattr(table, "iloc"):
        return table.iloc[np.flatnonzero(rows)]
    return table.filter(rows) if hasattr(table, "columns") else table[rows]


def _plain(table: Any, where: str) -> Any:
    """A dense table, and text as an array of objects."""
    if hasattr(table, "toarray"):
        needed = int(np.prod(table.shape, dtype=object)) * 8 * _COPIES
        refuse_beyond_memory(where, needed, f"a sparse X of shape {table.shape}, which is made dense,")
        return table.toarray()
    if isinstance(table, Mapping) or (hasattr(table, "collect") and hasattr(table, "collect_schema")):
        what = "a mapping" if isinstance(table, Mapping) else "a LazyFrame"
        way = "Make a frame of it" if isinstance(table, Mapping) else "Call its collect()"
        raise InputError(f"{where}: X must be a table; got {what}. {way} first.")
    if hasattr(table, "to_pandas") and hasattr(table, "column_names"):  # of pyarrow
        return table.to_pandas()
    if isinstance(table, (list, tuple)) and any(map(_holds_text, table)):
        return np.array(table, dtype=object)
    return table


def _holds_text(row: Any) -> bool:
    return isinstance(row, (list, tuple)) and any(_is_no_number(cell) for cell in row)


def _is_no_number(cell: Any) -> bool:
    """Whether a cell is text, a date, a duration or a time."""
    return isinstance(cell, (str, np.datetime64, np.timedelta64)) or (
        not is_gap(cell) and any(hasattr(cell, mark) for mark in ("year", "hour", "total_seconds"))
    )


def _has_columns(table: Any) -> bool:
    """Whether columns are to be read one by one: frames, and arrays that hold other things than numbers."""
    if hasattr(table, "columns"):
        return True
    kind = table.dtype.kind if isinstance(table, np.ndarray) and table.ndim == 2 else ""
    return kind in ("U", "M", "m") or (kind == "O" and any(map(_is_no_number, table.flat)))


def _numbers_of_text(table: Any) -> Any:
    """An array of text with columns of numbers as such, where all entries are; NumPy made text of them."""
    if not isinstance(table, np.ndarray) or table.dtype.kind != "U":
        return table
    found = table.astype(object)
    for place, column in enumerate(table.T):
        if not any(map(CODE.fullmatch, column)):
            try:
                found[:, place] = column.astype(np.float64)
            except ValueError:
                continue
    return found
