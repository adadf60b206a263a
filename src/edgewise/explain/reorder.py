"""`reorder_nodes`: hidden nodes in an order in which the edges cross as little as possible, for pictures."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..network import Model, Network, inputs_or_default, select_nodes
from .attribution import attribute

Array = npt.NDArray[np.float64]

_LENGTH = 1e-3  # what the length of edges counts beside their crossings
_SWEEPS = 20
_ALL_PAIRS = 40  # of a larger level only neighbours change places
_GAIN = 1e-9


def reorder_nodes(model: Model, x: Any = None) -> Model:
    """Put the hidden nodes of every level in an order in which edges cross little; the function does not change.

    Edges count by their scores, so that strong edges cross last; of orders with the same crossings the one with the
    shortest edges is taken. Inputs and outputs stay where they are, and sums before products. The order is found by
    sweeps from level to level, each node going to the middle of what it is joined to, and then by changing places
    as long as that helps: a good order, not always the best.

    Args:
        model: The network; it stays as it is.
        x: Samples (n, input columns) by which edges are scored; if None, points on the first layer's grid.

    Returns:
        A network with its nodes reordered, edges with them.

    Raises:
        InputError: the samples do not fit the model.

    Example:
        >>> from edgewise.network import build, mask_edges
        >>> model = mask_edges(build([2, 2, 1], seed=0), [(0, 0, 0), (0, 1, 1)])  # two edges that cross
        >>> new = reorder_nodes(model)
        >>> [edge for edge in new.active_edges() if edge[0] == 0]
        [(0, 0, 0), (0, 1, 1)]
    """
    scores = attribute(model, inputs_or_default(x, model, "reorder_nodes")).edges
    weights = [
        _between_nodes(model, level, score.double().cpu().numpy()) for level, score in enumerate(scores)
    ]
    kinds = [_kinds(model, level) for level in range(1, model.depth)]
    order = _best_order(weights, kinds)
    return select_nodes(model, order)


def _between_nodes(model: Network, level: int, scores: Array) -> Array:
    """Scores of a layer's edges by node and node, (in, nodes): those to the factors of a product together."""
    nodes = model.layers[level].nodes
    return np.stack([scores[:, list(nodes.members(node))].sum(1) for node in range(nodes.nodes)], 1)


def _kinds(model: Network, level: int) -> list[range]:
    """Places of the sums of a hidden level, and of its products."""
    nodes = model.layers[level - 1].nodes
    return [range(nodes.sums), range(nodes.sums, nodes.nodes)]


def _best_order(weights: list[Array], kinds: list[list[range]]) -> list[list[int]]:
    """The order of every level, inputs and outputs included."""
    sizes = [len(weights[0]), *(weight.shape[1] for weight in weights)]
    start = [list(range(size)) for size in sizes]
    found = [_exchanged(weights, kinds, order) for order in (start, _swept(weights, kinds, start))]
    return min(found, key=lambda order: _cost(weights, order))


def _swept(weights: list[Array], kinds: list[list[range]], order: list[list[int]]) -> list[list[int]]:
    """Each node at the mean place of what it is joined to below, then above, and so on; the best order on the way."""
    order = [list(level) for level in order]
    best, least = order, _cost(weights, order)
    for sweep in range(_SWEEPS):
        upwards = sweep % 2 == 0
        levels = range(1, len(order) - 1)
        for level in levels if upwards else reversed(levels):
            other = _places(order[level - 1 if upwards else level + 1])
            weight = weights[level - 1].T if upwards else weights[level]
            pull = weight.sum(1)
            middle = np.where(pull > 0, weight @ other / np.where(pull > 0, pull, 1.0), _places(order[level]))
            order[level] = [
                node for kind in kinds[level - 1] for node in sorted(kind, key=middle.__getitem__)
            ]
        cost = _cost(weights, order)
        if cost < least:
            best, least = [list(level) for level in order], cost
    return best


def _exchanged(weights: list[Array], kinds: list[list[range]], order: list[list[int]]) -> list[list[int]]:
    """Two nodes of a kind change places as long as that makes the picture better."""
    order, changed, sweeps = [list(level) for level in order], True, 0
    while changed and sweeps < _SWEEPS:
        changed, sweeps = False, sweeps + 1
        for level, kind in [(level, kind) for level, all_of in enumerate(kinds, 1) for kind in all_of]:
            pairs = combinations(kind, 2) if len(kind) <= _ALL_PAIRS else pairwise(kind)
            near = slice(level - 1, level + 1)
            best = _cost(weights[near], order[level - 1 : level + 2])
            for first, second in pairs:
                mine = order[level]
                mine[first], mine[second] = mine[second], mine[first]
                cost = _cost(weights[near], order[level - 1 : level + 2])
                if cost < best * (1 - _GAIN):
                    best, changed = cost, True
                else:
                    mine[first], mine[second] = mine[second], mine[first]
    return order


def _places(order: list[int]) -> Array:
    """Where each node stands, between 0 and 1."""
    places = np.empty(len(order))
    places[order] = (np.arange(len(order)) + 0.5) / len(order)
    return places


def _cost(weights: list[Array], order: list[list[int]]) -> float:
    """Crossings, weighted by both edges, and a little for the length of edges."""
    total = 0.0
    for weight, below, above in zip(weights, order, order[1:], strict=False):
        placed = weight[np.ix_(below, above)]
        after = placed[::-1].cumsum(0)[::-1] - placed  # of nodes below that stand to the right
        crossing = (after.cumsum(1) - after) * placed
        length = np.abs(_places(below)[below][:, None] - _places(above)[above]) * placed
        total += float(crossing.sum()) + _LENGTH * float(placed.sum()) * float(length.sum())
    return total
