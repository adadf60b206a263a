"""Samples of many edges as weights on a few points: what curves are compared with in the coarse search."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_EVEN = 161
_NEAREST, _PER_DECADE = 1e-6, 4


@dataclass(frozen=True)
class Bins:
    """Samples shared between the two nearest of M points.

    Attributes:
        points: The points (M,), ascending from -1 to 1.
        weight: Share of the samples at each point (E, M), with sum 1 per row.
        total: Weight times mean output (E, M).
    """

    points: Tensor
    weight: Tensor
    total: Tensor

    def narrowed(self) -> Bins:
        """Weights in float32; the points stay exact."""
        return Bins(self.points, self.weight.float(), self.total.float())


def bin_samples(u: Tensor, v: Tensor, points: Tensor) -> Bins:
    """Share each sample between the two nearest points.

    Args:
        u: Sorted inputs (E, B) in [-1, 1].
        v: Outputs (E, B).
        points: Ascending points (M,) from -1 to 1.
    """
    right = torch.searchsorted(points, u, right=True).clamp_(1, len(points) - 1)
    left = right - 1
    share = (u - points[left]) / (points[right] - points[left])
    weight = u.new_zeros(u.shape[0], len(points))
    total = torch.zeros_like(weight)
    for index, part in ((left, 1 - share), (right, share)):
        weight.scatter_add_(1, index, part)
        total.scatter_add_(1, index, part * v)
    return Bins(points, weight / u.shape[1], total / u.shape[1])


def uneven_points() -> Tensor:
    """Even points on [-1, 1], and ever closer ones next to its ends, where a pole may be near."""
    decades = -torch.tensor(_NEAREST * _EVEN / 2).log10()
    steps = torch.arange(int(decades * _PER_DECADE) + 1, dtype=torch.float64)
    near = _NEAREST * 10 ** (steps / _PER_DECADE)
    even = torch.linspace(-1, 1, _EVEN, dtype=torch.float64)
    return torch.cat([even, near - 1, 1 - near]).sort().values
