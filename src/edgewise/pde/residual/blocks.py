"""Blocks of rows of the least-squares problem: residuals on a set of points, and their Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...network import Network
from ..ansatz import function_jet
from ..equation import Equation, as_tensors
from ..fields import Field, Points
from .jets import NetworkJets
from .multi_index import Index, closure, product_terms


class ResidualBlock:
    """One residual on its points.

    Args:
        equation: What the unknowns are, and how their conditions are kept.
        residual: Of the equation or of one of its conditions.
        points: Shape (groups, batch, coordinates); residuals of several groups take the fields of each.
        weight: The rows' squares sum to `weight` times the mean square of the residual.

    Attributes:
        points: As given.
        point_weights: Weights of the points, mean square 1, shape (batch,).
    """

    def __init__(
        self, equation: Equation, residual: Callable[..., Any], points: Tensor, weight: float = 1.0
    ) -> None:
        self.equation, self._residual, self.points, self.weight = equation, residual, points, weight
        self.point_weights = torch.ones(points.shape[1], dtype=torch.float64)
        self.indices = closure(equation.derivatives_in(residual, len(points)))
        self._names = equation.domain.names
        flat = points.flatten(0, 1)
        self._ansatz = {
            equation.unknowns.index(name): (
                function_jet(ansatz.lift, flat, self._names, self.indices),
                function_jet(ansatz.distance, flat, self._names, self.indices),
            )
            for name, ansatz in equation.hard.items()
        }
        self._known: tuple[tuple[object, ...], int, Tensor] | None = None

    def residuals(self, network: Network, coefficients: Mapping[str, Tensor]) -> Tensor:
        """Unweighted residuals, shape (equations, batch)."""
        with torch.no_grad():
            return torch.stack(self._evaluate(self._jets(network, False).values, self._spread(coefficients)))

    def weighted(self, residuals: Tensor) -> Tensor:
        """Rows of unweighted residuals, flat."""
        return (residuals * self._scale()).flatten()

    def linearise(self, network: Network, coefficients: Mapping[str, Tensor]) -> Iterator[Tensor]:
        """Weighted rows of the Jacobian, one block (batch, parameters) an equation.

        The columns are the network's trained parameters, then the unknown coefficients.
        """
        jets = self._jets(network, True)
        leaf = jets.values.clone().requires_grad_()
        spread = {name: value.requires_grad_() for name, value in self._spread(coefficients).items()}
        batch = self.points.shape[1]
        with torch.enable_grad():
            values = self._evaluate(leaf, spread)
        for value in values:
            slopes = _slopes(value, [leaf, *spread.values()])
            rows = jets.jacobian(slopes[0])
            if len(self.points) > 1:
                rows = rows.unflatten(0, (-1, batch)).sum(0)
            columns = [part.reshape(-1, batch).sum(0)[:, None] for part in slopes[1:]]
            yield torch.cat([rows, *columns], 1).mul_(self._scale()[:, None])

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
        jets = NetworkJets(network, self.points.flatten(0, 1), self.indices, features=known, slopes=slopes)
        self._known = (seen, version, jets.first_features)
        return jets

    def _spread(self, coefficients: Mapping[str, Tensor]) -> dict[str, Tensor]:
        batch = self.points.shape[0] * self.points.shape[1]
        return {name: value.detach().expand(batch).clone() for name, value in coefficients.items()}

    def _evaluate(self, jets: Tensor, coefficients: Mapping[str, Tensor]) -> list[Tensor]:
        groups, batch = self.points.shape[:2]
        fields = []
        for group in range(groups):
            rows = slice(group * batch, (group + 1) * batch)
            for unknown in range(len(self.equation.unknowns)):
                fields.append(Field(self._names, self._getter(jets[:, rows, unknown], unknown, rows)))
        here = {name: value[:batch] for name, value in coefficients.items()}
        values = as_tensors(self._residual(*fields, Points(self.points[0], self._names, here)))
        return [value.expand(batch) for value in values]

    def _getter(self, jet: Tensor, unknown: int, rows: slice) -> Callable[[Index], Tensor]:
        place = {index: at for at, index in enumerate(self.indices)}
        if unknown not in self._ansatz:
            return lambda index: jet[place[index]]
        lift, distance = (part[:, rows] for part in self._ansatz[unknown])

        def get(index: Index) -> Tensor:
            total = lift[place[index]]
            for count, left, right in product_terms(index):
                total = total + count * distance[place[left]] * jet[place[right]]
            return total

        return get


def _slopes(value: Tensor, leaves: Sequence[Tensor]) -> list[Tensor]:
    if not value.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    slopes = torch.autograd.grad(value.sum(), leaves, retain_graph=True, allow_unused=True)
    return [
        torch.zeros_like(leaf) if slope is None else slope for slope, leaf in zip(slopes, leaves, strict=True)
    ]
