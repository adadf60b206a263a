"""Whether an equation and its conditions tell the solution from its neighbours.

The problem is linearised at the solution and tried on polynomials over the domain. A change of the solution that
leaves the equation and all conditions nearly as they were shows that something is missing: a condition on a face,
the constant of a Neumann problem, observations of a coefficient; or that the problem is ill-posed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...network import Network
from ..conditions import Observations
from ..equation import Equation
from ..residual.blocks import ResidualBlock
from ..residual.multi_index import MOST, Index
from ..units import Units, coefficient_units
from .method import Method
from .posing import pose

_MOST_COLUMNS = 200
_MOST_SIDE = 24
_LEAST_SIDE = 4
_POINTS_PER_COLUMN = 4
_ON_FACES = 40
_SEED = 30_011


class Sensitivity(NamedTuple):
    """How much residuals tell of a solution.

    Args:
        least: The smallest change of residuals and conditions that a change of the solution by its own size makes,
            as a share of the terms.
        residual: What is left of them.
    """

    least: float = 1.0
    residual: float = 0.0

    @property
    def possible_error(self) -> float:
        """By what share of its size the solution may be off, to first order."""
        return self.residual / self.least if self.least > 0 else 0.0


def sensitivity(
    equation: Equation, network: Network, units: Units, coefficients: Mapping[str, float]
) -> Sensitivity:
    """How much residuals change with the solution, at least, and how large they are.

    Args:
        equation: What was solved.
        network: Its solution.
        units: Of the problem.
        coefficients: Unknown coefficients that were found.

    Returns:
        What the defaults of `Sensitivity` say where it cannot be told, as with many coordinates.

    Example:
        >>> from edgewise.pde import Box, dirichlet, neumann, solve
        >>> from edgewise.pde.units import problem_units
        >>> def tried(*conditions):
        ...     rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx, conditions)
        ...     return sensitivity(rod, solve(rod, [1, 1], grid=2).network, problem_units(rod), {}).least
        >>> tried(dirichlet(1.0)) > 0.1, tried(neumann("x")) < 1e-9
        (True, True)
    """
    side = int((_MOST_COLUMNS / len(equation.unknowns)) ** (1 / len(equation.domain.names)))
    if side < _LEAST_SIDE:
        return Sensitivity()
    changes = _Changes(equation, network, units, coefficients, min(side, _MOST_SIDE))
    points = equation.domain.sample(_POINTS_PER_COLUMN * changes.columns, _SEED)
    values = ResidualBlock(equation, lambda *fields: [field.value for field in fields[:-1]], points[None])
    values.sizes = units.amplitudes
    own_size = torch.cat([changes.of(values), changes.of_coefficients()])
    blocks = pose(equation, points, _ON_FACES, Method(), units, coefficients, _SEED)
    rows = torch.cat([changes.of(block) for block in blocks])
    if not bool(rows.isfinite().all()):
        return Sensitivity()
    triangle = torch.linalg.qr(own_size, mode="r").R
    changed = torch.linalg.solve_triangular(triangle, rows, upper=True, left=False)
    return Sensitivity(float(torch.linalg.svdvals(changed)[-1]), changes.left(blocks))


class _Changes:
    """What polynomials in each unknown, and then the coefficients, change."""

    def __init__(
        self,
        equation: Equation,
        network: Network,
        units: Units,
        coefficients: Mapping[str, float],
        side: int,
    ) -> None:
        self._network, self._units, self._domain = network, units, equation.domain
        self._conditions = equation.conditions
        self._values = {
            name: torch.tensor(value, dtype=torch.float64) for name, value in coefficients.items()
        }
        own = coefficient_units(equation, units)
        self._own = torch.tensor([own[name] for name in coefficients], dtype=torch.float64)
        self._side = side
        self.columns = self._side ** len(equation.domain.names) * len(equation.unknowns)

    def of(self, block: ResidualBlock) -> Tensor:
        """Of a block's residuals, in its sizes, shape (rows, columns and coefficients)."""
        middle = (self._domain.low + self._domain.high) / 2
        share = (block.points.flatten(0, 1) - middle) / self._units.lengths
        tried = polynomials(share, block.pointwise.indices, self._side, self._units.lengths)
        scaler = self._network.output_scaler
        assert scaler is not None
        found = []
        batch = block.points.shape[1]
        for size, part in zip(block.sizes, block.linearised(self._network, self._values), strict=True):
            rows = torch.einsum("apk,apj->pkj", part.slopes * scaler.scale, tried).flatten(1)
            slopes = [slope[:, None] for slope in part.by_coefficient]
            extra = torch.cat(slopes, 1) * self._own if slopes else rows.new_zeros(batch, 0)
            found.append(torch.cat([rows.unflatten(0, (-1, batch)).sum(0), extra], 1) / (size * batch**0.5))
        return torch.cat(found)

    def left(self, blocks: Sequence[ResidualBlock]) -> float:
        """What is left of all residuals but those of observations, whose errors say nothing of the solution's."""
        told = [True, *(not isinstance(part, Observations) for part in self._conditions)]
        parts = [
            block.residuals(self._network, self._values) / block.sizes[:, None] / block.points.shape[1] ** 0.5
            for block, is_told in zip(blocks, told, strict=True)
            if is_told
        ]
        return float(torch.cat([part.flatten() for part in parts]).norm())

    def of_coefficients(self) -> Tensor:
        """Of the coefficients themselves, in their units."""
        zeros = torch.zeros(len(self._own), self.columns, dtype=torch.float64)
        return torch.cat([zeros, torch.eye(len(self._own), dtype=torch.float64)], 1)


def polynomials(x: Tensor, indices: Sequence[Index], side: int, lengths: Tensor) -> Tensor:
    """Products of Chebyshev polynomials and their derivatives.

    Args:
        x: From -1 to 1, shape (batch, coordinates).
        indices: The derivatives.
        side: How many polynomials there are in each coordinate.
        lengths: What x is counted in: derivatives are in those units.

    Returns:
        Shape (derivatives, batch, side ** coordinates).

    Example:
        >>> polynomials(torch.tensor([[0.5]]), [(), (0,)], 3, torch.tensor([2.0])).flatten(1)
        tensor([[ 1.0000,  0.5000, -0.5000],
                [ 0.0000,  0.5000,  1.0000]])
    """
    lines = [_chebyshev(column, side) for column in x.unbind(1)]
    found = []
    for index in indices:
        total = x.new_ones(len(x), 1)
        for column, line in enumerate(lines):
            order = index.count(column)
            part = line[order] / lengths[column] ** order
            total = (total[:, :, None] * part[:, None]).flatten(1)
        found.append(total)
    return torch.stack(found)


def _chebyshev(x: Tensor, side: int) -> list[Tensor]:
    """Polynomials and their derivatives to the highest order, each of shape (batch, side)."""
    values, found = np.polynomial.chebyshev, []
    for order in range(MOST + 1):
        matrix = values.chebder(np.eye(side), order) if order < side else np.zeros((1, side))
        found.append(torch.from_numpy(values.chebvander(x.numpy(), len(matrix) - 1) @ matrix).to(x))
    return found
