"""`plot_shapes`: what each column of a table adds to the predictions of an estimator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..estimators import Shape, shapes
from .figure import axes_or_new, font, new_figure
from .style import BAND, COLOURS, INK, dates_on, dress, plain

_MOST = 12
_LEVELS = 12
_CLASSES = 6
_ABOVE = 0.08
_BENEATH = 0.2
"""Shares of the height that are free above the curves, and that the density has beneath them."""

SURE = 1.96
"""So many standard deviations to either side are 95 %."""


def plot_shapes(
    estimator: Any,
    X: Any,
    columns: Iterable[Any] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    target: str = "prediction",
) -> Any:
    """Draw what each column adds to the predictions: a curve a column of numbers, a bar a level, all on one scale.

    Effects are around the mean prediction, in the target's units, of classes in log-odds. Where the network is a sum of one
    curve a column they are its exact contributions; with a hidden level they are partial dependence, the mean over the
    other columns, and the title says so. The band is a pointwise 95 % interval (`edgewise.estimators.shapes` says how);
    what is beneath is where the rows of `X` lie.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        X: Rows whose distribution is drawn, as for `fit`.
        columns: Names; those that matter most, at most twelve, if None.
        kinds: "date" for columns of numbers that are days since 1970, "time" for hours, by name.
        target: What is predicted, for the axis.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        UnknownName: there is no such column.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.random.default_rng(0).uniform(-1, 1, (80, 2))
        >>> figure = plot_shapes(KANRegressor(hidden=0).fit(x, x[:, 0] ** 2), x)
        >>> [ax.get_xlabel() for ax in figure.axes][0]
        'x_1'
    """
    found = shapes(estimator, X, columns, kinds=kinds)
    found = found[:_MOST] if columns is None else found
    across = min(3, len(found))
    down = -(-len(found) // across)
    figure = new_figure(3.5 * across, 2.7 * down)
    figure.set_layout_engine("constrained")
    limits, names = shape_limits(found), output_names(estimator)
    for place, shape in enumerate(found):
        ax = figure.add_subplot(down, across, place + 1)
        draw_shape(ax, shape, limits, names, x_label=shape.axis.name)
    first = figure.axes[0]
    if len(names) > 1:
        first.legend(frameon=False, prop=font(8.5))
    unit = f"log-odds of {target}" if hasattr(estimator, "classes_") else target
    what = "what each column adds" if found[0].exact else "partial dependence"
    figure.suptitle(f"{plain(unit, 60)}: {what}", font=font(11), x=0.01, ha="left")
    return figure


def output_names(estimator: Any) -> list[str]:
    """Names of the outputs where there are several; of one output nothing but "".

    Args:
        estimator: A fitted one.
    """
    count = estimator.model_.layers[-1].out_features
    if count == 1:
        return [""]
    targets = estimator.target_names_
    return [str(name) for name in (targets if len(targets) == count else estimator.classes_)]


def shape_limits(found: Sequence[Shape]) -> tuple[float, float]:
    """The scale on which all shapes are drawn: their effects, and of the bands as much as is told by the data.

    Args:
        found: One a column.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 61)[:, None]
        >>> low, high = shape_limits(shapes(KANRegressor(hidden=0).fit(x, 2 * x[:, 0]), x))
        >>> low < -1.9 and high > 1.9
        True
    """
    lows = [float(shape.effect.min()) for shape in found]
    highs = [float(shape.effect.max()) for shape in found]
    low, high = min([0.0, *lows]), max([0.0, *highs])
    room = (high - low) or 1.0
    for shape in found:
        if shape.deviation is not None and shape.effect.shape[1] == 1:
            low = min(low, max(float((shape.effect - SURE * shape.deviation).min()), min(lows) - 0.3 * room))
            high = max(
                high, min(float((shape.effect + SURE * shape.deviation).max()), max(highs) + 0.3 * room)
            )
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def draw_shape(
    ax: Any,
    shape: Shape,
    limits: tuple[float, float],
    names: Sequence[str],
    *,
    x_label: str = "",
    outputs: Sequence[int] | None = None,
) -> Any:
    """Draw one shape.

    Args:
        ax: Axes to draw on; a new figure if None.
        shape: What to draw.
        limits: Of `shape_limits`.
        names: Of the outputs.
        x_label: Name of the column.
        outputs: Numbers of those to draw; the loudest if None.

    Returns:
        The `matplotlib.figure.Figure`.
    """
    new = ax is None
    ax = axes_or_new(ax, 3.7, 2.7)
    outputs = loudest(shape) if outputs is None else outputs
    if shape.axis.kind == "level":
        _bars(ax, shape, limits, outputs, names)
    else:
        _curves(ax, shape, limits, outputs, names)
    dress(ax, x_label)
    if new:
        ax.get_figure().set_layout_engine("constrained")
    return ax.get_figure()


def loudest(shape: Shape) -> list[int]:
    """The outputs that are drawn, at most six: those on which the column has most effect.

    Args:
        shape: Of any number of outputs.
    """
    spread = np.ptp(shape.effect, axis=0)
    return sorted(np.argsort(-spread, kind="stable")[:_CLASSES].tolist())


def _curves(
    ax: Any, shape: Shape, limits: tuple[float, float], outputs: Sequence[int], names: Sequence[str]
) -> None:
    axis = shape.axis
    low, high = limits
    height = high - low
    floor = low - _BENEATH * height
    x = axis.values
    ax.axhline(0, color="0.55", linewidth=0.8, zorder=1)
    for number, output in enumerate(outputs):
        line = shape.effect[:, output]
        colour = INK if len(outputs) == 1 else COLOURS[number]
        if shape.deviation is not None:
            half = SURE * shape.deviation[:, output]
            face = {"color": BAND} if len(outputs) == 1 else {"color": colour, "alpha": 0.09}
            ax.fill_between(
                x, np.maximum(line - half, low), np.minimum(line + half, high), linewidth=0, zorder=2, **face
            )
        ax.plot(x, line, color=colour, linewidth=1.6, zorder=3, label=plain(names[output]))
    tallest = max(int(axis.counts.max()), 1)
    tops = floor + 0.75 * _BENEATH * height * axis.counts / tallest
    ax.stairs(tops, axis.edges, baseline=floor, fill=True, color="0.78", zorder=1)
    ax.set_ylim(floor, high + _ABOVE * height)
    ax.set_xlim(x[0], x[-1])
    ax.xaxis.get_major_locator().set_params(nbins=5)
    if axis.kind == "date":
        dates_on(ax.xaxis)


def _bars(
    ax: Any, shape: Shape, limits: tuple[float, float], outputs: Sequence[int], names: Sequence[str]
) -> None:
    levels = list(shape.axis.values)[:_LEVELS]
    low, high = limits
    room = _ABOVE * (high - low)
    ax.axvline(0, color="0.55", linewidth=0.8, zorder=1)
    thick = 0.7 / len(outputs)
    for number, output in enumerate(outputs):
        at = np.arange(len(levels)) + (number - (len(outputs) - 1) / 2) * thick
        colour = "#7d97b8" if len(outputs) == 1 else COLOURS[number]
        effect = shape.effect[: len(levels), output]
        ax.barh(at, effect, 0.92 * thick, color=colour, zorder=2, label=plain(names[output]))
        if shape.deviation is not None:
            half = SURE * shape.deviation[: len(levels), output]
            ends = np.maximum(effect - half, low - room), np.minimum(effect + half, high + room)
            ax.hlines(at, *ends, color=INK, linewidth=1.0, zorder=3)
    ax.set_xlim(low - room, high + room)
    ax.set_ylim(len(levels) - 0.4, -0.6)
    ax.set_yticks(range(len(levels)), [plain(level) for level in levels])
