"""A problem in other units: its coordinates and unknowns multiplied, and its equation too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from .ansatz import Ansatz, Function
from .conditions import AnyCondition, Condition, Observations, Periodic
from .domain import Box
from .equation import Equation, as_tensors
from .fields import Field, Points
from .residual.multi_index import Index


def rescaled(
    equation: Equation,
    coordinates: Mapping[str, float] | None = None,
    unknowns: Mapping[str, float] | None = None,
    factor: float = 1.0,
) -> Equation:
    """Write a problem in other units; `solve` finds the same solution, in those units.

    Args:
        equation: The problem.
        coordinates: What coordinates are multiplied with, by name: 1000 to count in metres what was in kilometres.
        unknowns: What unknowns are multiplied with, by name.
        factor: What the equation itself is multiplied with.

    Returns:
        The same problem. Unknown coefficients keep their old units.

    Example:
        >>> from edgewise.pde import solve
        >>> from edgewise.pde.problems import pykan_poisson
        >>> small = rescaled(pykan_poisson(), {"x": 1e-6, "y": 1e-6}, {"u": 1e9})
        >>> small.domain
        Box(x=(-1e-06, 1e-06), y=(-1e-06, 1e-06))
        >>> solve(small, [2, 3, 1], grid=4, steps=20).error() < 0.01
        True
    """
    return _Rescaling(equation, coordinates or {}, unknowns or {}, factor).equation()


class _Rescaling:
    def __init__(
        self, old: Equation, coordinates: Mapping[str, float], unknowns: Mapping[str, float], factor: float
    ) -> None:
        self._old, self._names, self._factor = old, old.domain.names, factor
        sides = [coordinates.get(name, 1.0) for name in self._names]
        self._sides = torch.tensor(sides, dtype=torch.float64)
        self._values = [unknowns.get(name, 1.0) for name in old.unknowns]

    def equation(self) -> Equation:
        old = self._old
        low, high = (old.domain.low * self._sides).tolist(), (old.domain.high * self._sides).tolist()
        scale = dict(zip(old.unknowns, self._values, strict=True))
        return Equation(
            Box(**dict(zip(self._names, zip(low, high, strict=True), strict=True))),
            self._residual(old.residual, self._factor),
            [self._condition(condition) for condition in old.conditions],
            old.unknowns,
            {
                name: Ansatz(self._function(ansatz.lift, scale[name]), self._function(ansatz.distance, 1.0))
                for name, ansatz in old.hard.items()
            },
            old.coefficients,
            {name: self._function(exact, scale[name]) for name, exact in old.exact_by_name.items()} or None,
            old.name,
        )

    def _points(self, at: Points, coefficients: bool) -> Points:
        x = torch.stack([at[name] for name in self._names], 1) / self._sides
        known = {name: at[name] for name in self._old.coefficients} if coefficients else {}
        return Points(x, self._names, known)

    def _field(self, field: Field, value: float) -> Field:
        def get(index: Index) -> Tensor:
            steps = math.prod(float(self._sides[column]) for column in index)
            return field.d(*(self._names[column] for column in index)) * (steps / value)

        return Field(self._names, get)

    def _residual(self, old: Callable[..., Any], factor: float = 1.0) -> Callable[..., Any]:
        def residual(*arguments: Any) -> tuple[Tensor, ...]:
            *fields, at = arguments
            values = self._values * (len(fields) // len(self._values))
            views = [self._field(field, value) for field, value in zip(fields, values, strict=True)]
            return tuple(factor * part for part in as_tensors(old(*views, self._points(at, True))))

        return residual

    def _condition(self, old: AnyCondition) -> AnyCondition:
        if isinstance(old, Periodic):
            return old
        if isinstance(old, Observations):
            value = self._values[old.unknown]
            noise = None if old.noise is None else old.noise * value
            return Observations(
                old.at.to(torch.float64) * self._sides,
                old.values.to(torch.float64) * value,
                old.unknown,
                old.weight,
                old.name,
                noise,
            )
        return Condition(self._residual(old.residual), old.on, old.weight, old.name)

    def _function(self, old: Function, value: float) -> Function:
        return lambda at: value * old(self._points(at, False))
