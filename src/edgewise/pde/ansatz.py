"""Conditions kept exactly: the unknown is lift + distance * network, with a distance that vanishes on faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from .domain import Box, Face
from .fields import Points, per_point
from .residual.multi_index import Index

Function = Callable[[Points], Tensor]
"""Of the points, shape (batch,); must be differentiable by torch."""


@dataclass(frozen=True)
class Ansatz:
    """u = lift + distance * network.

    Args:
        lift: Takes the prescribed values on the faces.
        distance: Vanishes there, and nowhere else.

    Example:
        >>> Ansatz(lambda at: 0 * at.x, lambda at: 1 - at.x**2).distance(Points(torch.tensor([[1.0]]), ["x"]))
        tensor([0.])
    """

    lift: Function
    distance: Function


def dirichlet_ansatz(domain: Box, value: Function | float, on: str | Sequence[str] = "all") -> Ansatz:
    """The ansatz that takes given values on faces of a box, by transfinite interpolation.

    Args:
        domain: The box.
        value: Function of the points that has the prescribed values on all those faces; or a number.
        on: The faces, as `Box.faces` reads them.

    Returns:
        Lift: the Boolean sum of the blends between opposite faces. Distance: a product of one factor a
        coordinate, of height 1.

    Raises:
        UnknownName: there is no such face.

    Source: Gordon and Hall 1973, "Transfinite element methods".

    Example:
        >>> ansatz = dirichlet_ansatz(Box(x=(0, 2)), lambda at: at.x**3)
        >>> at = Points(torch.tensor([[0.0], [1.0], [2.0]]), ["x"])
        >>> ansatz.lift(at), ansatz.distance(at)
        (tensor([0., 4., 8.]), tensor([0., 1., 0.]))
    """
    faces = domain.faces(on)
    ends: dict[str, list[Face]] = {}
    for face in faces:
        ends.setdefault(face[0], []).append(face)
    if callable(value):
        return Ansatz(_Lift(domain, ends, value), _Distance(domain, ends))
    constant = float(value)
    return Ansatz(lambda at: torch.full_like(at[domain.names[0]], constant), _Distance(domain, ends))


class _Distance:
    def __init__(self, domain: Box, ends: dict[str, list[Face]]) -> None:
        self._domain, self._ends = domain, ends

    def __call__(self, at: Points) -> Tensor:
        product = torch.ones_like(at[self._domain.names[0]])
        for name, faces in self._ends.items():
            share = _share(self._domain, name, at)
            product = product * (4 * share * (1 - share) if len(faces) == 2 else _from(faces[0], share))
        return product


class _Lift:
    """Boolean sum: over all sets of coordinates, the blends in them with alternating sign."""

    def __init__(self, domain: Box, ends: dict[str, list[Face]], value: Function) -> None:
        self._domain, self._ends, self._value = domain, ends, value

    def __call__(self, at: Points) -> Tensor:
        total = torch.zeros_like(at[self._domain.names[0]])
        for size in range(1, len(self._ends) + 1):
            for chosen in combinations(self._ends, size):
                total = total + (-1) ** (size + 1) * self._blend(at, {}, chosen)
        return total

    def _blend(self, at: Points, fixed: dict[str, float], names: Sequence[str]) -> Tensor:
        if not names:
            columns = [
                torch.full_like(at[name], fixed[name]) if name in fixed else at[name]
                for name in self._domain.names
            ]
            return self._value(Points(torch.stack(columns, 1), self._domain.names))
        name, rest = names[0], names[1:]
        column = self._domain.column(name)
        total = torch.zeros_like(at[name])
        for face in self._ends[name]:
            end = float((self._domain.low if face[1] == "low" else self._domain.high)[column])
            part = self._blend(at, {**fixed, name: end}, rest)
            if len(self._ends[name]) == 2:
                part = part * (1 - _from(face, _share(self._domain, name, at)))
            total = total + part
        return total


def _share(domain: Box, name: str, at: Points) -> Tensor:
    column = domain.column(name)
    return (at[name] - float(domain.low[column])) / float(domain.high[column] - domain.low[column])


def _from(face: Face, share: Tensor) -> Tensor:
    return share if face[1] == "low" else 1 - share


def function_jet(function: Function, x: Tensor, names: Sequence[str], indices: Sequence[Index]) -> Tensor:
    """Derivatives of a function of the points, by its own `jet` or else by repeated differentiation.

    Args:
        function: Of the points.
        x: Shape (batch, coordinates).
        names: The coordinates.
        indices: Closed downwards, the value first.

    Returns:
        Shape (derivatives, batch).

    Example:
        >>> function_jet(lambda at: at.x**2, torch.tensor([[3.0]]), ["x"], [(), (0,), (0, 0)]).flatten()
        tensor([9., 6., 2.])
    """
    known = getattr(function, "jet", None)
    if known is not None:
        return known(x, names, indices)  # type: ignore[no-any-return]
    found: dict[Index, Tensor] = {}
    with torch.enable_grad():
        point = x.detach().clone().requires_grad_()
        value = per_point(function(Points(point, names)), len(x), "Ansatz: a lift or distance")
        found[()] = value + torch.zeros_like(point[:, 0])
        for index in indices:
            if index:
                found[index] = _slope(found[index[:-1]], point)[:, index[-1]]
    return torch.stack([found[index].detach() for index in indices])


def _slope(value: Tensor, point: Tensor) -> Tensor:
    if not value.requires_grad:
        return torch.zeros_like(point)
    (slope,) = torch.autograd.grad(value.sum(), point, create_graph=True, allow_unused=True)
    return torch.zeros_like(point) if slope is None else slope
