"""Where everything in the picture of a network goes: numbers only, in inches.

Inputs are at the bottom, outputs on top. Between two levels of nodes runs one row of boxes, one for each
edge, in the order of the inputs; a wire leads from the node below to its box, and on to the sub-node above.
Where a level has product nodes, its sub-nodes have a row of their own below the nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..network import Edge
from .spacing import space_out

Point = tuple[float, float]
Segment = tuple[Point, Point]

WIDTH_LARGEST = 15.0
WIDTH_SMALLEST = 2.2
GROUP_GAP = 0.45  # more of it between the boxes of two inputs
NODE_PITCH = 0.2  # least room a node asks for
LIFT = 0.34  # from a product's sub-nodes to the product


@dataclass(frozen=True)
class NodeLevel:
    """One level of nodes: how many sums, and the number of factors of each product.

    Example:
        >>> NodeLevel(1, (2, 3)).members
        ((0,), (1, 2), (3, 4, 5))
    """

    sums: int
    arities: tuple[int, ...] = ()

    @property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Sub-nodes of each node, sums first."""
        starts = np.cumsum((self.sums, *self.arities))
        products = (tuple(range(first, first + n)) for first, n in zip(starts, self.arities, strict=False))
        return (*((node,) for node in range(self.sums)), *(tuple(map(int, product)) for product in products))


@dataclass(frozen=True)
class Margins:
    """Room about the drawing for labels and a title, in inches."""

    left: float = 0.15
    right: float = 0.15
    bottom: float = 0.4
    top: float = 0.4


@dataclass(frozen=True)
class Spacing:
    """Largest side of a box, in inches, and the gap between neighbouring boxes, in boxes."""

    box: float = 0.55
    gap: float = 0.22


@dataclass(frozen=True)
class Frame:
    """A square for one curve: its centre and the length of its side."""

    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Symbol:
    """A mark at a node: `kind` is "dot", "sum" or "product"."""

    kind: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Layout:
    """The whole picture in inches, the origin at the bottom left.

    Attributes:
        width: Width of the figure.
        height: Height of the figure.
        nodes: For each level, inputs first, the place of each node shown, by its index.
        subnodes: For each layer, the place of each sub-node shown, by its index.
        boxes: The box of each edge shown.
        wires: The two pieces of each edge's wire, below and above its box.
        links: Lines from sub-nodes to their nodes, where a level has products.
        symbols: Dots, sum signs and product signs.
    """

    width: float
    height: float
    nodes: tuple[dict[int, Point], ...]
    subnodes: tuple[dict[int, Point], ...]
    boxes: dict[Edge, Frame]
    wires: dict[Edge, tuple[Segment, Segment]]
    links: tuple[Segment, ...]
    symbols: tuple[Symbol, ...]


def lay_out(
    levels: Sequence[NodeLevel],
    edges: Iterable[Edge],
    shown: Iterable[Edge] | None = None,
    *,
    size: tuple[float, float] | None = None,
    margins: Margins | None = None,
    spacing: Spacing | None = None,
    nodes: Sequence[Sequence[int]] | None = None,
) -> Layout:
    """Place nodes, boxes, wires and symbols.

    Args:
        levels: Levels from the inputs to the outputs.
        edges: Live edges (layer, in, sub-node); they decide where a sum sign stands.
        shown: Edges that get a box and a wire; all live edges if None.
        size: Width and height in inches; chosen from the widest row if None.
        margins: Room about the drawing.
        spacing: Size of boxes and gaps.
        nodes: Indices of the nodes shown, level by level; all if None.

    Returns:
        The places of everything.

    Example:
        >>> places = lay_out([NodeLevel(2), NodeLevel(1)], [(0, 0, 0), (0, 1, 0)])
        >>> len(places.boxes), [symbol.kind for symbol in places.symbols]
        (2, ['dot', 'dot', 'sum'])
    """
    live = sorted(set(edges))
    drawn = live if shown is None else sorted(set(shown))
    margins, spacing = margins or Margins(), spacing or Spacing()
    kept = [range(len(level.members)) for level in levels] if nodes is None else nodes
    rows = [[edge for edge in drawn if edge[0] == layer] for layer in range(len(levels) - 1)]
    width = size[0] if size else natural_width(levels, rows, kept, spacing) + margins.left + margins.right
    ends = (margins.left, max(width - margins.right, margins.left + 0.05))
    columns = [_columns(level, keep, ends) for level, keep in zip(levels, kept, strict=True)]
    sizes = [_box_size(row, ends[1] - ends[0], spacing) for row in rows]
    at = _heights(levels, sizes, ends[1] - ends[0], margins, size[1] if size else None)
    places = [{i: (x, y) for i, x in xs.items()} for (xs, _, _), y in zip(columns, at.nodes, strict=True)]
    joints = [{j: (x, y) for j, x in xs.items()} for (_, xs, _), y in zip(columns, at.subnodes, strict=True)]
    boxes: dict[Edge, Frame] = {}
    wires: dict[Edge, tuple[Segment, Segment]] = {}
    links: list[Segment] = []
    symbols = [Symbol("dot", *place, min(0.032, 0.2 * columns[0][2])) for place in places[0].values()]
    for layer, row in enumerate(rows):
        below, above, level = places[layer], joints[layer + 1], levels[layer + 1]
        boxes |= _place_row(row, below, above, Frame(0.0, at.boxes[layer], at.sizes[layer]), ends, spacing)
        wires |= {edge: _wire(edge, boxes[edge], below, above) for edge in row}
        fed = Counter(j for l, _, j in live if l == layer)
        symbols += _symbols(level, places[layer + 1], above, fed, columns[layer + 1][2])
        if level.arities:
            links += [(above[j], place) for n, place in places[layer + 1].items() for j in level.members[n]]
    return Layout(
        width=width,
        height=size[1] if size else at.height,
        nodes=tuple(places),
        subnodes=tuple(joints[1:]),
        boxes=boxes,
        wires=wires,
        links=tuple(links),
        symbols=tuple(symbols),
    )


def natural_width(
    levels: Sequence[NodeLevel],
    rows: Sequence[Sequence[Edge]],
    kept: Sequence[Sequence[int]],
    spacing: Spacing,
) -> float:
    """Width in inches at which the widest row is at ease: it grows with the row, and boxes shrink.

    Example:
        >>> rows = [[(0, i, 0) for i in range(n)] for n in (4, 40)]
        >>> few, many = (natural_width([NodeLevel(1), NodeLevel(1)], [row], [[0], [0]], Spacing()) for row in rows)
        >>> few < many < 10 * few
        True
    """
    boxes = [_units(row, spacing) * spacing.box * min(1.0, (8 / max(len(row), 1)) ** 0.6) for row in rows]
    slots = [sum(len(level.members[i]) for i in keep) for level, keep in zip(levels, kept, strict=True)]
    return float(np.clip(max(*boxes, *(NODE_PITCH * n for n in slots)), WIDTH_SMALLEST, WIDTH_LARGEST))


def _gaps(row: Sequence[Edge], spacing: Spacing) -> np.ndarray:
    """Distance between the centres of neighbouring boxes, in boxes; wider where the input changes."""
    sources = np.array([edge[1] for edge in row])
    changes = sources[1:] != sources[:-1]
    # One box to each input needs no grouping.
    more = GROUP_GAP * (1 - (changes.sum() + 1) / len(row)) if len(row) else 0.0
    return 1 + spacing.gap + more * changes


def _units(row: Sequence[Edge], spacing: Spacing) -> float:
    """Length of a row, in boxes."""
    return float(_gaps(row, spacing).sum()) + 1.0 if row else 0.0


def _box_size(row: Sequence[Edge], room: float, spacing: Spacing) -> float:
    return min(spacing.box, room / _units(row, spacing)) if row else 0.0


def _columns(
    level: NodeLevel, keep: Sequence[int], ends: Point
) -> tuple[dict[int, float], dict[int, float], float]:
    """x of each node and sub-node shown, and the room one sub-node has; products take a slot a factor."""
    slots = sum(len(level.members[node]) for node in keep)
    pitch = (ends[1] - ends[0]) / max(slots, 1)
    nodes, subnodes, at = {}, {}, ends[0]
    for node in keep:
        members = level.members[node]
        nodes[node] = at + 0.5 * pitch * len(members)
        step = min(0.75 * pitch, 0.7)
        for place, member in enumerate(members):
            subnodes[member] = nodes[node] + (place - 0.5 * (len(members) - 1)) * step
        at += pitch * len(members)
    return nodes, subnodes, pitch


@dataclass(frozen=True)
class _Heights:
    """y of each level's sub-nodes and nodes, y and size of each row's boxes, and the height of it all."""

    height: float
    subnodes: list[float]
    nodes: list[float]
    boxes: list[float]
    sizes: list[float]


def _heights(
    levels: Sequence[NodeLevel], sizes: Sequence[float], room: float, margins: Margins, height: float | None
) -> _Heights:
    # Wires fan out further in a wide picture; longer gaps keep their angles legible.
    below, above = 0.24 + 0.04 * room, 0.30 + 0.055 * room
    gaps = len(sizes) * (below + above) + LIFT * sum(bool(level.arities) for level in levels[1:])
    space = gaps + sum(sizes) if height is None else max(height - margins.bottom - margins.top, 0.1)
    shrink = min(1.0, space / (gaps + sum(sizes)))
    sizes = [shrink * size for size in sizes]
    stretch = (space - sum(sizes)) / gaps
    y, subnodes, nodes, boxes = margins.bottom, [margins.bottom], [margins.bottom], []
    for level, size in zip(levels[1:], sizes, strict=True):
        boxes.append(y + stretch * below + 0.5 * size)
        subnodes.append(y + stretch * (below + above) + size)
        y = subnodes[-1] + (stretch * LIFT if level.arities else 0.0)
        nodes.append(y)
    return _Heights(y + margins.top, subnodes, nodes, boxes, sizes)


def _place_row(
    row: Sequence[Edge],
    below: dict[int, Point],
    above: dict[int, Point],
    like: Frame,
    ends: Point,
    spacing: Spacing,
) -> dict[Edge, Frame]:
    """Boxes of one row, each as near to the middle of its straight wire as its neighbours let it be."""
    if not row:
        return {}
    wanted = [0.5 * (below[i][0] + above[j][0]) for _, i, j in row]
    half = 0.5 * like.size
    centres = space_out(wanted, like.size * _gaps(row, spacing), ends[0] + half, ends[1] - half)
    return {edge: Frame(float(x), like.y, like.size) for edge, x in zip(row, centres, strict=True)}


def _wire(
    edge: Edge, box: Frame, below: dict[int, Point], above: dict[int, Point]
) -> tuple[Segment, Segment]:
    bottom, top = (box.x, box.y - 0.5 * box.size), (box.x, box.y + 0.5 * box.size)
    return (below[edge[1]], bottom), (top, above[edge[2]])


def _symbols(
    level: NodeLevel, nodes: dict[int, Point], subnodes: dict[int, Point], fed: Counter[int], pitch: float
) -> list[Symbol]:
    """A sum sign where several edges meet, a product sign at a product, a dot elsewhere."""
    sign, dot = min(0.085, 0.36 * pitch), min(0.032, 0.2 * pitch)

    def mark(place: Point, kind: str) -> Symbol:
        return Symbol(kind, *place, dot if kind == "dot" else sign)

    marks = [mark(place, "sum" if fed[j] > 1 else "dot") for j, place in subnodes.items()]
    if level.arities:
        marks += [mark(nodes[node], "dot" if node < level.sums else "product") for node in nodes]
    return marks
