"""From a scene to matplotlib: a handful of collections, whatever the number of edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._optional import optional
from ..network import Edge
from .figure import axes_or_new, font
from .layout import Frame, Symbol
from .scene import Scene, SceneText

BLACK, RED = (0.0, 0.0, 0.0), (0.84, 0.09, 0.09)
GREY = (0.35, 0.35, 0.35)
BLUE = (0.16, 0.45, 0.85)
FAINTEST_TEXT = 0.5
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


def draw(picture: Scene, ax: Any = None) -> Any:
    """Draw a scene.

    Args:
        picture: What `scene` gave.
        ax: Axes to draw on, filled by the picture; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        MissingExtra: matplotlib is not installed.

    Example:
        >>> from edgewise.network import build
        >>> from edgewise.plots import scene
        >>> len(draw(scene(build([2, 5, 1], seed=0))).axes)
        1
    """
    painter = _Painter(picture, _prepare(picture, ax))
    painter.wires()
    painter.boxes()
    painter.curves()
    painter.samples()
    painter.symbols()
    for text in picture.texts:
        painter.text(text)
    return painter.ax.get_figure()


def _prepare(picture: Scene, ax: Any) -> Any:
    if ax is None:
        ax = axes_or_new(None, picture.width, picture.height)
        ax.set_position((0, 0, 1, 1))
    ax.set_xlim(0, picture.width)
    ax.set_ylim(0, picture.height)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


class _Painter:
    """Adds the parts of a scene to axes whose units are inches."""

    def __init__(self, picture: Scene, ax: Any) -> None:
        self.ax, self.picture = ax, picture
        self.colours: dict[Edge, tuple[float, ...]] = {
            edge.edge: (*colour_of(edge.kind), edge.opacity) for edge in picture.edges
        }
        self._collections = optional("matplotlib.collections", "plot", "plot")
        smallest = min((edge.frame.size for edge in picture.edges), default=0.3)
        self.thin = float(np.clip(0.35 + 1.2 * smallest, 0.45, 0.8))

    def _lines(self, segments: Sequence[Any], colours: Any, width: float, order: float, label: str) -> None:
        lines = self._collections.LineCollection(
            segments, colors=colours, linewidths=width, zorder=order, capstyle="round", joinstyle="round"
        )
        lines.set_gid(label)
        self.ax.add_collection(lines, autolim=False)

    def wires(self) -> None:
        """Wires of the edges, and lines from sub-nodes to products."""
        pieces = [piece for edge in self.picture.edges for piece in edge.wire]
        colours = [colour for colour in self.colours.values() for _ in range(2)]
        self._lines(pieces, colours, self.thin, 1, "wires")
        links = self.picture.links
        self._lines(links, [BLACK] * len(links), self.thin, 1, "links")

    def boxes(self) -> None:
        """Frames, white inside."""
        squares = self._collections.PolyCollection(
            [_corners(edge.frame) for edge in self.picture.edges],
            facecolors="white",
            edgecolors=list(self.colours.values()),
            linewidths=self.thin,
            zorder=2,
        )
        squares.set_gid("boxes")
        self.ax.add_collection(squares, autolim=False)

    def curves(self) -> None:
        """The curve of each edge."""
        lines = [np.array(edge.curve, dtype=float) for edge in self.picture.edges]
        self._lines(lines, list(self.colours.values()), 1.6 * self.thin, 3, "curves")

    def samples(self) -> None:
        """The samples on each curve."""
        edges = [edge for edge in self.picture.edges if edge.samples]
        if not edges:
            return
        counts = [len(edge.samples) for edge in edges]
        colours = np.repeat([(*BLUE, edge.opacity) for edge in edges], counts, axis=0)
        sizes = np.repeat([(3.2 * edge.frame.size + 0.6) ** 2 for edge in edges], counts)
        places = np.array([place for edge in edges for place in edge.samples])
        dots = self.ax.scatter(*places.T, s=sizes, c=colours, linewidths=0, zorder=4)
        dots.set_gid("samples")

    def symbols(self) -> None:
        """Dots, and signs in circles."""
        dots = [symbol for symbol in self.picture.symbols if symbol.kind == "dot"]
        signs = [symbol for symbol in self.picture.symbols if symbol.kind != "dot"]
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

    def text(self, text: SceneText) -> None:
        """A line of text."""
        turned = {"rotation": 90, "rotation_mode": "default"} if text.upright else {}
        style = {"color": self._colour(text), "ha": text.ha, "va": text.va, **turned}
        self.ax.text(text.x, text.y, text.text, fontproperties=font(text.size), zorder=7, **style)

    def _colour(self, text: SceneText) -> tuple[float, ...]:
        if text.role == "function" and text.edge is not None:
            *colour, alpha = self.colours[text.edge]
            return (*colour, max(alpha, FAINTEST_TEXT))
        return GREY if text.role in ("range", "note") else BLACK


def _corners(frame: Frame) -> np.ndarray:
    half = 0.5 * frame.size
    return np.array([frame.x, frame.y]) + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def _glyph(symbol: Symbol) -> np.ndarray:
    return np.array([symbol.x, symbol.y]) + 0.95 * symbol.radius * np.array(_GLYPHS[symbol.kind])
