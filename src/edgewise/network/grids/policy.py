"""When the grid of a layer is moved, and where its knots are placed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ...layers import KANLayer
from ...spline import adaptive_knots, domain, inner_knots, pad_knots, uniform_knots

ALWAYS = math.inf
"""A `coverage` that no inputs reach, so that the grid is moved in any case."""

_LEAST_SIZE = 1e-6


@dataclass(frozen=True)
class GridPolicy:
    """When a grid is stale, and how knots are spread over the range of its inputs.

    Args:
        spread: "quantiles": quantiles of the inputs, mixed with equal steps by the layer's `grid_eps`; "uniform":
            equal steps over the range of the inputs and its margin; "stretched": equal steps over the range, the
            first and the last cell reaching through the margin, so that no knot lies where inputs leave their
            range a little.
        margin: Share of the inputs' range that is added on either side.
        usable_margin: Share of the margin of a "stretched" grid that inputs may use before it is stale.
        coverage: A grid is stale where its inputs span less than this share of it (a "stretched" one: of what
            lies between its margins); `ALWAYS` moves it in any case.
        max_outside: A grid is stale where more than this share of the samples lies outside it.
        min_span: Inputs that span no more than this share of their size are constant: their grid stays.
        whole_layer: Whether one stale grid moves those of all inputs of the layer.

    Example:
        >>> layer, policy = KANLayer(2, 1), GridPolicy("uniform", coverage=0.5)
        >>> policy.is_stale(layer, torch.tensor([[-1.0, -0.1], [1.0, 0.1]]))
        tensor([False,  True])
    """

    spread: Literal["quantiles", "uniform", "stretched"]
    margin: float = 0.0
    usable_margin: float = 1.0
    coverage: float = 0.0
    max_outside: float = 0.0
    min_span: float = 0.0
    whole_layer: bool = False

    def is_stale(self, layer: KANLayer, x: Tensor) -> Tensor:
        """Whether too many values of an input lie outside its grid, or all in a small part of it, shape (in,)."""
        low, high = x.amin(0), x.amax(0)
        if self.coverage == ALWAYS:
            return torch.ones_like(low, dtype=torch.bool)
        begin, end, margin = self.extent(layer)
        if self.max_outside:
            outside = layer.out_of_range(x) > self.max_outside
        else:
            usable = self.usable_margin * margin
            outside = (low < begin - usable) | (high > end + usable)
        span = high - low
        return outside | ((span < self.coverage * (end - begin)) & (span > 0))

    def is_constant(self, x: Tensor) -> Tensor:
        """Whether an input has too little spread to divide its range, shape (in,)."""
        low, high = x.amin(0), x.amax(0)
        return (high - low) <= self.min_span * torch.maximum(low.abs(), high.abs()).clamp_min(_LEAST_SIZE)

    def extent(self, layer: KANLayer) -> tuple[Tensor, Tensor, Tensor]:
        """Where each grid begins and ends without its margin, and the margin: three of shape (in,)."""
        if self.spread != "stretched":
            low, high = domain(layer.knots, layer.k)
            return low, high, torch.zeros_like(low)
        inner = inner_knots(layer.knots, layer.k)
        low, high = inner[:, 0], inner[:, -1]
        if layer.grid < 3:
            return low, high, torch.zeros_like(low)
        cell = inner[:, 2] - inner[:, 1]
        begin, end = inner[:, 1] - cell, inner[:, -2] + cell
        return begin, end, torch.minimum(begin - low, high - end).clamp_min(0.0)

    def knots(self, layer: KANLayer, x: Tensor, grid: int, rows: Tensor) -> Tensor:
        """Padded knots by the inputs that `rows` names, shape (rows, grid + 2 k + 1)."""
        x, previous = x[:, rows], layer.knots[rows]
        if self.spread == "quantiles":
            return adaptive_knots(x, grid, layer.k, grid_eps=layer.grid_eps, previous=previous)
        low, high = x.amin(0), x.amax(0)
        if self.spread == "uniform":
            margin = self.margin * (high - low)
            return uniform_knots(low - margin, high + margin, grid, layer.k).to(previous)
        margin = self.margin * (high - low).clamp_min(_LEAST_SIZE)
        return stretched_knots(low, high, low - margin, high + margin, grid, layer.k)


def stretched_knots(low: Tensor, high: Tensor, first: Tensor, last: Tensor, grid: int, k: int) -> Tensor:
    """Padded knots at equal steps from `low` to `high`, but the first moved to `first`, the last to `last`.

    Example:
        >>> ends = torch.tensor([0.0]), torch.tensor([3.0]), torch.tensor([-1.0]), torch.tensor([4.0])
        >>> [round(knot) for knot in stretched_knots(*ends, grid=3, k=0)[0].tolist()]
        [-1, 1, 2, 4]
    """
    share = torch.linspace(0, 1, grid + 1, dtype=low.dtype, device=low.device)
    inner = torch.lerp(low[:, None], high[:, None], share)
    inner[:, 0], inner[:, -1] = first, last
    return pad_knots(inner, k)
