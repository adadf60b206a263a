"""Columns that number the rows: where a table was sorted by its target, they tell it, and new rows have no such numbers."""

from __future__ import annotations

import re

import numpy as np

from .columns import NumericRule, TableEncoder

_INDEX = re.compile(r"unnamed: ?\d+(?:_level_\d+)?|column 1|index|level_0|", re.IGNORECASE)
"""How saved indexes of frames are named."""

_IDENTIFIER = re.compile(
    r"(?:.*[ _.-])?(?:id|ids|nr|no|num|number|key|uid|uuid|rownames?|row|rowid|rownum|rownumber|serial)|#|.*[a-z](?:ID|Id|Nr|No)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:.*[ _.-])?(?:t|time|step|date|year|month|week|day|hour|minute|second)s?", re.IGNORECASE
)
_FEWEST = 20
_NAMED, _UNNAMED = 0.3, 0.8
_DENSE = 2


def is_row_number(name: str, values: np.ndarray) -> bool:
    """Whether a column of numbers only numbers or names the rows, by its name and its values.

    Args:
        name: Of the column.
        values: Shape (n,).

    Example:
        >>> is_row_number("Unnamed: 0", np.arange(30.0)), is_row_number("age", np.arange(30.0))
        (True, False)
    """
    known = bool(_INDEX.fullmatch(name) or _IDENTIFIER.fullmatch(name))
    return known and _is_numbering(values)


def order_of(values: np.ndarray, target: np.ndarray) -> float:
    """How alike the targets of rows with neighbouring numbers are: 0 as by chance, 1 where they are sorted by it.

    Args:
        values: Numbers of the rows, shape (n,).
        target: Values, or numbers of classes, shape (n,).

    Example:
        >>> order_of(np.arange(30.0), np.arange(30.0) ** 2) > 0.9
        True
    """
    sorted_ = target[np.argsort(values, kind="stable")]
    shares = np.unique(sorted_, return_counts=True)[1] / len(sorted_)
    if len(shares) <= max(2, len(sorted_) // 10):  # classes, or a few values
        chance = float((shares**2).sum())
        return float((np.mean(sorted_[1:] == sorted_[:-1]) - chance) / (1 - chance)) if chance < 1 else 0.0
    ranks = np.unique(sorted_, return_inverse=True)[1].astype(np.float64)
    return float(1 - np.square(np.diff(ranks)).mean() / (2 * ranks.var()))


def find_leaks(encoder: TableEncoder, encoded: np.ndarray, targets: np.ndarray) -> list[str]:
    """Lines on columns that number the rows and order a target, and on saved indexes.

    Args:
        encoder: Rules of the columns.
        encoded: The training rows.
        targets: Values or classes, shape (n,) or (n, targets).

    Example:
        >>> from .columns import fit_encoder
        >>> table = np.column_stack([np.arange(40.0), np.arange(40.0) % 7])
        >>> found = fit_encoder(table, ["id", "a"])
        >>> [line[:40] for line in find_leaks(found.encoder, found.encoded, np.arange(40.0) > 20)]
        ['id: it numbers the rows, and orders the ']
    """
    lines = []
    firsts = np.searchsorted(encoder.owners, np.arange(len(encoder.rules)))
    for rule, first in zip(encoder.rules, firsts, strict=True):
        if not isinstance(rule, NumericRule) or rule.kind != "number" or rule.marks_gaps:
            continue
        values = encoded[:, first]
        if not _is_numbering(values) or len(values) < _FEWEST:
            continue
        alike = max(order_of(values, target) for target in targets.reshape(len(targets), -1).T)
        if alike > max(_least(rule.name, values, len(encoder.rules)), 4 / len(values) ** 0.5):
            lines.append(f"{rule.name}: {leak(alike)}; leave it out unless new rows will continue it")
        elif _INDEX.fullmatch(rule.name) and _is_dense(values):
            lines.append(f"{rule.name}: it numbers the rows, as a saved index does; leave it out")
    return lines


def leak(alike: float) -> str:
    """That a column of row numbers orders the target, in words.

    Args:
        alike: Of `order_of`.

    Example:
        >>> leak(0.9)[:40]
        'it numbers the rows, and orders the targ'
    """
    return (
        f"it numbers the rows, and orders the target (neighbours are alike, {alike:.2f} of 1): a leak where the table "
        f"was sorted"
    )


def _least(name: str, values: np.ndarray, columns: int) -> float:
    if _INDEX.fullmatch(name) or _IDENTIFIER.fullmatch(name):
        return _NAMED
    free = columns > 1 and not _TIME.fullmatch(name) and _is_dense(values)
    return _UNNAMED if free else np.inf


def _is_numbering(values: np.ndarray) -> bool:
    """Whether all values are different whole numbers."""
    return bool((values == np.round(values)).all()) and len(np.unique(values)) == len(values)


def _is_dense(values: np.ndarray) -> bool:
    """Whether most numbers between the ends are there, as in a share of all rows."""
    return float(np.ptp(values)) + 1 <= _DENSE * len(values)
