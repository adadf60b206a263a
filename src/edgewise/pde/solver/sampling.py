"""Where an equation is asked for: points that follow the knots, and points drawn by the residual.

Source: Wu et al. 2023, "A comprehensive study of non-adaptive and residual-based adaptive sampling for
physics-informed neural networks" (RAD); Anagnostopoulos et al. 2024, "Residual-based attention" (RBA).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...layers import KANLayer
from ..domain import Box


def follow_knots(domain: Box, spline: KANLayer, count: int, seed: int = 0) -> Tensor:
    """Points of which half are spread evenly over the box, half evenly over the cells of the first grid.

    Args:
        domain: The box.
        spline: First layer of a network whose inputs are scaled to [-1, 1].
        count: Number of points.
        seed: Of the sequence.

    Returns:
        Shape (count, coordinates).

    Example:
        >>> follow_knots(Box(x=(0, 1)), KANLayer(1, 1), 8).shape
        torch.Size([8, 1])
    """
    points = domain.sample(count, seed)
    middle, half = (domain.high + domain.low) / 2, (domain.high - domain.low) / 2
    unit = (points[: count // 2] - domain.low) / (2 * half)
    for column in range(unit.shape[1]):
        knots = spline.knots[column, spline.k : spline.size + 1].to(torch.float64)
        place = unit[:, column] * spline.grid
        cell = place.long().clamp(0, spline.grid - 1)
        inside = torch.lerp(knots[cell], knots[cell + 1], place - cell)
        points[: count // 2, column] = middle[column] + half[column] * inside.clamp(-1, 1)
    return points


def draw_by_residual(pool: Tensor, residual: Tensor, count: int, seed: int = 0, floor: float = 1.0) -> Tensor:
    """Draw points with a probability proportional to |residual| / mean + floor, none of them twice.

    Args:
        pool: Shape (pool, coordinates).
        residual: At the pool, shape (pool,) or (equations, pool).
        count: How many to draw.
        seed: Of the draw.
        floor: 0 looks at the residual only.

    Returns:
        Shape (count, coordinates).

    Example:
        >>> draw_by_residual(torch.arange(3.0)[:, None], torch.tensor([0.0, 0.0, 1.0]), 1, floor=0.0)
        tensor([[2.]])
    """
    size = residual.abs() if residual.ndim == 1 else residual.abs().amax(0)
    chance = size / size.mean().clamp_min(torch.finfo(size.dtype).tiny) + floor
    generator = torch.Generator().manual_seed(seed)
    return pool[torch.multinomial(chance, count, replacement=False, generator=generator)]


def attend(importance: Tensor, residual: Tensor, *, keep: float = 0.9, rate: float = 0.1) -> Tensor:
    """Weights of points after one more look at their residuals: RBA, brought to mean square 1.

    Args:
        importance: So far, shape (points,).
        residual: Shape (points,) or (equations, points).
        keep: Share of the old weights that stays.
        rate: Share of |residual| / max that is added.

    Example:
        >>> attend(torch.ones(2), torch.tensor([0.0, 1.0]))
        tensor([0.9461, 1.0512])
    """
    size = residual.abs() if residual.ndim == 1 else residual.abs().amax(0)
    fresh = keep * importance + rate * size / size.max().clamp_min(torch.finfo(size.dtype).tiny)
    return fresh / fresh.square().mean().sqrt()
