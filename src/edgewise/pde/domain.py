"""Where an equation holds: a box of named coordinates, time among them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from ..errors import InputError, unknown_name

_RESOLUTION = 1e-9
_SLACK = 1e-6  # of a side and of its ends: float32 has no more digits

Face = tuple[str, str]
"""A coordinate and which end of it: ("x", "low")."""


class Box:
    """A box, its sides named; one side is an interval, a side called `t` is time.

    Args:
        **sides: Ends (low, high) of each coordinate, in the order of the network's inputs.

    Attributes:
        names: The coordinates.
        low: Lower ends, shape (coordinates,), float64.
        high: Upper ends.

    Raises:
        InputError: no side, ends that are not two rising finite numbers, or so close together that float64 has few
            numbers between them.

    Example:
        >>> Box(x=(-1, 1), t=(0, 1))
        Box(x=(-1, 1), t=(0, 1))
    """

    def __init__(self, **sides: tuple[float, float]) -> None:
        if not sides:
            raise InputError("Box: there must be at least one side; got none. For example Box(x=(0, 1)).")
        for name, ends in sides.items():
            if len(ends) != 2 or not -math.inf < ends[0] < ends[1] < math.inf:
                raise InputError(
                    f"Box: a side must be two rising finite numbers; got {name}={ends!r}. Give (low, high)."
                )
            if ends[1] - ends[0] < _RESOLUTION * max(abs(ends[0]), abs(ends[1])):
                raise InputError(
                    f"Box: a side must be at least {_RESOLUTION:g} times as wide as it is far from 0; got "
                    f"{name}={ends!r}. Count from an origin that is nearer."
                )
        self.names = tuple(sides)
        self.low = torch.tensor([float(ends[0]) for ends in sides.values()], dtype=torch.float64)
        self.high = torch.tensor([float(ends[1]) for ends in sides.values()], dtype=torch.float64)

    def __repr__(self) -> str:
        ends = zip(self.names, self.low.tolist(), self.high.tolist(), strict=True)
        return f"Box({', '.join(f'{name}=({low:g}, {high:g})' for name, low, high in ends)})"

    @property
    def space(self) -> tuple[str, ...]:
        """The coordinates other than `t`."""
        return tuple(name for name in self.names if name != "t")

    def parts(self, ends: Sequence[float]) -> list[Box]:
        """The box cut into parts of its time, one after the other.

        Args:
            ends: Where each part ends, as a share of the time; the last is 1.

        Example:
            >>> Box(x=(0, 1), t=(0, 2)).parts([0.5, 1])
            [Box(x=(0, 1), t=(0, 1)), Box(x=(0, 1), t=(1, 2))]
        """
        low, high = (float(side[self.column("t")]) for side in (self.low, self.high))
        times = [low, *(low + (high - low) * share for share in ends)]
        sides = dict(zip(self.names, zip(self.low.tolist(), self.high.tolist(), strict=True), strict=True))
        return [Box(**{**sides, "t": part}) for part in pairwise(times)]

    def column(self, name: str) -> int:
        """Number of a coordinate.

        Raises:
            UnknownName: the box has no such side.
        """
        if name not in self.names:
            raise unknown_name("Box", "coordinate", name, self.names)
        return self.names.index(name)

    def outside(self, points: Tensor) -> Tensor:
        """Which points are outside by more than rounding.

        Args:
            points: Shape (batch, coordinates).

        Returns:
            Shape (batch,).

        Example:
            >>> Box(x=(0, 1)).outside(torch.tensor([[0.5], [1.0], [1.1]]))
            tensor([False, False,  True])
        """
        slack = _SLACK * (self.high - self.low + torch.maximum(self.low.abs(), self.high.abs()))
        return ((points < self.low - slack) | (points > self.high + slack)).any(1)

    def faces(self, on: str | Sequence[str]) -> tuple[Face, ...]:
        """Read a description of faces.

        Args:
            on: "all" (every face but the end of time), a coordinate ("x": both ends), one end ("t.low"),
                or several of these.

        Raises:
            UnknownName: there is no such coordinate or end.

        Example:
            >>> Box(x=(0, 1), t=(0, 1)).faces("all")
            (('x', 'low'), ('x', 'high'), ('t', 'low'))
        """
        found: list[Face] = []
        for word in [on] if isinstance(on, str) else on:
            found += self._faces(word)
        return tuple(dict.fromkeys(found))

    def _faces(self, word: str) -> Iterator[Face]:
        if word == "all":
            for name in self.names:
                yield name, "low"
                if name != "t":
                    yield name, "high"
            return
        name, _, end = word.partition(".")
        self.column(name)
        if end not in ("", "low", "high"):
            raise unknown_name("Box", "end", end, ("low", "high"))
        yield from ((name, end),) if end else ((name, "low"), (name, "high"))

    def sample(self, count: int, seed: int = 0) -> Tensor:
        """Well spread points inside, shape (count, coordinates): a scrambled Sobol sequence."""
        unit = torch.quasirandom.SobolEngine(len(self.names), scramble=True, seed=seed)
        return self.low + (self.high - self.low) * unit.draw(count, dtype=torch.float64)

    def on_face(self, face: Face, points: Tensor) -> Tensor:
        """Points moved onto a face along its coordinate."""
        column = self.column(face[0])
        moved = points.clone()
        moved[:, column] = (self.low if face[1] == "low" else self.high)[column]
        return moved

    def sample_face(self, face: Face, count: int, seed: int = 0) -> Tensor:
        """Points on a face; a face of one point gives that point once."""
        if len(self.names) == 1:
            count = 1
        inside = self.sample(count, seed)
        if len(self.names) == 2 and count > 1:
            other = 1 - self.column(face[0])
            # Chebyshev points: corners belong to the boundary, and are where it is easiest missed.
            turns = torch.linspace(0, math.pi, count, dtype=torch.float64)
            middle, half = (self.high + self.low)[other] / 2, (self.high - self.low)[other] / 2
            inside[:, other] = middle - half * torch.cos(turns)
        return self.on_face(face, inside)

    def mesh(self, count: int) -> Tensor:
        """All points of an even mesh with `count` points to a side, ends included."""
        lines = [
            torch.linspace(float(low), float(high), count, dtype=torch.float64)
            for low, high in zip(self.low, self.high, strict=True)
        ]
        return torch.cartesian_prod(*lines).reshape(-1, len(lines))
