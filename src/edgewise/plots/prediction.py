"""`plot_prediction`: one prediction, from the mean to what was predicted, a step a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..estimators import ExplainedRow, Step, explain_row, is_gap
from .figure import axes_or_new, font
from .style import INK, ORANGE, date_text, dress, number_text, plain

_LONGEST = 34


def plot_prediction(
    estimator: Any,
    row: Any,
    *,
    kinds: Mapping[str, str] | None = None,
    target: str = "prediction",
    ax: Any = None,
) -> Any:
    """Draw how one prediction comes about: from the mean prediction, a bar a column, those that add most first.

    Of a sum of one curve a column the bars are its exact contributions; with a hidden level they are Shapley values of the
    network. Of classes they are in log-odds; of several, those of the likeliest.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        row: A table of one row, a series, or an array of one row.
        kinds: As for `plot_shapes`.
        target: What is predicted, for the axis.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        InputError: it is not one row.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.random.default_rng(0).uniform(-1, 1, (80, 2))
        >>> figure = plot_prediction(KANRegressor(hidden=0).fit(x, x.sum(1)), x[0])
        >>> len(figure.axes[0].patches)
        2
    """
    found = explain_row(estimator, row)
    new = ax is None
    ax = axes_or_new(ax, 5.2, 1.1 + 0.3 * (len(found.steps) + 2))
    unit = f"log-odds of {target}" if hasattr(estimator, "classes_") else target
    _steps(ax, found, kinds or {})
    dress(ax, f"{unit}: {found.output}" if found.output else unit)
    if new:
        ax.get_figure().set_layout_engine("constrained")
    return ax.get_figure()


def _steps(ax: Any, found: ExplainedRow, kinds: Mapping[str, str]) -> None:
    steps = found.steps
    ends = found.base + np.concatenate([[0.0], np.cumsum([step.effect for step in steps])])
    for place, step in enumerate(steps):
        colour = INK if step.effect > 0 else ORANGE
        ax.barh(place + 1, step.effect, 0.62, left=ends[place], color=colour, zorder=2)
        ax.vlines(ends[place + 1], place + 1, place + 2, color="0.6", linewidth=0.7, zorder=1)
        far = max(ends[place], ends[place + 1])
        text = f" {'+' if step.effect > 0 else '−'}{number_text(abs(step.effect), 3)}"
        ax.text(far, place + 1, text, va="center", ha="left", fontproperties=font(8.5))
    ax.vlines(found.base, 0, 1, color="0.6", linewidth=0.7, zorder=1)
    marks = [found.base, found.total]
    ax.plot(marks, [0, len(steps) + 1], "o", color="0.2", markersize=4.5, zorder=3)
    names = [
        f"mean, {number_text(found.base)}",
        *(plain(step_name(step, kinds), _LONGEST) for step in steps),
        f"predicted, {number_text(found.total)}",
    ]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    low, high = float(ends.min()), float(ends.max())
    room = (high - low) or 1.0
    ax.set_xlim(low - 0.05 * room, high + 0.22 * room)


def step_name(step: Step, kinds: Mapping[str, str]) -> str:
    """A column and its value: "width = 2.3".

    Args:
        step: Of an explained row.
        kinds: As for `plot_shapes`.

    Example:
        >>> step_name(Step("day", 19723.0, 1.0), {"day": "date"}), step_name(Step("", None, 1.0, 3), {})
        ('day = 1 Jan 2024', '3 other columns')
    """
    return (
        f"{step.name} = {cell_text(step.value, kinds.get(step.name, ''))}"
        if step.name
        else f"{step.columns} other columns"
    )


def cell_text(value: Any, kind: str = "") -> str:
    """An entry of a table as it is read.

    Args:
        value: A number, a text, or a gap.
        kind: "date" or "time" for numbers that are days since 1970, or hours.

    Example:
        >>> cell_text(None), cell_text(2.50001), cell_text("Bern"), cell_text(13.5, "time")
        ('missing', '2.5', 'Bern', '13:30')
    """
    if is_gap(value):
        return "missing"
    if isinstance(value, (bool, np.bool_, str)) or not isinstance(value, (int, float, np.number)):
        return str(value)
    if kind == "date":
        return date_text(float(value))
    if kind == "time":
        return f"{int(value)}:{round(60 * (float(value) % 1)) % 60:02d}"
    return number_text(float(value))
