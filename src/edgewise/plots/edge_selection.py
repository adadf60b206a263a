"""Which edges and nodes of a wide network are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..network import Edge
from .layout import NodeLevel

ROW_LIMIT = 100
ROW_BEST = 60
NODE_LIMIT = 70


@dataclass(frozen=True)
class EdgeSelection:
    """What is shown of a network.

    Attributes:
        edges: Edges shown, in order.
        nodes: Nodes shown of each level.
        live: Number of edges there are.
        of_nodes: Number of nodes there are in each level.
    """

    edges: list[Edge]
    nodes: list[list[int]]
    live: int
    of_nodes: list[int]

    @property
    def note(self) -> str:
        """What is left out, in words; empty if nothing is.

        Example:
            >>> EdgeSelection([(0, 0, 0)], [[0], [0]], 40, [40, 1]).note
            '1 of 40 edges, 1 of 40 inputs shown'
        """
        parts = []
        if len(self.edges) < self.live:
            parts.append(f"{len(self.edges)} of {self.live} edges")
        inner = list(zip(self.nodes[1:-1], self.of_nodes[1:-1], strict=True))
        counts = [
            (len(self.nodes[0]), self.of_nodes[0], "inputs"),
            (sum(len(shown) for shown, _ in inner), sum(number for _, number in inner), "hidden nodes"),
            (len(self.nodes[-1]), self.of_nodes[-1], "outputs"),
        ]
        parts += [f"{shown} of {number} {what}" for shown, number, what in counts if shown < number]
        return ", ".join(parts) + " shown" if parts else ""


def select_edges(
    levels: Sequence[NodeLevel], scores: Mapping[Edge, float], max_edges: int | None = None
) -> EdgeSelection:
    """Keep the edges of highest score in each layer; of a crowded level, only nodes that have one.

    Args:
        levels: Levels from inputs to outputs.
        scores: Score of each live edge.
        max_edges: Most edges to show in a layer; if None, all of up to 100, otherwise the best 60.

    Returns:
        The edges and nodes to show.

    Example:
        >>> select_edges([NodeLevel(3), NodeLevel(1)], {(0, 0, 0): 0.1, (0, 1, 0): 0.9, (0, 2, 0): 0.5}, max_edges=2).edges
        [(0, 1, 0), (0, 2, 0)]
    """
    edges: list[Edge] = []
    for layer in range(len(levels) - 1):
        row = sorted((edge for edge in scores if edge[0] == layer), key=lambda edge: (-scores[edge], edge))
        automatic = len(row) if len(row) <= ROW_LIMIT else ROW_BEST
        edges += sorted(row[: automatic if max_edges is None else max_edges])
    of_nodes = [len(level.members) for level in levels]
    return EdgeSelection(
        edges, [_nodes(levels, edges, at) for at in range(len(levels))], len(scores), of_nodes
    )


def _nodes(levels: Sequence[NodeLevel], edges: Sequence[Edge], at: int) -> list[int]:
    members = levels[at].members
    if sum(map(len, members)) <= NODE_LIMIT:
        return list(range(len(members)))
    used = {i for layer, i, _ in edges if layer == at}
    entered = {j for layer, _, j in edges if layer == at - 1}
    return [node for node, parts in enumerate(members) if node in used or entered & set(parts)]
