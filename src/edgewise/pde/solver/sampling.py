"""Collocation points: sampled by the knots, or by the residual; and their weights.

Source: Wu et al. 2023, "A comprehensive study of non-adaptive and residual-based adaptive sampling for
physics-informed neural networks" (RAD); Anagnostopoulos et al. 2024, "Residual-based attention" (RBA).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from ...layers import KANLayer
from ...network import Network
from ..domain import Box
from ..equation import Equation
from ..residual.blocks import ResidualBlock
from ..residual.system import LeastSquaresSystem
from ..units import Units, coefficient_units, problem_units
from .method import Method
from .posing import pose

_POOL = 8
_POOL_SEED = 1000


class Draw(NamedTuple):
    """Which points are drawn.

    Args:
        seed: Added to that of the solver; 0 for its own points.
        further: Points of the equation beside those that are drawn, shape (points, coordinates).
        on_faces: How many times as many points there are on faces as the method says.
    """

    seed: int = 0
    further: Tensor | None = None
    on_faces: int = 1


OWN = Draw()


def collocate(
    equation: Equation,
    network: Network,
    coefficients: Mapping[str, float],
    method: Method,
    number: int,
    seed: int,
    units: Units | None = None,
    draw: Draw = OWN,
) -> LeastSquaresSystem:
    """Pose an equation and its conditions on points of their own.

    Args:
        equation: What is to vanish.
        network: The unknowns.
        coefficients: The unknown coefficients with their values now.
        method: How many points there are, and where.
        number: How many grids were solved on before.
        seed: Of the points.
        units: Of the problem; found if None.
        draw: Whether the points are others than the solver's own, and what is added to them.

    Example:
        >>> from edgewise.network import build
        >>> from edgewise.pde.problems import poisson
        >>> network = build([2, 1], dtype=torch.float64)
        >>> system = collocate(poisson(soft=True), network, {}, Method(), number=0, seed=0)
        >>> len(system.blocks)
        2
    """
    units = units or problem_units(equation)
    domain, spline = equation.domain, network.layers[0].basis
    parameters = sum(p.numel() for p in network.parameters() if p.requires_grad)
    count = max(64, int(method.points * parameters / max(1, len(equation.unknowns))))
    seed += draw.seed
    points = sample_by_knots(domain, spline, count, seed + number)
    if method.rad_fraction and number:
        pool = sample_by_knots(domain, spline, _POOL * count, seed + _POOL_SEED + number)
        values = {name: torch.tensor(value, dtype=torch.float64) for name, value in coefficients.items()}
        residual = ResidualBlock(equation, equation.residual, pool[None]).residuals(network, values)
        chosen = int(method.rad_fraction * count)
        drawn = sample_by_residual(pool, residual, chosen, seed + number)
        points = torch.cat([points[: count - chosen], drawn])
    if draw.further is not None:
        points = torch.cat([points, draw.further])
    # On faces of two coordinates points do not depend on a seed: another number of them gives others.
    on_faces = draw.on_faces * (method.boundary_points or 8 * max(spline.grid, 4)) + (draw.seed != 0)
    blocks = pose(equation, points, on_faces, method, units, coefficients, seed + number)
    return LeastSquaresSystem(network, coefficients, blocks, coefficient_units(equation, units))


def sample_by_knots(domain: Box, spline: KANLayer, count: int, seed: int = 0) -> Tensor:
    """Points of which half are spread evenly over the box, half evenly over the cells of the first grid.

    Args:
        domain: The box.
        spline: First layer of a network whose inputs are scaled to [-1, 1].
        count: Number of points.
        seed: Of the sequence.

    Returns:
        Shape (count, coordinates).

    Example:
        >>> sample_by_knots(Box(x=(0, 1)), KANLayer(1, 1), 8).shape
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


def sample_by_residual(
    pool: Tensor, residual: Tensor, count: int, seed: int = 0, floor: float = 1.0
) -> Tensor:
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
        >>> sample_by_residual(torch.arange(3.0)[:, None], torch.tensor([0.0, 0.0, 1.0]), 1, floor=0.0)
        tensor([[2.]])
    """
    size = residual.abs() if residual.ndim == 1 else residual.abs().amax(0)
    chance = size / size.mean().clamp_min(torch.finfo(size.dtype).tiny) + floor
    generator = torch.Generator().manual_seed(seed)
    return pool[torch.multinomial(chance, count, replacement=False, generator=generator)]


def rba_weights(weights: Tensor, residual: Tensor, *, keep: float = 0.9, rate: float = 0.1) -> Tensor:
    """Residual-based attention: weights of points updated by their residuals, scaled to mean square 1.

    Args:
        weights: So far, shape (points,).
        residual: Shape (points,) or (equations, points).
        keep: Share of the old weights that stays.
        rate: Share of |residual| / max that is added.

    Example:
        >>> rba_weights(torch.ones(2), torch.tensor([0.0, 1.0]))
        tensor([0.9461, 1.0512])
    """
    size = residual.abs() if residual.ndim == 1 else residual.abs().amax(0)
    fresh = keep * weights + rate * size / size.max().clamp_min(torch.finfo(size.dtype).tiny)
    return fresh / fresh.square().mean().sqrt()
