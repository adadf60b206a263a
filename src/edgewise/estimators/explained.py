"""`explain_row`: one prediction as a base value and what each column adds to it, those that add most first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from .columns import columns_of

_SHOWN = 9


@dataclass(frozen=True)
class Step:
    """What one column adds.

    Attributes:
        name: Of the column; empty for all those that are not told one by one.
        value: Of the row in this column, as in the table; None for several columns.
        effect: What it adds.
        columns: How many columns these are.
    """

    name: str
    value: Any
    effect: float
    columns: int = 1


@dataclass(frozen=True)
class ExplainedRow:
    """One prediction, explained.

    Attributes:
        base: The mean prediction; of classes, in log-odds.
        steps: What the columns add, most first; those of no effect are left out.
        total: Base and steps together.
        output: Name of the output that is explained; empty where there is one.
        exact: Whether the parts are those of a sum of curves; else they are Shapley values.
    """

    base: float
    steps: tuple[Step, ...]
    total: float
    output: str
    exact: bool


def explain_row(estimator: Any, row: Any, most: int = _SHOWN) -> ExplainedRow:
    """Explain one prediction by the contributions of the columns.

    Of several classes the likeliest is explained, of several values the first.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        row: A table of one row, a series, or an array of one row.
        most: Columns that are told one by one.

    Raises:
        InputError: it is not one row.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 61)[:, None]
        >>> found = explain_row(KANRegressor(hidden=0).fit(x, 2 * x[:, 0] + 1), x[-1])
        >>> found.steps[0].name, round(found.base, 1), round(found.steps[0].effect, 1)
        ('x_1', 1.0, 2.0)
    """
    table = _one_row(row)
    found = estimator.contributions(table)
    base, values = np.atleast_1d(found.base), found.values[0]
    values = values.reshape(len(values), -1)
    output = int((base + values.sum(0)).argmax()) if hasattr(estimator, "classes_") else 0
    effects = values[:, output]
    order = [place for place in np.argsort(-np.abs(effects), kind="stable") if effects[place] != 0]
    cells = [column.iloc[0] if hasattr(column, "iloc") else column[0] for column in columns_of(table)]
    told, rest = (order, []) if len(order) <= most else (order[: most - 1], order[most - 1 :])
    steps = [Step(found.names[place], cells[place], float(effects[place])) for place in told]
    if rest:
        steps.append(Step("", None, float(effects[rest].sum()), len(rest)))
    return ExplainedRow(
        float(base[output]),
        tuple(steps),
        float(base[output] + effects.sum()),
        found.outputs[output] if len(base) > 1 else "",
        estimator.model_.depth == 1,
    )


def _one_row(row: Any) -> Any:
    if isinstance(row, Mapping):
        raise InputError("plot_prediction: row must be a row of a table; got a dict. Pass table.iloc[[0]].")
    if hasattr(row, "to_frame") and not hasattr(row, "columns"):
        return row.to_frame().T
    table = row if hasattr(row, "columns") else np.asarray(row)
    table = table[None] if table.ndim == 1 else table if hasattr(table, "columns") else np.asarray(table)
    if len(table) != 1:
        raise InputError(f"plot_prediction: row must be one row; got {len(table)}. Pass table.iloc[[0]].")
    return table
