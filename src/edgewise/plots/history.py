"""`plot_history`: the course of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import InputError, unknown_name
from .figure import axes_or_new, font

_COLOURS = {"train_loss": "black", "test_loss": (0.84, 0.09, 0.09), "validation_loss": (0.16, 0.45, 0.85)}
_MORE = ["0.45", (0.5, 0.0, 0.5), (0.1, 0.55, 0.35), (0.9, 0.55, 0.1), (0.4, 0.7, 0.85)]


def plot_history(result: Any, keys: Sequence[str] | None = None, *, ax: Any = None) -> Any:
    """Draw how the losses of a fit went, step by step, on a logarithmic scale.

    Args:
        result: A `FitResult`, or a dict of lists.
        keys: Names of the histories to draw; train, test and validation losses if None.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        InputError: there is no step to draw.
        UnknownName: there is no history of that name.

    Example:
        >>> figure = plot_history({"train_loss": [1.0, 0.1, 0.01], "test_loss": [1.2, 0.2, 0.03]})
        >>> figure.axes[0].get_yscale()
        'log'
    """
    history = _histories(result)
    if keys is None:
        keys = [key for key in _COLOURS if len(history.get(key, ()))] or [
            key for key in history if len(history[key])
        ]
    for key in keys:
        if key not in history:
            raise unknown_name("plot_history", "keys", key, history)
    lines = {key: np.asarray(history[key], dtype=float) for key in keys}
    if not any(np.isfinite(line).any() for line in lines.values()):
        raise InputError("plot_history: result must hold at least one step; got none. Fit with steps > 0.")
    new = ax is None
    ax = axes_or_new(ax, 4.6, 3.1)
    for place, (key, line) in enumerate(lines.items()):
        mark = "." if len(line) < 40 else None
        colour = _COLOURS.get(key, _MORE[place % len(_MORE)])
        ax.plot(
            np.arange(1, len(line) + 1), line, color=colour, linewidth=1.1, marker=mark, label=_words(key)
        )
    if all((line[np.isfinite(line)] > 0).all() for line in lines.values()):
        ax.set_yscale("log")
    _dress(ax, [key.endswith("loss") for key in lines])
    if new:
        ax.get_figure().set_layout_engine("constrained")
    return ax.get_figure()


def _histories(result: Any) -> Mapping[str, Sequence[float]]:
    history = getattr(result, "history", result)
    if not isinstance(history, Mapping):
        raise InputError(
            f"plot_history: result must be what fit gave, or a dict of lists; got {type(result).__name__}. "
            f"Pass the value of model.fit(...)."
        )
    return history


def _words(key: str) -> str:
    return key.replace("_loss", "").replace("_", " ")


def _dress(ax: Any, losses: Sequence[bool]) -> None:
    ax.set_xlabel("step", font=font(10.5))
    if all(losses):
        ax.set_ylabel("loss", font=font(10.5))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.get_major_locator().set_params(integer=True)
    for text in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")):
        text.set_fontproperties(font(8.5))
    ax.legend(frameon=False, prop=font(9))
