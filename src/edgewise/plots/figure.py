"""A figure that belongs to nobody: not registered, not shown, not written anywhere."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from .._optional import optional

_NOTEBOOK_DPI = 192


def new_figure(width: float, height: float) -> Any:
    """Make a matplotlib figure outside pyplot that notebooks show when a cell returns it.

    Args:
        width: In inches.
        height: In inches.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        >>> new_figure(2.0, 1.0).get_size_inches().tolist()
        [2.0, 1.0]
    """
    figure = optional("matplotlib.figure", "plot", "plot").Figure(figsize=(width, height), facecolor="white")
    optional("matplotlib.backends.backend_agg", "plot", "plot").FigureCanvasAgg(figure)
    # IPython draws figures by itself only once pyplot is loaded; this makes it draw this one anyhow.
    figure._repr_png_ = partial(_as_png, figure)
    return figure


def axes_or_new(ax: Any, width: float, height: float) -> Any:
    """The axes to draw on: `ax`, or those of a new figure.

    Example:
        >>> axes_or_new(None, 3.0, 2.0).get_figure().get_size_inches().tolist()
        [3.0, 2.0]
    """
    return new_figure(width, height).add_subplot() if ax is None else ax


def _as_png(figure: Any) -> tuple[bytes, dict[str, int]]:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_NOTEBOOK_DPI)
    width, height = (int(96 * inches) for inches in figure.get_size_inches())
    return file.getvalue(), {"width": width, "height": height}
