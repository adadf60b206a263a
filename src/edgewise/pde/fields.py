"""What a residual is written in: the unknown with its derivatives, and the points with their coordinates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

from ..errors import ShapeError, unknown_name
from .residual.multi_index import Index


class Field:
    """An unknown at a batch of points. Derivatives are computed when they are asked for, and only then.

    With coordinates of one letter, `u.x` and `u.xx` are short for `u.d("x")` and `u.d("x", "x")`.

    Args:
        names: The coordinates.
        get: Gives the derivative of an index, shape (batch,).

    Example:
        >>> import torch
        >>> u = Field(("x", "t"), lambda index: torch.tensor([float(len(index))]))
        >>> u.value, u.xx, u.d("t")
        (tensor([0.]), tensor([2.]), tensor([1.]))
    """

    def __init__(self, names: Sequence[str], get: Callable[[Index], Tensor]) -> None:
        self._names, self._get = tuple(names), get

    @property
    def value(self) -> Tensor:
        """The unknown itself."""
        return self._get(())

    def d(self, *coordinates: str) -> Tensor:
        """Derivative in these coordinates, one after the other.

        Raises:
            UnknownName: there is no such coordinate.
        """
        for name in coordinates:
            if name not in self._names:
                raise unknown_name("Field", "coordinate", name, self._names)
        return self._get(tuple(sorted(self._names.index(name) for name in coordinates)))

    @property
    def laplacian(self) -> Tensor:
        """Sum of the second derivatives in all coordinates but `t`."""
        space = [name for name in self._names if name != "t"]
        total = self.d(space[0], space[0])
        for name in space[1:]:
            total = total + self.d(name, name)
        return total

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._names:
            return self.d(name)
        if all(letter in self._names for letter in name):
            return self.d(*name)
        raise AttributeError(
            f"a field has value, d(...), laplacian and derivatives such as "
            f"{', '.join((n, n + n)[len(n) == 1] for n in self._names)}; got {name!r}."
        )


class Points:
    """The points of a batch: coordinates and unknown coefficients by name, each of shape (batch,).

    Args:
        x: Shape (batch, coordinates).
        names: The coordinates.
        coefficients: Values of the unknown coefficients at the points.

    Example:
        >>> import torch
        >>> at = Points(torch.tensor([[1.0, 2.0]]), ("x", "t"))
        >>> at.t, at["x"]
        (tensor([2.]), tensor([1.]))
    """

    def __init__(
        self, x: Tensor, names: Sequence[str], coefficients: Mapping[str, Tensor] | None = None
    ) -> None:
        self._x, self._names, self._coefficients = x, tuple(names), dict(coefficients or {})

    @property
    def names(self) -> tuple[str, ...]:
        """The coordinates."""
        return self._names

    def __getitem__(self, name: str) -> Tensor:
        if name in self._coefficients:
            return self._coefficients[name]
        if name not in self._names:
            raise unknown_name("Points", "name", name, (*self._names, *self._coefficients))
        return self._x[:, self._names.index(name)]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in (*self._names, *self._coefficients):
            raise AttributeError(
                f"points have {', '.join((*self._names, *self._coefficients))}; got {name!r}."
            )
        return self[name]


def per_point(value: Tensor, batch: int, whose: str) -> Tensor:
    """Values of a user's function, one to each point.

    Args:
        value: Of shape (batch,), or one number for all points.
        batch: Number of points.
        whose: For the error: who must give them.

    Raises:
        ShapeError: it has another shape, which would be broadcast against the points.

    Example:
        >>> import torch
        >>> per_point(torch.tensor(2.0), 3, "Equation: a residual")
        tensor([2., 2., 2.])
    """
    if value.shape not in ((), (1,), (batch,)):
        raise ShapeError(
            f"{whose} must give one number to each of {batch} points, shape ({batch},); got shape "
            f"{tuple(value.shape)}. Coordinates and fields have no second dimension."
        )
    return value.expand(batch)
