"""Figures created outside pyplot's registry, and the font of every text in them."""

from __future__ import annotations

import io
import re
import warnings
from functools import cache, lru_cache, partial
from typing import Any

from .._optional import optional

_NOTEBOOK_DPI = 192
_POINTS_TO_AN_INCH = 72.0


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


@cache
def _font() -> Any:
    manager = optional("matplotlib.font_manager", "plot", "plot")
    return manager.FontProperties(family=["STIXGeneral", "DejaVu Sans"], size=10, math_fontfamily="stix")


def font(size: float) -> Any:
    """The font of every text in the picture, a serif to go with the mathematics."""
    copy = _font().copy()
    copy.set_size(size)
    return copy


def text_size(text: str) -> tuple[float, float]:
    """Width and height of a text in inches for each point of its font size: matplotlib's `Measure`.

    Raises:
        ValueError: matplotlib cannot set its mathematics.

    Example:
        >>> width, height = text_size("$x_{1}$")
        >>> 0 < height < width < 0.05
        True
    """
    if not text.strip():
        return 0.0, 0.0
    # Digits are all of one width, so that a hundred labels x_1 to x_100 are measured three times.
    return _measured(re.sub(r"\d", "0", text))


@lru_cache(maxsize=512)
def _measured(text: str) -> tuple[float, float]:
    if "$" in text:
        optional("matplotlib.mathtext", "plot", "plot").MathTextParser("path").parse(text)
    box = optional("matplotlib.textpath", "plot", "plot").TextPath((0, 0), text, prop=_font()).get_extents()
    return float(box.width) / 10 / _POINTS_TO_AN_INCH, float(box.height) / 10 / _POINTS_TO_AN_INCH


def as_svg(figure: Any) -> bytes:
    """A figure as SVG, the same bytes for the same picture; signs that no font has are empty boxes, without a warning.

    Example:
        >>> as_svg(new_figure(1.0, 1.0)).startswith(b"<?xml")
        True
    """
    settings = {"svg.hashsalt": "edgewise", "svg.fonttype": "path", "path.simplify_threshold": 0.5}
    file = io.BytesIO()
    with optional("matplotlib", "plot", "plot").rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure.savefig(file, format="svg", dpi=160, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def _as_png(figure: Any) -> tuple[bytes, dict[str, int]]:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_NOTEBOOK_DPI)
    width, height = (int(96 * inches) for inches in figure.get_size_inches())
    return file.getvalue(), {"width": width, "height": height}
