"""`plot_interaction`: how predictions move with two columns of a table together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..estimators import Axis, Interaction, interaction
from .figure import axes_or_new, font
from .shapes import output_names
from .style import dates_on, dress, plain

_LEVELS = 12


def plot_interaction(
    estimator: Any,
    X: Any,
    a: Any,
    b: Any,
    *,
    kinds: Mapping[str, str] | None = None,
    target: str = "prediction",
    ax: Any = None,
) -> Any:
    """Draw what two columns add together to the predictions, as a map of colours.

    It is the partial dependence on both, the mean over the other columns, around the mean prediction; in the target's
    units, of classes in log-odds. Points are rows of `X`; where there are none, the map is a guess. In a sum of one curve a
    column, every row of the map has the same profile.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        X: Rows that are drawn as points, as for `fit`.
        a: Name of the column to the right.
        b: Name of the column upwards.
        kinds: As for `plot_shapes`.
        target: What is predicted, for the scale.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        UnknownName: there is no such column.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.random.default_rng(0).uniform(-1, 1, (200, 2))
        >>> figure = plot_interaction(KANRegressor(hidden=2).fit(x, x[:, 0] * x[:, 1]), x, "x_1", "x_2")
        >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
        ('x_1', 'x_2')
    """
    return draw_interaction(interaction(estimator, X, a, b, kinds=kinds), output_names(estimator), target, ax)


def draw_interaction(found: Interaction, names: list[str], target: str, ax: Any = None) -> Any:
    """Draw what two columns add together.

    Args:
        found: What to draw; of several outputs, the one that varies most is drawn.
        names: Of the outputs.
        target: What is predicted.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.
    """
    new = ax is None
    ax = axes_or_new(ax, 4.4, 3.4)
    if new:
        ax.get_figure().set_layout_engine("constrained")
    _map(ax, found, names, target)
    return ax.get_figure()


def _map(ax: Any, found: Interaction, names: list[str], target: str) -> None:
    output = int(np.argmax(np.ptp(found.effect.reshape(-1, found.effect.shape[2]), axis=0)))
    values = found.effect[:, :, output]
    first, second = (_shown(axis) for axis in (found.first, found.second))
    values = values[: len(first), : len(second)]
    most = float(np.abs(values).max()) or 1.0
    image = ax.pcolormesh(
        _borders(first), _borders(second), values.T, cmap="RdBu_r", vmin=-most, vmax=most, rasterized=True
    )
    jitter = np.random.default_rng(0).uniform(-0.25, 0.25, found.rows.shape)
    shift = [0.0 if axis.kind != "level" else 1.0 for axis in (found.first, found.second)]
    inside = np.isfinite(found.rows).all(1)
    places = (found.rows + jitter * shift)[inside]
    ax.plot(*places.T, ".", color="black", markersize=2.2, alpha=0.45, markeredgewidth=0)
    for side, axis, shown in ((ax.xaxis, found.first, first), (ax.yaxis, found.second, second)):
        if axis.kind == "level":
            side.set_ticks(shown, [plain(level, 14) for level in axis.values[: len(shown)]])
        elif axis.kind == "date":
            dates_on(side)
    ax.set_xlim(_borders(first)[[0, -1]])
    ax.set_ylim(_borders(second)[[0, -1]])
    dress(ax, found.first.name, found.second.name)
    if found.first.kind == "level" and len(first) > 3:
        ax.tick_params(axis="x", rotation=40)
    bar = ax.get_figure().colorbar(image, ax=ax)
    label = f"{target}: {names[output]}" if names[output] else target
    bar.set_label(plain(label, 36), font=font(9.5))
    bar.outline.set_visible(False)
    for text in bar.ax.get_yticklabels():
        text.set_fontproperties(font(9))


def _shown(axis: Axis) -> np.ndarray:
    if axis.kind == "level":
        return np.arange(min(len(axis.values), _LEVELS), dtype=np.float64)
    return np.asarray(axis.values)


def _borders(centres: np.ndarray) -> np.ndarray:
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    half = np.diff(centres) / 2
    return np.concatenate([[centres[0] - half[0]], centres[:-1] + half, [centres[-1] + half[-1]]])
