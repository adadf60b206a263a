"""Jacobians as the solvers see them: a dense matrix, rows of few non-zeros, or only its two products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor
from torch.nn.functional import pad

from ..errors import ShapeError


class Jacobian(Protocol):
    """A matrix (residuals, parameters) known by its products with vectors."""

    @property
    def shape(self) -> tuple[int, int]:
        """Residuals and parameters."""
        ...

    def times(self, vector: Tensor) -> Tensor:
        """J v, from (parameters,) to (residuals,)."""
        ...

    def transposed_times(self, vector: Tensor) -> Tensor:
        """J' u, from (residuals,) to (parameters,)."""
        ...


@dataclass(frozen=True)
class DenseJacobian:
    """A dense matrix.

    Args:
        matrix: Shape (residuals, parameters).

    Example:
        >>> import torch
        >>> DenseJacobian(torch.eye(2)).times(torch.tensor([1.0, 2.0]))
        tensor([1., 2.])
    """

    matrix: Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """Residuals and parameters."""
        return self.matrix.shape[0], self.matrix.shape[1]

    def times(self, vector: Tensor) -> Tensor:
        """J v."""
        return self.matrix @ vector

    def transposed_times(self, vector: Tensor) -> Tensor:
        """J' u."""
        return self.matrix.T @ vector

    def gram(self) -> Tensor:
        """J' J, shape (parameters, parameters)."""
        return self.matrix.T @ self.matrix

    def block_grams(self, width: int) -> Tensor:
        """Blocks of J' J along its diagonal, shape (blocks, width, width); the last one ends in zeros."""
        return sum(_blocks(part, width) for part in self.matrix.split(_ROWS))  # type: ignore[return-value]

    def dense(self) -> Tensor:
        """The matrix itself."""
        return self.matrix


@dataclass(frozen=True)
class SparseRows:
    """A matrix with the same small number of stored entries in every row; repeated columns add up.

    A spline edge gives `k + 1` of them to a sample, whatever its grid.

    Args:
        columns: Where the entries are, int64, shape (residuals, entries).
        values: What they are, same shape.
        parameters: Number of columns.

    Example:
        >>> import torch
        >>> rows = SparseRows(torch.tensor([[0, 2]]), torch.tensor([[1.0, 3.0]]), 3)
        >>> rows.dense()
        tensor([[1., 0., 3.]])
    """

    columns: Tensor
    values: Tensor
    parameters: int

    def __post_init__(self) -> None:
        """Check the shapes."""
        if self.columns.shape != self.values.shape or self.columns.ndim != 2:
            raise ShapeError(
                f"SparseRows: columns and values must be matrices of one shape; got {tuple(self.columns.shape)} "
                f"and {tuple(self.values.shape)}. Give one column to each value."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Residuals and parameters."""
        return self.values.shape[0], self.parameters

    def times(self, vector: Tensor) -> Tensor:
        """J v."""
        return (self.values * vector[self.columns]).sum(1)

    def transposed_times(self, vector: Tensor) -> Tensor:
        """J' u."""
        result = self.values.new_zeros(self.parameters)
        return result.index_add_(0, self.columns.flatten(), (self.values * vector[:, None]).flatten())

    def gram(self) -> Tensor:
        """J' J, shape (parameters, parameters), by the cheaper of two ways."""
        residuals, entries = self.values.shape
        if entries**2 * _SCATTER_COST > self.parameters**2:
            dense = self.dense()
            return dense.T @ dense
        result = self.values.new_zeros(self.parameters**2)
        block = max(1, _BLOCK // entries**2)
        for start in range(0, residuals, block):
            columns, values = self.columns[start : start + block], self.values[start : start + block]
            places = columns[:, :, None] * self.parameters + columns[:, None, :]
            result.index_add_(0, places.flatten(), (values[:, :, None] * values[:, None, :]).flatten())
        return result.view(self.parameters, self.parameters)

    def block_grams(self, width: int) -> Tensor:
        """Blocks of J' J along its diagonal, shape (blocks, width, width); the last one ends in zeros."""
        parts = zip(self.columns.split(_ROWS), self.values.split(_ROWS), strict=True)
        dense = (SparseRows(columns, values, self.parameters).dense() for columns, values in parts)
        return sum(_blocks(part, width) for part in dense)  # type: ignore[return-value]

    def dense(self) -> Tensor:
        """The matrix with its zeros."""
        residuals, _ = self.values.shape
        matrix = self.values.new_zeros(residuals, self.parameters)
        return matrix.scatter_add_(1, self.columns, self.values)


@dataclass(frozen=True)
class JacobianOperator:
    """A matrix that is never written down.

    Args:
        shape: Residuals and parameters.
        times: v -> J v.
        transposed_times: u -> J' u.
    """

    shape: tuple[int, int]
    times: Callable[[Tensor], Tensor]
    transposed_times: Callable[[Tensor], Tensor]


_SCATTER_COST = 300
"""Multiply-adds of a matrix product in the time of one scattered addition."""

_BLOCK = 2**22


_ROWS = 1000
"""Rows that are written out at a time for the blocks."""


def _blocks(matrix: Tensor, width: int) -> Tensor:
    rows, columns = matrix.shape
    count = -(-columns // width)
    side_by_side = pad(matrix, (0, count * width - columns)).view(rows, count, width).transpose(0, 1)
    return side_by_side.transpose(1, 2) @ side_by_side


def as_jacobian(given: Tensor | Jacobian) -> Jacobian:
    """A dense matrix in its wrapping; anything else as it is.

    Example:
        >>> import torch
        >>> as_jacobian(torch.eye(3)).shape
        (3, 3)
    """
    return DenseJacobian(given) if isinstance(given, Tensor) else given
