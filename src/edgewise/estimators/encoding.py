"""From a table of mixed columns to numbers, by rules that are learned from the training rows and kept.

A numeric column stays one column; gaps are filled with the median, and a column of 0 and 1 says where they
were. A categorical column becomes one column of 0 and 1 for each of its levels (one in all for two levels
without gaps); a gap is a level of its own; levels beyond the most frequent, and levels never seen, are all 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError

MAX_CATEGORIES = 20
_GAP = "missing"


@dataclass(frozen=True)
class NumericRule:
    """How a numeric column is encoded.

    Attributes:
        name: Of the column.
        fill: What stands in for a gap.
        marks_gaps: Whether there is a second column that says where the gaps were.
    """

    name: str
    fill: float
    marks_gaps: bool

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [self.name, f"{self.name}={_GAP}"] if self.marks_gaps else [self.name]

    def transform(self, column: Any) -> np.ndarray:
        """The encoded columns, shape (n, len(names))."""
        values = as_numbers(column, self.name)
        gaps = np.isnan(values)
        filled = np.where(gaps, self.fill, values)
        return np.column_stack([filled, gaps.astype(np.float64)] if self.marks_gaps else [filled])


@dataclass(frozen=True)
class CategoryRule:
    """How a categorical column is encoded.

    Attributes:
        name: Of the column.
        levels: Those with a column of their own, as text.
    """

    name: str
    levels: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [f"{self.name}={level}" for level in self.levels]

    def transform(self, column: Any) -> np.ndarray:
        """The encoded columns, shape (n, len(names))."""
        texts = as_levels(column)
        return np.column_stack([texts == level for level in self.levels]).astype(np.float64)


@dataclass(frozen=True)
class TableEncoder:
    """The rules of a table's columns, in order.

    Attributes:
        rules: One a column.
    """

    rules: tuple[NumericRule | CategoryRule, ...]

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [name for rule in self.rules for name in rule.names]

    @property
    def owners(self) -> np.ndarray:
        """Number of the original column of each encoded one."""
        return np.repeat(np.arange(len(self.rules)), [len(rule.names) for rule in self.rules])

    def transform(self, table: Any) -> np.ndarray:
        """The table as numbers, shape (n, len(names)), float64.

        Raises:
            InputError: text or an infinity where a number belongs.
        """
        parts = [rule.transform(column) for rule, column in zip(self.rules, columns_of(table), strict=True)]
        return np.ascontiguousarray(np.concatenate(parts, axis=1))


def fit_encoder(table: Any, names: Sequence[str], categories: str | Iterable[Any] = "auto") -> TableEncoder:
    """Find the rules of a table.

    Args:
        table: A frame, or an array (n, columns).
        names: Of its columns.
        categories: Names (or numbers) of the columns to be taken as categorical; "auto" for those of text,
            categories or booleans.

    Raises:
        InputError: a column that is named does not exist, or has nothing to learn from.

    Example:
        >>> table = np.array([[1.0, 5.0], [np.nan, 6.0]])
        >>> fit_encoder(table, ["a", "b"]).names
        ['a', 'a=missing', 'b']
    """
    chosen = None if isinstance(categories, str) else _chosen(categories, names)
    rules: list[NumericRule | CategoryRule] = []
    for place, (name, column) in enumerate(zip(names, columns_of(table), strict=True)):
        categorical = is_categorical(column) if chosen is None else place in chosen
        rules.append(_category_rule(name, column) if categorical else _numeric_rule(name, column))
    return TableEncoder(tuple(rules))


def columns_of(table: Any) -> list[Any]:
    """The columns of a frame or an array.

    Example:
        >>> [column.tolist() for column in columns_of(np.array([[1, 2]]))]
        [[1], [2]]
    """
    if hasattr(table, "columns"):
        return [table[name] for name in table.columns]
    return list(np.asarray(table).T)


def is_categorical(column: Any) -> bool:
    """Whether a column holds text, categories or booleans rather than numbers.

    Example:
        >>> is_categorical(np.array(["a", "b"])), is_categorical(np.array([1.0]))
        (True, False)
    """
    if str(getattr(column, "dtype", "")).lower() in ("category", "categorical", "enum", "bool", "boolean"):
        return True
    array = np.asarray(column)
    if array.dtype.kind in "OUST":
        return any(isinstance(value, (str, bool, np.bool_)) for value in array if not _is_gap(value))
    return False


def as_numbers(column: Any, name: str) -> np.ndarray:
    """A column as float64, gaps as NaN.

    Raises:
        InputError: it holds text, dates or infinities.

    Example:
        >>> as_numbers(np.array([1, None], dtype=object), "a").tolist()
        [1.0, nan]
    """
    array = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    try:
        if array.dtype.kind in "Mm":
            raise ValueError("dates")
        if array.dtype.kind == "O":
            array = np.array([np.nan if _is_gap(value) else value for value in array])
        values = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"fit: column {name!r} must hold numbers; got {array.dtype} ({error}). Name it in categories, or "
            f"turn dates into numbers first."
        ) from error
    if np.isinf(values).any():
        raise InputError(f"fit: column {name!r} must be finite; got infinity. Replace it by NaN or a number.")
    return values


def as_levels(column: Any) -> np.ndarray:
    """A column as text, gaps as "missing"; whole numbers are written without a point.

    Example:
        >>> as_levels(np.array([1.0, np.nan])).tolist()
        ['1', 'missing']
    """
    array = np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column, dtype=object)
    return np.array([_GAP if _is_gap(value) else _text(value) for value in array], dtype=object)


def _text(value: Any) -> str:
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


def _is_gap(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _numeric_rule(name: str, column: Any) -> NumericRule:
    values = as_numbers(column, name)
    gaps = np.isnan(values)
    fill = 0.0 if gaps.all() else float(np.median(values[~gaps]))
    return NumericRule(name, fill, bool(gaps.any() and not gaps.all()))


def _category_rule(name: str, column: Any) -> CategoryRule:
    levels, counts = np.unique(as_levels(column).astype(str), return_counts=True)
    order = np.lexsort((levels, -counts))
    kept = [str(level) for level in levels[order][:MAX_CATEGORIES]]
    if len(levels) == 2 and _GAP not in levels:
        kept = [str(levels[1])]
    return CategoryRule(name, tuple(kept))


def _chosen(categories: Iterable[Any], names: Sequence[str]) -> set[int]:
    places = {name: place for place, name in enumerate(names)}
    found = set()
    for item in categories:
        place = item if isinstance(item, (int, np.integer)) and item not in places else places.get(item)
        if place is None or not 0 <= place < len(names):
            raise InputError(
                f"fit: categories must name columns; got {item!r}. The columns are {', '.join(map(str, names))}."
            )
        found.add(int(place))
    return found
