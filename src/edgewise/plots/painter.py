"""From places and curves to matplotlib: a handful of collections, whatever the number of edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._optional import optional
from .curves import Curve
from .labels import LabelStyle, font, text_size
from .layout import Box, Edge, Layout, Symbol
from .names import function_as_math

BLACK, RED = (0.0, 0.0, 0.0), (0.84, 0.09, 0.09)
GREY = (0.35, 0.35, 0.35)
BLUE = (0.16, 0.45, 0.85)
FAINTEST = 0.1  # of an edge
FAINTEST_TEXT = 0.5
_INSET = 0.1
_GLYPHS = {
    "sum": [(0.42, 0.36), (0.42, 0.52), (-0.4, 0.52), (0.1, 0), (-0.4, -0.52), (0.42, -0.52), (0.42, -0.36)],
    "product": [(-0.45, -0.45), (0.45, 0.45), (np.nan, np.nan), (-0.45, 0.45), (0.45, -0.45)],
}


def colour_of(kind: str) -> tuple[float, float, float]:
    """The colour of an edge of a kind; learnable edges of every kind are black.

    Example:
        >>> colour_of("spline") == BLACK, colour_of("formula") == RED
        (True, True)
    """
    return {"formula": RED, "off": (0.6, 0.6, 0.6)}.get(kind, BLACK)


class Painter:
    """Adds the parts of the picture to axes whose units are inches.

    Args:
        ax: The axes.
        layout: Where things are.
        curves: The curve of each edge shown.
        opacity: Between 0 and 1, for each edge shown.
    """

    def __init__(
        self, ax: Any, layout: Layout, curves: Mapping[Edge, Curve], opacity: Mapping[Edge, float]
    ) -> None:
        self.ax, self.layout, self.curves = ax, layout, curves
        self.edges = list(layout.boxes)
        self.colours = {
            edge: (*colour_of(curves[edge].kind), max(FAINTEST, min(1.0, opacity[edge])))
            for edge in self.edges
        }
        self._collections = optional("matplotlib.collections", "plot", "plot")
        smallest = min((box.size for box in layout.boxes.values()), default=0.3)
        self.thin = float(np.clip(0.35 + 1.2 * smallest, 0.45, 0.8))

    def _lines(self, segments: Sequence[Any], colours: Any, width: float, order: float, label: str) -> None:
        lines = self._collections.LineCollection(
            segments, colors=colours, linewidths=width, zorder=order, capstyle="round", joinstyle="round"
        )
        lines.set_gid(label)
        self.ax.add_collection(lines, autolim=False)

    def wires(self) -> None:
        """Wires of the edges, and lines from sub-nodes to products."""
        pieces = [piece for edge in self.edges for piece in self.layout.wires[edge]]
        colours = [self.colours[edge] for edge in self.edges for _ in range(2)]
        self._lines(pieces, colours, self.thin, 1, "wires")
        self._lines(self.layout.links, [BLACK] * len(self.layout.links), self.thin, 1, "links")

    def boxes(self) -> None:
        """Frames, white inside."""
        frames = [_corners(self.layout.boxes[edge]) for edge in self.edges]
        colours = [self.colours[edge] for edge in self.edges]
        squares = self._collections.PolyCollection(
            frames, facecolors="white", edgecolors=colours, linewidths=self.thin, zorder=2
        )
        squares.set_gid("boxes")
        self.ax.add_collection(squares, autolim=False)

    def graphs(self, captions: Mapping[Edge, float]) -> None:
        """The curves, each scaled to its own box."""
        lines = [self._scaled(edge, captions, None) for edge in self.edges]
        colours = [self.colours[edge] for edge in self.edges]
        self._lines(lines, colours, 1.6 * self.thin, 3, "curves")

    def points(self, captions: Mapping[Edge, float]) -> None:
        """The samples on each curve."""
        places = [self._scaled(edge, captions, self.curves[edge].points) for edge in self.edges]
        counts = [len(at) for at in places]
        colours = [
            (*BLUE, self.colours[edge][3])
            for edge, n in zip(self.edges, counts, strict=True)
            for _ in range(n)
        ]
        sizes = np.repeat([(3.2 * self.layout.boxes[edge].size + 0.6) ** 2 for edge in self.edges], counts)
        dots = self.ax.scatter(
            *np.concatenate([*places, np.empty((0, 2))]).T, s=sizes, c=colours, linewidths=0, zorder=4
        )
        dots.set_gid("samples")

    def _scaled(self, edge: Edge, captions: Mapping[Edge, float], points: np.ndarray | None) -> np.ndarray:
        box, curve = self.layout.boxes[edge], self.curves[edge]
        x, y = (curve.x, curve.y) if points is None else points.T
        (left, right), (low, high) = (curve.x[0], curve.x[-1]), curve.y_range
        inset = _INSET * box.size
        side = box.size - 2 * inset
        across = (x - left) / max(right - left, 1e-300)
        up = (y - low) / (high - low)
        up = np.where(np.abs(up - 0.5) <= 0.5 + 1e-9, up, np.nan)
        corner = box.x - 0.5 * box.size + inset, box.y - 0.5 * box.size + inset
        return np.stack([corner[0] + across * side, corner[1] + up * (side - captions.get(edge, 0.0))], 1)

    def symbols(self) -> None:
        """Dots, and signs in circles."""
        dots = [symbol for symbol in self.layout.symbols if symbol.kind == "dot"]
        signs = [symbol for symbol in self.layout.symbols if symbol.kind != "dot"]
        for marks, face, label in ((dots, "black", "dots"), (signs, "white", "signs")):
            if not marks:
                continue
            size = [2 * mark.radius for mark in marks]
            discs = self._collections.EllipseCollection(
                size,
                size,
                np.zeros(len(marks)),
                units="xy",
                offsets=[(mark.x, mark.y) for mark in marks],
                offset_transform=self.ax.transData,
                facecolors=face,
                edgecolors="black",
                linewidths=self.thin,
                zorder=5,
            )
            discs.set_gid(label)
            self.ax.add_collection(discs, autolim=False)
        self._lines([_glyph(sign) for sign in signs], [BLACK] * len(signs), 1.1 * self.thin, 6, "glyphs")

    def captions(self) -> dict[Edge, float]:
        """Function names in the boxes of formula edges that have room; gives the height each takes."""
        heights = {}
        for edge in self.edges:
            name, box = self.curves[edge].function, self.layout.boxes[edge]
            if name is None:
                continue
            text = function_as_math(name)
            width, height = text_size(text)
            size = min(8.5, 17 * box.size, 0.9 * box.size / max(width, 1e-9))
            if size < 4.5:
                continue
            heights[edge] = size * height + 0.06 * box.size
            self._text(text, box.x, box.y + 0.44 * box.size, size, va="top", color=self._text_colour(edge))
        return heights

    def _text_colour(self, edge: Edge) -> tuple[float, ...]:
        *colour, alpha = self.colours[edge]
        return (*colour, max(alpha, FAINTEST_TEXT))

    def names(self, level: int, texts: Sequence[str], style: LabelStyle) -> None:
        """Labels of the inputs (level 0) or the outputs (level -1)."""
        below = level == 0
        for (x, y), text in zip(self.layout.nodes[level].values(), texts, strict=True):
            turned = {"rotation": 90, "rotation_mode": "default"} if style.upright else {}
            self._text(
                text, x, y - 0.1 if below else y + 0.13, style.size, va="top" if below else "bottom", **turned
            )

    def ranges(self) -> None:
        """Range of the input below each box and of the output at its left."""
        for edge in self.edges:
            box, curve = self.layout.boxes[edge], self.curves[edge]
            (left, right), (low, high) = (curve.x[0], curve.x[-1]), curve.y_range
            half, size, gap = 0.5 * box.size, min(6.0, 10 * box.size), 0.03 * box.size
            for value, ha, sign in ((left, "left", -1), (right, "right", 1)):
                place = box.x + sign * half, box.y - half - gap
                self._text(_short(value), *place, size, va="top", ha=ha, color=GREY)
            for value, va, sign in ((low, "bottom", -1), (high, "top", 1)):
                place = box.x - half - gap, box.y + sign * half
                self._text(_short(value), *place, size, va=va, ha="right", color=GREY)

    def note(self, text: str, x: float, y: float, size: float, va: str, colour: Any = BLACK) -> None:
        """A line of text, centred at x."""
        self._text(text, x, y, size, va=va, color=colour)

    def _text(self, text: str, x: float, y: float, size: float, **style: Any) -> None:
        self.ax.text(x, y, text, fontproperties=font(size), zorder=7, **{"ha": "center", **style})


def _corners(box: Box) -> np.ndarray:
    half = 0.5 * box.size
    return np.array([box.x, box.y]) + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def _glyph(symbol: Symbol) -> np.ndarray:
    return np.array([symbol.x, symbol.y]) + 0.95 * symbol.radius * np.array(_GLYPHS[symbol.kind])


def _short(value: float) -> str:
    """Two digits or three, and no more characters than needed."""
    text = f"{value:.0f}" if 99.5 <= abs(value) < 10000 else f"{value:.2g}"
    text = text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return text.replace("-", "\N{MINUS SIGN}")
