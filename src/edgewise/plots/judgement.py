"""How good predictions are, as pictures: predicted beside actual values, what is left over, ROC curves, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .figure import font, new_figure
from .style import COLOURS, INK, ORANGE, dress, plain

_SIZE = (3.9, 3.3)
_MOST_POINTS = 2000
_GROUPS = 8


def _axes() -> Any:
    figure = new_figure(*_SIZE)
    figure.set_layout_engine("constrained")
    return figure.add_subplot()


def draw_actual_and_predicted(predicted: np.ndarray, truth: np.ndarray, target: str) -> Any:
    """Predictions beside what they should have been, and the line where they are the same.

    Args:
        predicted: Shape (n,).
        truth: Shape (n,).
        target: What is predicted.

    Example:
        >>> figure = draw_actual_and_predicted(np.array([1.0, 2.0]), np.array([1.0, 3.0]), "price")
        >>> figure.axes[0].get_ylabel()
        'actual price'
    """
    ax = _axes()
    both = (ends_of(predicted), ends_of(truth))
    ends = [min(low for low, _ in both), max(high for _, high in both)]
    ends = ends if ends[1] > ends[0] else [ends[0] - 1, ends[0] + 1]
    ax.plot(ends, ends, color=ORANGE, linewidth=1.0, zorder=1)
    scatter(ax, predicted, truth)
    room = 0.03 * (ends[1] - ends[0])
    ax.set_xlim(ends[0] - room, ends[1] + room)
    ax.set_ylim(ends[0] - room, ends[1] + room)
    return dress(ax, f"predicted {target}", f"actual {target}").get_figure()


def draw_residuals(predicted: np.ndarray, truth: np.ndarray, target: str) -> Any:
    """What is left over, actual less predicted, beside the predictions; with the middle half of the rows.

    Args:
        predicted: Shape (n,).
        truth: Shape (n,).
        target: What is predicted.

    Example:
        >>> figure = draw_residuals(np.array([1.0, 2.0]), np.array([1.0, 3.0]), "price")
        >>> figure.axes[0].get_ylabel()
        'actual less predicted'
    """
    ax = _axes()
    gap = truth - predicted
    ax.axhline(0, color=ORANGE, linewidth=1.0, zorder=1)
    scatter(ax, predicted, gap)
    order = np.argsort(predicted, kind="stable")
    if len(order) >= 10 * _GROUPS:
        for rows in np.array_split(order, _GROUPS):
            low, middle, high = np.quantile(gap[rows], [0.25, 0.5, 0.75])
            place = float(np.median(predicted[rows]))
            ax.vlines(place, low, high, color="black", linewidth=1.6, zorder=3)
            ax.plot(place, middle, "o", color="black", markersize=3.6, zorder=3)
    ends = ends_of(gap)
    room = 0.05 * (ends[1] - ends[0]) or 1.0
    ax.set_ylim(ends[0] - room, ends[1] + room)
    across = ends_of(predicted)
    room = 0.03 * (across[1] - across[0]) or 1.0
    ax.set_xlim(across[0] - room, across[1] + room)
    return dress(ax, f"predicted {target}", "actual less predicted").get_figure()


def draw_roc(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Any:
    """ROC curves: how many of a class are found, for how many others taken for it.

    Args:
        curves: By name, false positive and true positive rates.

    Example:
        >>> len(draw_roc({"yes": (np.array([0.0, 1.0]), np.array([0.0, 1.0]))}).axes[0].lines)
        2
    """
    ax = _axes()
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.9, linestyle=(0, (4, 3)))
    for number, (name, (false, true)) in enumerate(curves.items()):
        colour = INK if len(curves) == 1 else COLOURS[number % len(COLOURS)]
        ax.step(false, true, where="post", color=colour, linewidth=1.5, label=plain(name))
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    if len(curves) > 1:
        ax.legend(frameon=False, prop=font(9), loc="lower right")
    return dress(ax, "of the others, taken for it", "of the class, found").get_figure()


def draw_calibration(groups: Sequence[Mapping[str, float]], label: str) -> Any:
    """How often what was given a probability came true, group by group of rows, with 95 % intervals.

    Args:
        groups: Of `edgewise.estimators.calibration`.
        label: What the probability is of.

    Example:
        >>> groups = [{"predicted": 0.2, "observed": 0.25, "rows": 40}]
        >>> draw_calibration(groups, "yes").axes[0].get_xlabel()
        'predicted probability of yes'
    """
    ax = _axes()
    ax.plot([0, 1], [0, 1], color=ORANGE, linewidth=1.0, zorder=1)
    for group in groups:
        ax.vlines(group["predicted"], *_wilson(group["observed"], group["rows"]), color="0.6", linewidth=1.2)
    given = [group["predicted"] for group in groups]
    came = [group["observed"] for group in groups]
    ax.plot(given, came, "o", color=INK, markersize=4.5, zorder=3)
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.02, 1.02)
    return dress(ax, f"predicted probability of {label}", "how often it came true").get_figure()


def _wilson(share: float, rows: float) -> tuple[float, float]:
    """Wilson's interval of a share (1927)."""
    z = 1.96
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, middle - half), min(1.0, middle + half)


def scatter(ax: Any, x: np.ndarray, y: np.ndarray, colour: str = INK) -> None:
    """Points that can be told apart, 2,000 of them at most.

    Args:
        ax: Axes.
        x: Shape (n,).
        y: Shape (n,).
        colour: Of the points.
    """
    if len(x) > _MOST_POINTS:
        rows = np.random.default_rng(0).permutation(len(x))[:_MOST_POINTS]
        x, y = x[rows], y[rows]
    few = len(x) < 300
    ax.scatter(
        x,
        y,
        s=14 if few else 7,
        color=colour,
        alpha=0.5 if few else 0.3,
        linewidths=0,
        zorder=2,
        rasterized=not few,
    )


def ends_of(values: np.ndarray) -> tuple[float, float]:
    """The least and greatest value; a single one that lies far off does not squeeze the others together.

    Args:
        values: Shape (n,).

    Example:
        >>> ends_of(np.append(np.linspace(0, 1, 201), 1e9))[1] < 2
        True
    """
    return _end(values, 0), _end(values, 1)


def _end(values: np.ndarray, side: int) -> float:
    end = float(values.max() if side else values.min())
    inner = np.quantile(values, [0.01, 0.99])
    return float(inner[side]) if abs(end - inner[side]) > 4 * (inner[1] - inner[0]) > 0 else end
