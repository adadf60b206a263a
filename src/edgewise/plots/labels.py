"""Labels that do not overlap: how large, and whether they stand upright."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from .._optional import optional

LARGEST = 11.0
_SMALLEST_LEVEL = 7.0
_SMALLEST = 4.0
_POINTS_TO_AN_INCH = 72.0


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
    """Width and height of a text in inches for each point of its font size.

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
    box = optional("matplotlib.textpath", "plot", "plot").TextPath((0, 0), text, prop=_font()).get_extents()
    return float(box.width) / 10 / _POINTS_TO_AN_INCH, float(box.height) / 10 / _POINTS_TO_AN_INCH


@dataclass(frozen=True)
class LabelStyle:
    """How the labels of one level are set.

    Attributes:
        size: Font size in points.
        upright: Whether they are turned by 90 degrees.
        height: Room they take above or below the nodes, in inches.
        overhang: How far the widest reaches to either side of its node, in inches.
    """

    size: float
    upright: bool
    height: float
    overhang: float


def fit_labels(texts: Sequence[str], pitch: float, largest: float = LARGEST) -> LabelStyle:
    """Find the largest font at which neighbours keep apart; turn the labels if it would be too small.

    Args:
        texts: Labels from left to right.
        pitch: Distance between neighbouring nodes, in inches.
        largest: Largest font size, in points.

    Returns:
        How to set them.

    Example:
        >>> fit_labels(["a", "b"], 1.0).upright, fit_labels(["a long name"] * 9, 0.3).upright
        (False, True)
    """
    sizes = [text_size(text) for text in texts]
    widest, highest = (max((size[axis] for size in sizes), default=0.0) for axis in (0, 1))
    neighbours = max((0.5 * (a[0] + b[0]) for a, b in pairwise(sizes)), default=0.0)
    level = largest if neighbours == 0 else min(largest, 0.86 * pitch / neighbours)
    if level >= _SMALLEST_LEVEL or len(texts) < 2:
        return LabelStyle(level, False, level * highest, 0.5 * level * widest)
    size = max(_SMALLEST, min(largest - 2, 0.8 * pitch * _POINTS_TO_AN_INCH))
    return LabelStyle(size, True, size * widest, 0.5 * size * highest)
