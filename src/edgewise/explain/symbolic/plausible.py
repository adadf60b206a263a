"""Whether a function can stand for an edge's curve between the samples too, not only on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ...network import Edge, Network
from .edge_search.candidate import Candidate

_POINTS = 300
_SMALLEST_SWING = 0.005  # of a curve's range: smaller turns do not count
_NEAR = 0.05  # share of the range within which a kink or a pole is at the edge of the data
_KINKS = frozenset({"abs", "sgn", "cbrt"})


@dataclass(frozen=True)
class Curve:
    """An edge's curve on even points between its smallest and its largest input.

    Attributes:
        h: Inputs (n,).
        values: What the edge gives there (n,).
        levels: How many different inputs the samples have.
        swing: Rises and falls up to this size are noise.
    """

    h: Tensor
    values: Tensor
    levels: int
    swing: float


def curves_between(
    model: Network, edges: list[Edge], inputs: Tensor, outputs: Tensor, shares: list[float]
) -> list[Curve]:
    """The curves of edges between the samples.

    Args:
        model: A float64 network.
        edges: Addresses.
        inputs: Inputs of the edges on the samples (n, edges).
        outputs: Outputs of the edges on the samples (n, edges).
        shares: Of each edge's variance that is noise.
    """
    low, high = inputs.amin(0), inputs.amax(0)
    steps = torch.linspace(0, 1, _POINTS, dtype=torch.float64)
    points = low + (high - low) * steps[:, None]
    found = []
    with torch.no_grad():
        for place, (l, i, j) in enumerate(edges):
            values = model.layers[l].basis.select([i], [j])(points[:, place : place + 1])[:, 0]
            noise = math.sqrt(min(shares[place], 1.0)) * float(outputs[:, place].std(correction=0))
            swing = max(2 * noise, _SMALLEST_SWING * float(values.amax() - values.amin()))
            found.append(Curve(points[:, place], values, len(inputs[:, place].unique()), swing))
    return found


def plausible(candidate: Candidate, curve: Curve) -> bool:
    """Whether a function is finite between the samples, turns no more than the curve, and needs no kink at an end.

    Args:
        candidate: The function and its constants.
        curve: Of the edge.
    """
    a, b, c, d = candidate.affine
    values = c * candidate.function.fn(a * curve.h + b) + d
    if not bool(values.isfinite().all()) or _kinked_at_an_end(candidate, curve):
        return False
    allowed = min(turns(curve.values, curve.swing), max(0, (curve.levels - 1) // 2))
    return turns(values, 2 * curve.swing) <= allowed


def turns(values: Tensor, swing: float) -> int:
    """How often values rise after they fell, or fall after they rose, by more than `swing`.

    Example:
        >>> turns(torch.tensor([0.0, 1.0, 0.9, 2.0, 0.0]), 0.5)
        1
    """
    slopes = values.diff()
    ends = (slopes[1:] * slopes[:-1] < 0).nonzero()[:, 0] + 1
    path = [float(values[0]), *values[ends].tolist(), float(values[-1])]
    count, direction, low, high = 0, 0, path[0], path[0]
    for value in path[1:]:
        low, high = min(low, value), max(high, value)
        if direction >= 0 and high - value > swing:
            count, direction, low = count + direction, -1, value
        elif direction <= 0 and value - low > swing:
            count, direction, high = count - direction, 1, value
    return count


def _kinked_at_an_end(candidate: Candidate, curve: Curve) -> bool:
    """Whether a kink or a jump lies so near to an end of the data that next to nothing tells of it."""
    a, b = candidate.affine[:2]
    if candidate.function.name not in _KINKS or a == 0:
        return False
    low, high = float(curve.h[0]), float(curve.h[-1])
    margin = _NEAR * (high - low)
    at = -b / a
    return low - margin < at < low + margin or high - margin < at < high + margin
