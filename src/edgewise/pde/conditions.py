"""Conditions that a solution has to meet, as residuals on points of their own (soft conditions)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from .ansatz import Function
from .domain import Box
from .fields import Field, Points


@dataclass(frozen=True)
class Condition:
    """A residual on some faces.

    Args:
        residual: Takes one field an unknown and the points; gives a tensor (batch,), or several.
        on: The faces, as `Box.faces` reads them.
        weight: Of its mean square beside that of the equation; None lets `solve` choose.
        name: For reports.

    Example:
        >>> Condition(lambda u, at: u.x, on="x.low", name="no flux").name
        'no flux'
    """

    residual: Callable[..., Any]
    on: str | Sequence[str] = "all"
    weight: float | None = None
    name: str = "condition"

    def points(self, domain: Box, count: int, seed: int = 0) -> Tensor:
        """Points on the faces, shape (1, points, coordinates)."""
        faces = domain.faces(self.on)
        return torch.cat([domain.sample_face(face, count, seed) for face in faces])[None]


@dataclass(frozen=True)
class Periodic:
    """The same value and slope at both ends of a coordinate.

    Args:
        coordinate: Which one.
        slopes: Highest derivative that has to agree.
        weight: As for `Condition`.
        slope_weight: Of the squares of differences of a first derivative beside those of values, over half the
            side of the domain; to the power of its order for a higher one. Where the start does not fit the
            condition, as with a kink at the border, differences of slopes cannot vanish at once, and much
            weight spoils the rest.

    Example:
        >>> Periodic("x").points(Box(x=(0, 1), t=(0, 1)), 5).shape
        torch.Size([2, 5, 2])
    """

    coordinate: str
    slopes: int = 1
    weight: float | None = None
    name: str = "periodic"
    slope_weight: float = 1.0

    def points(self, domain: Box, count: int, seed: int = 0) -> Tensor:
        """Pairs of opposite points, shape (2, points, coordinates)."""
        low = domain.sample_face((self.coordinate, "low"), count, seed)
        return torch.stack([low, domain.on_face((self.coordinate, "high"), low)])

    @property
    def part_weights(self) -> tuple[float, ...]:
        """Weight of each part of the residual for one unknown: of values, slopes, and so on."""
        return tuple(self.slope_weight**order for order in range(self.slopes + 1))

    def residual(self, *fields: Any) -> tuple[Tensor, ...]:
        """Differences between the two ends; takes the fields of the one, then of the other."""
        fields = tuple(field for field in fields if isinstance(field, Field))
        half = len(fields) // 2
        return tuple(
            low.d(*(self.coordinate,) * order) - high.d(*(self.coordinate,) * order)
            for low, high in zip(fields[:half], fields[half:], strict=True)
            for order in range(self.slopes + 1)
        )


@dataclass(frozen=True, eq=False)
class Observations:
    """Observed values at points, noise included; for inverse problems.

    Args:
        at: Points, shape (batch, coordinates).
        values: Shape (batch,).
        unknown: Which unknown was observed, by number.
        weight: As for `Condition`. If None, 1 where no noise is given, and otherwise so small that the equation is
            bent little by the errors, and the less the larger they are.
        noise: Standard deviation of the errors, in the unit of the values: a number, or one for each value, shape
            (batch,). Differences count in units of it; if None, in units of the unknown's deviation.

    Raises:
        ShapeError: there is not one value to each point.
        InputError: a value is not finite, or a noise not positive.

    Example:
        >>> Observations(torch.zeros(3, 2), torch.ones(3), noise=0.1).name
        'observations'
    """

    at: Tensor
    values: Tensor
    unknown: int = 0
    weight: float | None = None
    name: str = "observations"
    noise: float | Tensor | None = None

    def __post_init__(self) -> None:
        if self.at.ndim != 2 or self.values.shape != self.at.shape[:1]:
            raise ShapeError(
                f"Observations: there must be one value to each point; got points of shape {tuple(self.at.shape)} "
                f"and values of shape {tuple(self.values.shape)}. Give (batch, coordinates) and (batch,)."
            )
        if not bool(self.at.isfinite().all() and self.values.isfinite().all()):
            raise InputError(
                "Observations: points and values must be finite; got NaN or infinity. Leave those observations out."
            )
        if self.noise is not None:
            self._check_noise(torch.as_tensor(self.noise))

    def _check_noise(self, noise: Tensor) -> None:
        if noise.shape not in ((), self.values.shape):
            raise ShapeError(
                f"Observations: noise must be a number, or one for each of {len(self.values)} values; got shape "
                f"{tuple(noise.shape)}."
            )
        if not bool(noise.isfinite().all() and (noise > 0).all()):
            raise InputError(
                "Observations: noise must be positive and finite; got other values. Leave it out if it is not known."
            )

    def points(self, domain: Box, count: int, seed: int = 0) -> Tensor:
        """The points of the observations, shape (1, batch, coordinates)."""
        return self.at.to(torch.float64)[None]

    def residual(self, *fields: Any) -> Tensor:
        """Unknown less observed value, in units of the noise where that is known."""
        difference = fields[self.unknown].value - self.values.to(torch.float64)
        return (
            difference if self.noise is None else difference / torch.as_tensor(self.noise).to(torch.float64)
        )


AnyCondition = Condition | Periodic | Observations


def dirichlet(
    value: Function | float = 0.0,
    on: str | Sequence[str] = "all",
    *,
    unknown: int = 0,
    weight: float | None = None,
) -> Condition:
    """A Dirichlet or initial condition: the unknown has given values on faces, weighted against the equation.

    Args:
        value: Number, or function of the points.
        on: The faces, as `Box.faces` reads them; "t.low" for an initial condition.
        unknown: Which unknown, by number.
        weight: Of the mean square beside the equation's.

    Example:
        >>> dirichlet(0.0, on="x").on
        'x'
    """

    def residual(*arguments: Any) -> Tensor:
        return arguments[unknown].value - _value(value, arguments[-1])

    return Condition(residual, on, weight, "Dirichlet")


def neumann(
    coordinate: str,
    value: Function | float = 0.0,
    on: str | Sequence[str] | None = None,
    *,
    unknown: int = 0,
    weight: float | None = None,
) -> Condition:
    """A Neumann condition: the unknown's derivative in a coordinate has given values on faces.

    Args:
        coordinate: In which the derivative is taken.
        value: Number, or function of the points.
        on: The faces; those of the coordinate if None.
        unknown: Which unknown, by number.
        weight: Of the mean square beside the equation's.

    Example:
        >>> neumann("t", on="t.low").name
        'Neumann'
    """

    def residual(*arguments: Any) -> Tensor:
        return arguments[unknown].d(coordinate) - _value(value, arguments[-1])

    return Condition(residual, coordinate if on is None else on, weight, "Neumann")


def _value(value: Function | float, at: Points) -> Tensor | float:
    return value(at) if callable(value) else float(value)
