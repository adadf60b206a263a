"""Kolmogorov-Arnold networks as a source of laws: small ones of several shapes, with sum and product nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .._tensors import even_places
from ..errors import EdgewiseError
from .edge_beam import read_off
from .network_shapes import Shape, ShapedNetwork, shaped_network
from .problem import Problem
from .proposal import Proposal

_ROWS = 600
_MISSED = 0.05  # share of the targets' deviation that a network of the right shape leaves, without noise
_IN_NOISE = 1.3
_BETTER = 0.7  # of what a smaller network misses
_MORE = 3.0
_LAST, _LEAST = 2, 0.7

SHAPES = (
    Shape(()),
    Shape((1,)),
    Shape((1,), products=True),
    Shape(((0, 1),)),
    Shape((2,)),
    Shape((2,), (0, 1)),
    Shape(((1, 1),)),
    Shape((2,), products=True),
)
"""From few edges to many."""


def by_networks(problem: Problem, seed: int, left: Callable[[], bool]) -> Iterator[Proposal]:
    """Formulas read off networks of several shapes, the smallest first.

    A network is read if it leaves little, and clearly less than those before it; if none does, those that leave least are.

    Args:
        problem: Samples.
        seed: Of start values.
        left: Whether there is time.
    """
    rows = problem.rows(even_places(len(problem.y), _ROWS).numpy())
    limit = max(_MISSED, _IN_NOISE * problem.noise)
    best, others = None, list[ShapedNetwork]()
    for shape in SHAPES:
        if not left():
            return
        try:
            network = shaped_network(rows, shape, seed)
        except EdgewiseError:
            continue
        if network is None or not _is_better(network, best):
            continue
        best = network
        if network.missed < limit:
            yield from _read(network, rows, left)
        elif network.missed < _LEAST:
            others.append(network)
    if best is not None and best.missed >= limit:
        for network in others[: -_LAST - 1 : -1]:
            yield from _read(network, rows, left)


def _is_better(network: ShapedNetwork, best: ShapedNetwork | None) -> bool:
    """Whether it leaves clearly less than the best one before, or not much more with fewer edges."""
    if best is None:
        return True
    fewer = network.edges < best.edges
    return network.missed < (_MORE if fewer else _BETTER) * best.missed


def _read(network: ShapedNetwork, rows: Problem, left: Callable[[], bool]) -> Iterator[Proposal]:
    return read_off(network.model, network.x, network.columns, rows.some, left, network.missed)
