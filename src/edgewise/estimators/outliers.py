"""Which cells and targets are far off all others, by row: what a fit says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .columns import NumericRule, TableEncoder, codes_of, shown_value
from .robust import far_off, robust_deviation

_SHOWN = 4
_FEW = 0.01
_LARGE = 3.0


def row_labels(table: Any, rows: np.ndarray) -> Any:
    """What rows are called: by the index of a frame of pandas, else their numbers from 0.

    Args:
        table: A frame or an array.
        rows: True for those that are used.

    Example:
        >>> row_labels(np.zeros((3, 1)), np.array([True, False, True])).tolist()
        [0, 2]
    """
    places = np.flatnonzero(rows)
    return table.index[places] if hasattr(table, "iloc") else places


def lines_on_cells(encoder: TableEncoder, encoded: np.ndarray, labels: Any) -> list[str]:
    """A line on each column whose far-off numbers are cut.

    Args:
        encoder: Whose rules say what is cut.
        encoded: The rows, before that.
        labels: Of the rows.
    """
    found = [_line_on_cells(rule, encoded[:, place], labels) for place, rule in encoder.numeric.items()]
    return [line for line in found if line]


def _line_on_cells(rule: NumericRule, values: np.ndarray, labels: Any) -> str:
    rows = np.flatnonzero(rule.transform.is_cut(values))
    if len(rows) == 0:
        return ""
    away = np.abs(values[rows] - np.median(values))
    shown = _listed(rows, away, [shown_value(rule, value) for value in values[rows]], labels)
    be = "is" if len(rows) == 1 else "are"
    return f"{rule.name}: {len(rows)} of {len(values)} rows {be} far off the others and read as the nearest of them: {shown}"


def lines_on_targets(
    names: Sequence[str], y: np.ndarray, fitted: np.ndarray, labels: Any, squared: bool
) -> list[str]:
    """A line on each target that holds codes, or a few values that count more in squared errors than all others together.

    Args:
        names: Of the targets.
        y: Shape (n, targets).
        fitted: Predictions.
        labels: Of the rows.
        squared: Whether errors count by their squares, so that far-off targets draw the fit to them.

    Example:
        >>> y = np.sin(np.arange(100.0))[:, None]
        >>> y[7] = 1e6
        >>> lines_on_targets(["y"], y, np.zeros((100, 1)), range(100), squared=False)
        ['y: 1 of 100 rows is far off what the columns say: 1e+06 in row 7']
    """
    lines = []
    for name, values, guesses in zip(names, y.T, fitted.T, strict=True):
        codes = codes_of(values)
        if codes:
            count = int(np.isin(values, codes).sum())
            shown = ", ".join(f"{code:.12g}" for code in codes)
            lines.append(
                f"{name}: {count} of {len(values)} rows have {shown}, far from all others and like a code for a gap; if "
                f"it is one, leave these rows out"
            )
            continue
        errors = values - guesses
        rows = _dominant(errors, values)
        if len(rows) == 0:
            continue
        shown = _listed(rows, np.abs(errors[rows]), [f"{value:.5g}" for value in values[rows]], labels)
        be = "is" if len(rows) == 1 else "are"
        line = f"{name}: {len(rows)} of {len(errors)} rows {be} far off what the columns say: {shown}"
        more = "; squared errors draw all predictions towards them, which the loss huber does not"
        lines.append(line + more if squared else line)
    return lines


def _dominant(errors: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Rows of far-off errors where a few of them are more than half of the sum of squares; else none."""
    ones = np.ones(len(errors))
    far = far_off(errors, ones) & (np.abs(errors) > _LARGE * robust_deviation(values, ones))
    rows = np.flatnonzero(far)
    most = max(3, int(_FEW * len(errors)))
    largest = rows[np.argsort(-np.abs(errors[rows]), kind="stable")][:most]
    parts = (errors / max(float(np.abs(errors).max()), 1e-300)) ** 2
    largest = largest[parts[largest] > 0.01 * parts.sum()]
    return largest if parts[largest].sum() > 0.5 * parts.sum() else rows[:0]


def _listed(rows: np.ndarray, sizes: np.ndarray, values: Sequence[str], labels: Any) -> str:
    order = np.argsort(-sizes, kind="stable")[:_SHOWN]
    shown = ", ".join(f"{values[place]} in row {labels[rows[place]]}" for place in order)
    return f"{shown} and {len(rows) - _SHOWN} others" if len(rows) > _SHOWN else shown
