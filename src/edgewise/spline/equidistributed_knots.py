"""Knots that equidistribute the error of a spline: narrow cells where its next derivative is large."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InputError
from .evaluate import spline_edges
from .knots import inner_knots, pad_knots, subdivided_knots

_ROUNDING = 1e-8


@torch.no_grad()
def equidistributed_knots(
    coef: Tensor, knots: Tensor, degree: int, grid: int, *, even: float = 0.25, weight: Tensor | None = None
) -> Tensor:
    """Place `grid` cells so that each makes about the same error.

    The error of a cell of width h goes as h^(k+1) times the derivative of order k + 1, which the jumps of the
    k-th from cell to cell tell. All edges of an input share its knots: their estimates are added as squares.

    Args:
        coef: Coefficients, shape (in, size, out).
        knots: Padded knots, shape (in, size + degree + 1).
        degree: Spline degree k.
        grid: Number of cells, 1 or more.
        even: Share of equal steps that is mixed in, above 0 to 1: what a coarse spline says of itself is a guess.
        weight: How much each edge counts, shape (in, out); all alike if None.

    Returns:
        Padded knots, shape (in, grid + 1 + 2 * degree); the ends stay.

    Raises:
        InputError: `even` is not above 0 and at most 1.

    Example:
        >>> knots = torch.arange(-1.0, 6.0)[None]
        >>> kink = torch.tensor([0.0, 0.0, 0.0, 1.0, 2.0])[None, :, None]
        >>> equidistributed_knots(kink, knots, 1, 4)[0, 1:-1].tolist() != [0.0, 1.0, 2.0, 3.0, 4.0]
        True

    Source: de Boor 1978, A Practical Guide to Splines, chapter XII (the optimal distribution of knots).
    """
    if not 0 < even <= 1:
        raise InputError(
            f"equidistributed_knots: even must be above 0 and at most 1; got {even!r}. 0.25 is the default."
        )
    inner = inner_knots(knots, degree).double()
    cells = inner.shape[1] - 1
    if cells < 2:
        return subdivided_knots(knots, degree, grid)
    density = _density(coef.double(), knots.double(), degree, weight)
    widths = inner.diff(dim=1)
    mean = (density * widths).sum(1, keepdim=True) / widths.sum(1, keepdim=True)
    density = density + even / (1 - even + 1e-9) * mean + torch.finfo(torch.float64).tiny
    reached = torch.cat([inner.new_zeros(len(inner), 1), (density * widths).cumsum(1)], 1)
    wanted = torch.arange(1, grid, dtype=torch.float64, device=inner.device) / grid * reached[:, -1:]
    cell = torch.searchsorted(reached, wanted.contiguous(), right=True).clamp(1, cells) - 1
    within = (wanted - reached.gather(1, cell)) / density.gather(1, cell)
    placed = inner.gather(1, cell) + within
    return pad_knots(torch.cat([inner[:, :1], placed, inner[:, -1:]], 1), degree).to(knots)


def _density(coef: Tensor, knots: Tensor, degree: int, weight: Tensor | None) -> Tensor:
    """How many knots each cell asks for to a unit of length, up to a factor, shape (in, cells)."""
    inner = inner_knots(knots, degree)
    middles = (inner[:, 1:] + inner[:, :-1]) / 2
    top = spline_edges(middles.T, knots, coef, degree, order=degree).transpose(0, 1)  # (in, cells, out)
    heights = coef if weight is None else coef * weight.double()[:, None]
    bends = top.diff(dim=1) / middles.diff(dim=1)[..., None]
    if weight is not None:
        bends = bends * weight.double()[:, None]
    # Jumps as small as rounding makes them say nothing, and must not be told apart.
    step = (inner[:, -1:] - inner[:, :1]) / middles.shape[1]
    noise = _ROUNDING * heights.abs().amax((1, 2))[:, None] / step ** (degree + 1)
    size = torch.hypot(bends.square().sum(2).sqrt(), noise)
    # A cell lies between two jumps; at the ends there is one.
    sides = torch.cat([size[:, :1], size, size[:, -1:]], 1)
    return torch.maximum(sides[:, 1:], sides[:, :-1]) ** (1 / (degree + 1.5))
