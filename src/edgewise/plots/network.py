"""`plot`: the picture of a network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import InputError
from ..network import Edge, Network, trace
from .curves import curves
from .edge_selection import Choice, choose
from .figure import axes_or_new
from .labels import LabelStyle, fit_labels
from .layout import Layout, Level, Margins, Spacing, lay_out
from .names import as_math, checked_names
from .opacity import edge_scores
from .painter import Painter
from .samples import as_samples

WIDE = Spacing(box=0.7, gap=0.62)  # room for the ranges between the boxes
_TITLE = 12.0
_NOTE = 8.0


def plot(
    model: Network,
    x: Any = None,
    *,
    scores: Any = None,
    metric: str = "attribution",
    beta: float = 3.0,
    in_names: Sequence[Any] | None = None,
    out_names: Sequence[Any] | None = None,
    title: str | None = None,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
    top: int | None = None,
    ranges: bool = False,
    sample: bool = False,
    show_functions: bool = True,
) -> Any:
    """Draw a network: inputs at the bottom, the curve of each edge in a box on its wire, outputs on top.

    Learnable edges are black, formula edges red; the more an edge matters, the darker it is. Each curve fills its own box: compare shapes, not heights. The figure is made of vectors,
    belongs to no window, and nothing is written, printed or drawn at random.

    Args:
        model: Left as it is.
        x: Samples that set the ranges and the scores: tensor, array, frame, (x, y), or a dict with
            "train_input". Points spread over the first layer's grid if None.
        scores: Scores to use for opacity: what `attribute` gives, or one (in, subnodes) matrix a layer.
        metric: Which are computed otherwise: "attribution" (towards the output an edge matters most to), or
            "std", the standard deviations of edges over the largest of their layer.
        beta: Opacity is tanh(beta * score).
        in_names: Names of the inputs, strings or sympy objects; the model's own if None.
        out_names: Names of the outputs; y, or y_1, y_2, ... if None.
        title: Set above the picture.
        ax: Axes to draw on, filled by the picture; a new figure if None.
        figsize: Width and height in inches; from the widest layer if None.
        top: Most edges to show in a layer, those of highest score; as many as stay legible if None. A line
            below the picture says what was left out.
        ranges: Whether to write the range of its input and output at each box.
        sample: Whether to draw samples on the curves.
        show_functions: Whether to write the names of functions in the boxes of formula edges.

    Returns:
        The `matplotlib.figure.Figure`; use its `savefig` to keep it (pdf, svg, png).

    Raises:
        InputError: samples that are not finite numbers, or an argument out of its bounds.
        ShapeError: samples, scores or names of the wrong shape.
        UnknownName: no metric has that name.
        MissingExtra: matplotlib is not installed.

    Cost: one forward pass, and 97 points an edge.

    Example:
        >>> from edgewise.network import build
        >>> figure = plot(build([2, 5, 1], seed=0), title="a network")
        >>> len(figure.axes)
        1
    """
    _check(beta, top, figsize)
    seen = trace(model, as_samples(model, x, "plot"), edges=sample)
    every = edge_scores(model, seen, metric, scores)
    levels = _levels(model)
    choice = choose(levels, every, top)
    outputs = _output_names(len(levels[-1].members))
    ins = checked_names(in_names, model.names, "in_names", model.columns.tolist(), model.n_columns)
    outs = checked_names(out_names, outputs, "out_names", range(len(outputs)), len(outputs))
    texts = (
        [as_math(ins[node]) for node in choice.nodes[0]],
        [as_math(outs[node]) for node in choice.nodes[-1]],
    )
    size = figsize if ax is None else _inches(ax)
    places, styles = _arrange(levels, every, choice, texts, size, title, WIDE if ranges else Spacing())
    painter = Painter(
        _prepare(ax, places),
        places,
        curves(model, seen, choice.edges),
        {edge: math.tanh(beta * every[edge]) for edge in choice.edges},
    )
    painter.wires()
    painter.boxes()
    captions = painter.captions() if show_functions else {}
    painter.graphs(captions)
    if sample:
        painter.points(captions)
    painter.symbols()
    if ranges:
        painter.ranges()
    for level, labels, style in zip((0, -1), texts, styles, strict=True):
        painter.names(level, labels, style)
    _add_texts(painter, places, title, choice.note)
    return painter.ax.get_figure()


def _check(beta: float, top: int | None, figsize: tuple[float, float] | None) -> None:
    if not (isinstance(beta, (int, float)) and beta > 0 and math.isfinite(beta)):
        raise InputError(f"plot: beta must be a positive number; got {beta!r}. Use 3 or more.")
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise InputError(f"plot: top must be a count of at least 1; got {top!r}. Leave it out.")
    if figsize is not None and not (np.shape(figsize) == (2,) and all(0 < side < 200 for side in figsize)):
        raise InputError(f"plot: figsize must be (width, height) in inches; got {figsize!r}. Use (6, 4).")


def _levels(model: Network) -> list[Level]:
    nodes = [layer.nodes for layer in model.layers]
    return [Level(model.layers[0].in_features), *(Level(level.sums, level.arities) for level in nodes)]


def _output_names(count: int) -> list[str]:
    return ["y"] if count == 1 else [f"y_{output + 1}" for output in range(count)]


def _inches(ax: Any) -> tuple[float, float]:
    share, whole = ax.get_position(), ax.get_figure().get_size_inches()
    return float(share.width * whole[0]), float(share.height * whole[1])


def _arrange(
    levels: Sequence[Level],
    scores: Mapping[Edge, float],
    choice: Choice,
    texts: tuple[list[str], list[str]],
    size: tuple[float, float] | None,
    title: str | None,
    spacing: Spacing,
) -> tuple[Layout, tuple[LabelStyle, LabelStyle]]:
    """Lay out once to know how far apart the nodes are, then again with the room that their labels need."""

    def place(margins: Margins) -> Layout:
        return lay_out(
            levels, scores, choice.edges, size=size, margins=margins, spacing=spacing, nodes=choice.nodes
        )

    draft = place(Margins())
    pitches = _pitch(draft, 0), _pitch(draft, -1)
    styles = fit_labels(texts[0], pitches[0]), fit_labels(texts[1], pitches[1])
    reach = [style.overhang - 0.5 * pitch for style, pitch in zip(styles, pitches, strict=True)]
    side = 0.12 + max(0.0, *reach, 0.2 * (spacing is WIDE))
    bottom = 0.22 + styles[0].height + (0.24 if choice.note else 0.0)
    top = 0.24 + styles[1].height + (0.32 if title else 0.0)
    return place(Margins(side, side, bottom, top)), styles


def _pitch(layout: Layout, level: int) -> float:
    xs = sorted(x for x, _ in layout.nodes[level].values())
    return min((b - a for a, b in pairwise(xs)), default=layout.width - 0.3)


def _prepare(ax: Any, places: Layout) -> Any:
    if ax is None:
        ax = axes_or_new(None, places.width, places.height)
        ax.set_position((0, 0, 1, 1))
    ax.set_xlim(0, places.width)
    ax.set_ylim(0, places.height)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _add_texts(painter: Painter, places: Layout, title: str | None, note: str) -> None:
    middle = 0.5 * places.width
    if title:
        painter.note(as_math(title), middle, places.height - 0.12, _TITLE, "top")
    if note:
        painter.note(note, middle, 0.08, _NOTE, "bottom", (0.35, 0.35, 0.35))
