"""`scene`: the picture of a network as numbers, in inches, before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .._json import plain_values
from ..errors import InputError
from ..network import Edge, EdgeKind, Network, inputs_or_default, trace
from .curves import Curve, curves
from .edge_selection import EdgeSelection, select_edges
from .layout import Frame, Layout, Margins, NodeLevel, Point, Segment, Spacing, Symbol, lay_out
from .opacity import edge_scores
from .text import LabelStyle, Measure, as_math, checked_names, estimated_size, fit_labels, function_as_math

FAINTEST = 0.1  # of an edge
WIDE = Spacing(box=0.7, gap=0.62)  # room for the ranges between the boxes
_INSET = 0.1
_TITLE = 12.0
_NOTE = 8.0


@dataclass(frozen=True)
class SceneNode:
    """The place of a node: `level` 0 are the inputs, the last the outputs."""

    level: int
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class SceneEdge:
    """One edge that is shown.

    Attributes:
        edge: Address (layer, in, sub-node).
        kind: "formula", or the kind of the layer, as "spline".
        function: Name of a formula's function; None for a learnable edge.
        score: How much the edge matters.
        opacity: Between 0.1 and 1, from the score.
        frame: The box of its curve.
        wire: The two pieces of its wire, below and above the box.
        curve: Points of the curve inside the box; y is None where the curve leaves it.
        samples: Samples inside the box; empty unless they were asked for.
        x_range: Inputs at the left and the right of the curve, in the data's own units at the first layer.
        y_range: Outputs at the bottom and the top of it.
    """

    edge: Edge
    kind: EdgeKind
    function: str | None
    score: float
    opacity: float
    frame: Frame
    wire: tuple[Segment, Segment]
    curve: tuple[tuple[float, float | None], ...]
    samples: tuple[Point, ...]
    x_range: tuple[float, float]
    y_range: tuple[float, float]


@dataclass(frozen=True)
class SceneText:
    """A line of text; mathematics stands between dollar signs.

    Attributes:
        text: What it says.
        x: Where it is anchored.
        y: Where it is anchored.
        size: Font size in points.
        role: "input", "output", "function", "range", "title" or "note".
        ha: Which side of it lies at `x`: "left", "center" or "right".
        va: Which side of it lies at `y`: "top" or "bottom".
        upright: Whether it is turned by 90 degrees.
        edge: The edge it belongs to; None for the others.
    """

    text: str
    x: float
    y: float
    size: float
    role: str
    va: str
    ha: str = "center"
    upright: bool = False
    edge: Edge | None = None


@dataclass(frozen=True)
class Scene:
    """The picture of a network in inches, the origin at the bottom left. It holds plain values and no NaN.

    Attributes:
        width: Of the picture.
        height: Of the picture.
        nodes: Places of the nodes that are shown.
        edges: Edges that are shown, with their boxes, wires and curves.
        links: Lines from sub-nodes to product nodes.
        symbols: Dots, sum signs and product signs.
        texts: Names, functions, ranges, title, and a note on what was left out.
    """

    width: float
    height: float
    nodes: tuple[SceneNode, ...]
    edges: tuple[SceneEdge, ...]
    links: tuple[Segment, ...]
    symbols: tuple[Symbol, ...]
    texts: tuple[SceneText, ...]

    def to_dict(self) -> dict[str, Any]:
        """Dicts, lists, strings and numbers, ready for `json.dumps`; None in place of what is no number."""
        return plain_values(asdict(self))


@dataclass(frozen=True)
class SceneSettings:
    """The arguments of `scene` and `plot` but for the network and its samples; `scene` explains each."""

    scores: Any = None
    metric: str = "attribution"
    beta: float = 3.0
    names: Sequence[Any] | None = None
    output_names: Sequence[Any] | None = None
    title: str | None = None
    figsize: tuple[float, float] | None = None
    max_edges: int | None = None
    show_ranges: bool = False
    show_samples: bool = False
    show_functions: bool = True

    def check(self, where: str) -> None:
        """Refuse what is out of its bounds.

        Args:
            where: Name of the function the user called.
        """
        beta, most, size = self.beta, self.max_edges, self.figsize
        if not (isinstance(beta, (int, float)) and beta > 0 and math.isfinite(beta)):
            raise InputError(f"{where}: beta must be a positive number; got {beta!r}. Use 3 or more.")
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            raise InputError(f"{where}: max_edges must be a count of at least 1; got {most!r}. Leave it out.")
        if size is not None and not (np.shape(size) == (2,) and all(0 < side < 200 for side in size)):
            raise InputError(f"{where}: figsize must be (width, height) in inches; got {size!r}. Use (6, 4).")


def scene(
    model: Network,
    x: Any = None,
    *,
    scores: Any = None,
    metric: str = "attribution",
    beta: float = 3.0,
    names: Sequence[Any] | None = None,
    output_names: Sequence[Any] | None = None,
    title: str | None = None,
    figsize: tuple[float, float] | None = None,
    max_edges: int | None = None,
    show_ranges: bool = False,
    show_samples: bool = False,
    show_functions: bool = True,
    measure: Measure | None = None,
) -> Scene:
    """Compute the picture of a network without drawing it: `plot` draws this, and so can a web page.

    Args:
        model: Left as it is.
        x: As for `plot`, as are those up to `show_functions`.
        scores: Scores that opacity follows from.
        metric: Which scores are computed otherwise.
        beta: Opacity is tanh(beta * score).
        names: Names of the inputs.
        output_names: Names of the outputs.
        title: Set above the picture.
        figsize: Width and height in inches; from the widest layer if None.
        max_edges: Most edges to show in a layer.
        show_ranges: Whether there are texts with the range of each edge's input and output.
        show_samples: Whether edges have samples.
        show_functions: Whether there are texts with the functions of formula edges.
        measure: From a text to its width and height in inches for each point of its font size, ValueError
            where it cannot be set. None estimates by the number of characters and needs no fonts.

    Returns:
        A `Scene`: nodes, boxes, wires, curves, opacities and texts.

    Raises:
        InputError: samples that are not finite numbers, or an argument out of its bounds.
        ShapeError: samples, scores or names of the wrong shape.
        UnknownName: no metric has that name.

    Cost: one forward pass, and 97 points an edge.

    Example:
        >>> from edgewise.network import build
        >>> picture = scene(build([2, 5, 1], seed=0), title="a network")
        >>> len(picture.edges), picture.texts[-1].text
        (15, 'a network')
    """
    settings = SceneSettings(
        scores=scores,
        metric=metric,
        beta=beta,
        names=names,
        output_names=output_names,
        title=title,
        figsize=figsize,
        max_edges=max_edges,
        show_ranges=show_ranges,
        show_samples=show_samples,
        show_functions=show_functions,
    )
    settings.check("scene")
    return compute_scene(model, x, settings, measure or estimated_size, "scene")


def compute_scene(model: Network, x: Any, settings: SceneSettings, measure: Measure, where: str) -> Scene:
    """`scene` of checked settings.

    Args:
        model: Left as it is.
        x: Samples.
        settings: As they were given.
        measure: Size of a text.
        where: Name of the function the user called, for messages.

    Example:
        >>> from edgewise.network import build
        >>> len(compute_scene(build([2, 1]), None, SceneSettings(), estimated_size, "plot").symbols)
        3
    """
    seen = trace(model, inputs_or_default(x, model, where), edges=settings.show_samples)
    scores = edge_scores(model, seen, settings.metric, settings.scores, where)
    levels = _levels(model)
    shown = select_edges(levels, scores, settings.max_edges)
    labels = _labels(model, shown, settings, measure, where)
    places, styles = _arrange(levels, scores, shown, labels, settings, measure)
    found = curves(model, seen, shown.edges)
    captions = _captions(places, found, measure) if settings.show_functions else {}
    edges = [
        _edge(edge, frame, places, found[edge], scores[edge], settings.beta, captions.get(edge))
        for edge, frame in places.boxes.items()
    ]
    texts = [caption.text for caption in captions.values()]
    if settings.show_ranges:
        texts += [text for edge in edges for text in _ranges(edge)]
    for level, names, style in zip((0, -1), labels, styles, strict=True):
        texts += _names(places, level, names, style)
    texts += _lines(places, settings.title, shown.note, measure)
    return Scene(
        width=places.width,
        height=places.height,
        nodes=tuple(
            SceneNode(level, index, *place)
            for level, row in enumerate(places.nodes)
            for index, place in row.items()
        ),
        edges=tuple(edges),
        links=places.links,
        symbols=places.symbols,
        texts=tuple(texts),
    )


def _levels(model: Network) -> list[NodeLevel]:
    nodes = [layer.nodes for layer in model.layers]
    return [
        NodeLevel(model.layers[0].in_features),
        *(NodeLevel(level.sums, level.arities) for level in nodes),
    ]


def _labels(
    model: Network, shown: EdgeSelection, settings: SceneSettings, measure: Measure, where: str
) -> tuple[list[str], list[str]]:
    """Names of the inputs and the outputs that are shown, as they are set."""
    count = model.layers[-1].out_features
    outputs = ["y"] if count == 1 else [f"y_{output + 1}" for output in range(count)]
    ins = checked_names(
        settings.names, model.names, f"{where}: names", model.columns.tolist(), model.n_columns
    )
    outs = checked_names(settings.output_names, outputs, f"{where}: output_names", range(count), count)
    return (
        [as_math(ins[node], measure) for node in shown.nodes[0]],
        [as_math(outs[node], measure) for node in shown.nodes[-1]],
    )


def _arrange(
    levels: Sequence[NodeLevel],
    scores: Mapping[Edge, float],
    shown: EdgeSelection,
    labels: tuple[list[str], list[str]],
    settings: SceneSettings,
    measure: Measure,
) -> tuple[Layout, tuple[LabelStyle, LabelStyle]]:
    """Lay out once to know how far apart the nodes are, then again with the room that their labels need."""
    wide = settings.show_ranges

    def place(margins: Margins) -> Layout:
        return lay_out(
            levels,
            scores,
            shown.edges,
            size=settings.figsize,
            margins=margins,
            spacing=WIDE if wide else Spacing(),
            nodes=shown.nodes,
        )

    draft = place(Margins())
    pitches = _pitch(draft, 0), _pitch(draft, -1)
    styles = fit_labels(labels[0], pitches[0], measure), fit_labels(labels[1], pitches[1], measure)
    reach = [style.overhang - 0.5 * pitch for style, pitch in zip(styles, pitches, strict=True)]
    side = 0.12 + max(0.0, *reach, 0.2 * wide)
    bottom = 0.22 + styles[0].height + (0.24 if shown.note else 0.0)
    top = 0.24 + styles[1].height + (0.32 if settings.title else 0.0)
    return place(Margins(side, side, bottom, top)), styles


def _pitch(layout: Layout, level: int) -> float:
    xs = sorted(x for x, _ in layout.nodes[level].values())
    return min((b - a for a, b in pairwise(xs)), default=layout.width - 0.3)


@dataclass(frozen=True)
class _Caption:
    """A function's name in a box, and the height it takes from the curve."""

    text: SceneText
    height: float


def _captions(places: Layout, found: Mapping[Edge, Curve], measure: Measure) -> dict[Edge, _Caption]:
    """Function names in the boxes of formula edges that have room."""
    captions = {}
    for edge, frame in places.boxes.items():
        name = found[edge].function
        if name is None:
            continue
        text = function_as_math(name)
        width, height = measure(text)
        size = min(8.5, 17 * frame.size, 0.9 * frame.size / max(width, 1e-9))
        if size >= 4.5:
            line = SceneText(
                text, frame.x, frame.y + 0.44 * frame.size, size, "function", va="top", edge=edge
            )
            captions[edge] = _Caption(line, size * height + 0.06 * frame.size)
    return captions


def _edge(
    edge: Edge,
    frame: Frame,
    places: Layout,
    curve: Curve,
    score: float,
    beta: float,
    caption: _Caption | None,
) -> SceneEdge:
    room = 0.0 if caption is None else caption.height
    line = _scaled(frame, curve, curve.x, curve.y, room)
    dots = _scaled(frame, curve, curve.points[:, 0], curve.points[:, 1], room)
    return SceneEdge(
        edge=edge,
        kind=curve.kind,
        function=curve.function,
        score=score,
        opacity=max(FAINTEST, min(1.0, math.tanh(beta * score))),
        frame=frame,
        wire=places.wires[edge],
        curve=tuple((x, None if math.isnan(y) else y) for x, y in line.tolist()),
        samples=tuple((x, y) for x, y in dots.tolist() if not math.isnan(x + y)),
        x_range=(float(curve.x[0]), float(curve.x[-1])),
        y_range=curve.y_range,
    )


def _scaled(frame: Frame, curve: Curve, x: np.ndarray, y: np.ndarray, room: float) -> np.ndarray:
    """Points (n, 2) of a box that the curve fills but for `room` at the top; NaN outside of it."""
    (left, right), (low, high) = (curve.x[0], curve.x[-1]), curve.y_range
    inset = _INSET * frame.size
    side = frame.size - 2 * inset
    across = (x - left) / max(right - left, 1e-300)
    up = (y - low) / (high - low)
    up = np.where(np.abs(up - 0.5) <= 0.5 + 1e-9, up, np.nan)
    corner = frame.x - 0.5 * frame.size + inset, frame.y - 0.5 * frame.size + inset
    return np.stack([corner[0] + across * side, corner[1] + up * (side - room)], 1)


def _ranges(edge: SceneEdge) -> list[SceneText]:
    """Range of the input below the box and of the output at its left."""
    frame, (left, right), (low, high) = edge.frame, edge.x_range, edge.y_range
    half, size, gap = 0.5 * frame.size, min(6.0, 10 * frame.size), 0.03 * frame.size
    below, beside = frame.y - half - gap, frame.x - half - gap
    return [
        SceneText(short(left), frame.x - half, below, size, "range", va="top", ha="left", edge=edge.edge),
        SceneText(short(right), frame.x + half, below, size, "range", va="top", ha="right", edge=edge.edge),
        SceneText(short(low), beside, frame.y - half, size, "range", va="bottom", ha="right", edge=edge.edge),
        SceneText(short(high), beside, frame.y + half, size, "range", va="top", ha="right", edge=edge.edge),
    ]


def _names(places: Layout, level: int, names: Sequence[str], style: LabelStyle) -> list[SceneText]:
    """Labels of the inputs (level 0) below their nodes, or of the outputs (level -1) above."""
    role, shift, va = ("input", -0.1, "top") if level == 0 else ("output", 0.13, "bottom")
    return [
        SceneText(text, x, y + shift, style.size, role, va=va, upright=style.upright)
        for (x, y), text in zip(places.nodes[level].values(), names, strict=True)
    ]


def _lines(places: Layout, title: str | None, note: str, measure: Measure) -> list[SceneText]:
    middle, lines = 0.5 * places.width, []
    if title:
        text = as_math(title, measure)
        lines.append(SceneText(text, middle, places.height - 0.12, _TITLE, "title", va="top"))
    if note:
        lines.append(SceneText(note, middle, 0.08, _NOTE, "note", va="bottom"))
    return lines


def short(value: float) -> str:
    """Two digits or three, and no more characters than needed.

    Example:
        >>> short(1234.5), short(0.12345)
        ('1234', '0.12')
    """
    text = f"{value:.0f}" if 99.5 <= abs(value) < 10000 else f"{value:.2g}"
    text = text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return text.replace("-", "\N{MINUS SIGN}")
