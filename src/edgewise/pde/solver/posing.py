"""An equation and its conditions as blocks of rows, each in units of its own size."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..conditions import AnyCondition, Observations, Periodic
from ..equation import Equation
from ..residual.blocks import ResidualBlock
from ..units import Units, residual_sizes
from .method import Method

_OBSERVED = 0.1
_OBSERVED_WITH_NOISE = 1e-5


def pose(
    equation: Equation,
    points: Tensor,
    on_faces: int,
    method: Method,
    units: Units,
    coefficients: Mapping[str, float],
    seed: int = 0,
) -> list[ResidualBlock]:
    """The blocks of an equation, its own first, then those of its conditions.

    Args:
        equation: What is to vanish.
        points: Where, shape (batch, coordinates).
        on_faces: Number of points of a condition to a face.
        method: Weight of conditions that name none.
        units: Of the problem.
        coefficients: Values of the unknown coefficients.
        seed: Of the points on faces.

    Example:
        >>> from edgewise.pde.problems import poisson
        >>> from edgewise.pde.units import problem_units
        >>> equation = poisson(soft=True)
        >>> blocks = pose(equation, equation.domain.sample(9), 4, Method(), problem_units(equation), {})
        >>> [block.weight for block in blocks]
        [1.0, 10.0]
    """
    sizes = residual_sizes(equation, equation.residual, points[None], units, coefficients)
    blocks = [ResidualBlock(equation, equation.residual, points[None], sizes=sizes)]
    for condition in equation.conditions:
        places = condition.points(equation.domain, on_faces, seed)
        sizes = condition_sizes(condition, equation, places, units, coefficients)
        weight = _weight(condition, method)
        blocks.append(ResidualBlock(equation, condition.residual, places, weight, sizes))
    return blocks


def condition_sizes(
    condition: AnyCondition,
    equation: Equation,
    points: Tensor,
    units: Units,
    coefficients: Mapping[str, float],
) -> Tensor:
    """In which units the residuals of a condition count, shape (parts,).

    Args:
        condition: Of the equation.
        equation: Names the coordinates and unknowns.
        points: Those of the condition.
        units: Of the problem.
        coefficients: Values of the unknown coefficients.
    """
    sizes = residual_sizes(equation, condition.residual, points, units, coefficients)
    if isinstance(condition, Observations) and condition.noise is not None:
        return torch.ones_like(sizes)
    if isinstance(condition, Periodic):
        weights = torch.tensor(condition.part_weights, dtype=torch.float64)
        return sizes / weights.sqrt().repeat(len(sizes) // len(weights))
    return sizes


def _weight(condition: AnyCondition, method: Method) -> float:
    if condition.weight is not None:
        return condition.weight
    if isinstance(condition, Observations):
        return _OBSERVED if condition.noise is None else _OBSERVED_WITH_NOISE
    return method.condition_weight
