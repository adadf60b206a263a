"""Blocks of rows of the least-squares problem: residuals on a set of points, and their Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from ...network import Network
from ..ansatz import function_jet
from ..equation import Equation
from .jets import NetworkJets
from .multi_index import product_terms
from .pointwise import Linearised, PointwiseResidual


class ResidualBlock:
    """One residual on its points, of a network.

    Args:
        equation: What the unknowns are, and how their conditions are kept.
        residual: Of the equation or of one of its conditions.
        points: Shape (groups, batch, coordinates); residuals of several groups take the fields of each.
        weight: The rows' squares sum to `weight` times the mean square of the residual.
        sizes: Units in which that square is taken, one to each part of the residual; ones if None.

    Attributes:
        pointwise: The residual as a function of fields.
        points: As given.
        sizes: As given.
        point_weights: Weights of the points, mean square 1, shape (batch,).
    """

    def __init__(
        self,
        equation: Equation,
        residual: Callable[..., Any],
        points: Tensor,
        weight: float = 1.0,
        sizes: Tensor | None = None,
    ) -> None:
        self.pointwise = PointwiseResidual(equation, residual, points)
        self.points, self.weight = points, weight
        self.sizes = torch.ones(1, dtype=torch.float64) if sizes is None else sizes
        self.point_weights = torch.ones(points.shape[1], dtype=torch.float64)
        flat, indices = points.flatten(0, 1), self.pointwise.indices
        self._ansatz = {
            equation.unknowns.index(name): (
                function_jet(ansatz.lift, flat, equation.domain.names, indices),
                function_jet(ansatz.distance, flat, equation.domain.names, indices),
            )
            for name, ansatz in equation.hard.items()
        }
        self._known: tuple[tuple[object, ...], int, Tensor] | None = None

    @torch.no_grad()
    def residuals(self, network: Network, coefficients: Mapping[str, Tensor]) -> Tensor:
        """Unweighted residuals, in the user's units, shape (equations, batch)."""
        return torch.stack(self.pointwise.evaluate(self.fields(network), coefficients))

    def weighted(self, residuals: Tensor) -> Tensor:
        """Rows of unweighted residuals, flat."""
        return (residuals / self.sizes[:, None] * self._scale()).flatten()

    def linearise(self, network: Network, coefficients: Mapping[str, Tensor]) -> Iterator[Tensor]:
        """Weighted rows of the Jacobian, one block (batch, parameters) an equation.

        The columns are the network's trained parameters, then the unknown coefficients.
        """
        jets = self._jets(network, True)
        batch = self.points.shape[1]
        for number, part in enumerate(self.pointwise.linearise(jets.values, coefficients, self._to_fields)):
            rows = jets.jacobian(part.slopes)
            if len(self.points) > 1:
                rows = rows.unflatten(0, (-1, batch)).sum(0)
            columns = [slope[:, None] for slope in part.by_coefficient]
            scale = self._scale() / self.sizes[number if len(self.sizes) > 1 else 0]
            yield torch.cat([rows, *columns], 1).mul_(scale[:, None])

    def linearised(self, network: Network, coefficients: Mapping[str, Tensor]) -> list[Linearised]:
        """The residuals with their slopes in the network's outputs and the derivatives of these."""
        jets = self._jets(network, False).values
        return self.pointwise.linearise(jets, coefficients, self._to_fields)

    def fields(self, network: Network) -> Tensor:
        """The unknowns and their derivatives at the points, shape (derivatives, groups * batch, unknowns)."""
        return self._to_fields(self._jets(network, False).values)

    def _scale(self) -> Tensor:
        batch = self.points.shape[1]
        return self.point_weights * (self.weight / max(batch, 1)) ** 0.5

    def _jets(self, network: Network, slopes: bool) -> NetworkJets:
        basis = network.layers[0].basis
        tensors = [getattr(basis, name) for name in basis.input_tensors]
        seen, version = (basis, *tensors), sum(tensor._version for tensor in tensors)
        known = None
        if self._known is not None and self._known[1] == version:
            same = all(a is b for a, b in zip(self._known[0], seen, strict=True))
            known = self._known[2] if same else None
        flat, indices = self.points.flatten(0, 1), self.pointwise.indices
        jets = NetworkJets(network, flat, indices, features=known, slopes=slopes)
        self._known = (seen, version, jets.first_features)
        return jets

    def _to_fields(self, jets: Tensor) -> Tensor:
        """The unknowns, of which some are lift + distance * output."""
        if not self._ansatz:
            return jets
        columns = list(jets.unbind(2))
        for unknown, (lift, distance) in self._ansatz.items():
            columns[unknown] = self._lifted(lift, distance, columns[unknown])
        return torch.stack(columns, 2)

    def _lifted(self, lift: Tensor, distance: Tensor, jet: Tensor) -> Tensor:
        indices = self.pointwise.indices
        place = {index: at for at, index in enumerate(indices)}
        rows = []
        for index in indices:
            total = lift[place[index]]
            for count, left, right in product_terms(index):
                total = total + count * distance[place[left]] * jet[place[right]]
            rows.append(total)
        return torch.stack(rows)
