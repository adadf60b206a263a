"""All rows of one least-squares problem, as a function of one flat vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ...network import Network
from ...optim import LeastSquares
from .blocks import ResidualBlock


class LeastSquaresSystem:
    """Residuals of an equation and its conditions, as functions of all that is to be found.

    Args:
        network: The unknowns; its parameters are set, in place, whenever the functions are called.
        coefficients: Unknown coefficients with their values now.
        blocks: The residuals with their points; the equation's own first.
        coefficient_units: In which the coefficients are counted among what is to be found; ones if None.
    """

    def __init__(
        self,
        network: Network,
        coefficients: Mapping[str, float],
        blocks: Sequence[ResidualBlock],
        coefficient_units: Mapping[str, float] | None = None,
    ) -> None:
        self.network, self.blocks = network, list(blocks)
        self.names = tuple(coefficients)
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        units = coefficient_units or {}
        self._units = torch.tensor([units.get(name, 1.0) for name in self.names], dtype=torch.float64)
        self._counts = torch.tensor(list(coefficients.values()), dtype=torch.float64) / self._units

    @property
    def vector(self) -> Tensor:
        """All that is to be found, now."""
        parts = [p.detach().flatten().to(torch.float64) for p in self._parameters]
        return torch.cat([*parts, self._counts])

    def put(self, vector: Tensor) -> None:
        """Set the network and the coefficients."""
        sizes = [p.numel() for p in self._parameters]
        *parts, self._counts = vector.split([*sizes, len(self.names)])
        with torch.no_grad():
            for parameter, part in zip(self._parameters, parts, strict=True):
                parameter.copy_(part.view_as(parameter))

    @property
    def coefficients(self) -> dict[str, Tensor]:
        """The unknown coefficients now, by name."""
        return dict(zip(self.names, (self._counts * self._units).unbind(), strict=True))

    def residual(self, vector: Tensor) -> Tensor:
        """Weighted residuals, flat."""
        self.put(vector)
        return torch.cat(
            [block.weighted(block.residuals(self.network, self.coefficients)) for block in self.blocks]
        )

    def jacobian(self, vector: Tensor) -> Tensor:
        """Their exact Jacobian, shape (rows, all that is to be found)."""
        self.put(vector)
        rows = torch.cat(
            [part for block in self.blocks for part in block.linearise(self.network, self.coefficients)]
        )
        if self.names:
            rows[:, -len(self.names) :] *= self._units
        return rows

    @property
    def problem(self) -> LeastSquares:
        """For `optim.LevenbergMarquardt`."""
        return LeastSquares(self.residual, self.jacobian)
