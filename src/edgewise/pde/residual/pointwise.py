"""A residual at points, as a function of the unknowns' derivatives there, and its slopes in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..equation import Equation, as_tensors
from ..fields import Field, Points, per_point
from .multi_index import Index, closure


class Linearised(NamedTuple):
    """One residual at all points, linearised.

    Args:
        value: Shape (batch,).
        slopes: Derivatives in what the residual was evaluated on, in its shape.
        by_coefficient: Derivatives in the unknown coefficients, each of shape (batch,).
    """

    value: Tensor
    slopes: Tensor
    by_coefficient: tuple[Tensor, ...]


class PointwiseResidual:
    """The residual of an equation or of one of its conditions, on its points.

    Args:
        equation: Names the coordinates and unknowns.
        residual: As a user writes it.
        points: Shape (groups, batch, coordinates); residuals of several groups take the fields of each.

    Attributes:
        equation, residual, points: As given.
        indices: The derivatives that it is a function of, the value first; completed downwards.

    Example:
        >>> from edgewise.pde.problems import poisson
        >>> at = PointwiseResidual(poisson(), lambda u, at: u.x * u.value, torch.zeros(1, 3, 2))
        >>> at.indices
        ((), (0,))
        >>> at.linearise(torch.full((2, 3, 1), 2.0), {})[0].value
        tensor([4., 4., 4.])
    """

    def __init__(self, equation: Equation, residual: Callable[..., Any], points: Tensor) -> None:
        self.equation, self.residual, self.points = equation, residual, points
        self.indices = closure(equation.derivatives_in(residual, len(points)))
        self._place = {index: at for at, index in enumerate(self.indices)}

    def evaluate(self, fields: Tensor, coefficients: Mapping[str, Tensor]) -> list[Tensor]:
        """The residuals, each of shape (batch,).

        Args:
            fields: The unknowns and their derivatives, shape (derivatives, groups * batch, unknowns).
            coefficients: Values of the unknown coefficients, each of shape (batch,) or ().
        """
        groups, batch = self.points.shape[:2]
        names = self.equation.domain.names
        views = [
            Field(names, self._getter(fields[:, group * batch : (group + 1) * batch, unknown]))
            for group in range(groups)
            for unknown in range(len(self.equation.unknowns))
        ]
        here = {name: value.expand(batch) for name, value in coefficients.items()}
        values = as_tensors(self.residual(*views, Points(self.points[0], names, here)))
        return [per_point(value, batch, "Equation: a residual") for value in values]

    def _getter(self, jet: Tensor) -> Callable[[Index], Tensor]:
        return lambda index: jet[self._place[index]]

    def linearise(
        self,
        given: Tensor,
        coefficients: Mapping[str, Tensor],
        to_fields: Callable[[Tensor], Tensor] = lambda given: given,
    ) -> list[Linearised]:
        """The residuals with their slopes.

        Args:
            given: What they are differentiated in: the fields, or what `to_fields` turns into them.
            coefficients: Values of the unknown coefficients, each of shape ().
            to_fields: Differentiable by torch.
        """
        batch = self.points.shape[1]
        leaf = given.detach().clone().requires_grad_()
        spread = {
            name: value.detach().expand(batch).clone().requires_grad_()
            for name, value in coefficients.items()
        }
        with torch.enable_grad():
            values = self.evaluate(to_fields(leaf), spread)
        return [
            Linearised(value.detach(), slopes[0], tuple(slopes[1:]))
            for value in values
            for slopes in [_slopes(value, [leaf, *spread.values()])]
        ]


def _slopes(value: Tensor, leaves: Sequence[Tensor]) -> list[Tensor]:
    if not value.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    slopes = torch.autograd.grad(value.sum(), leaves, retain_graph=True, allow_unused=True)
    return [
        torch.zeros_like(leaf) if slope is None else slope for slope, leaf in zip(slopes, leaves, strict=True)
    ]
