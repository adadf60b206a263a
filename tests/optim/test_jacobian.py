"""Jacobians: every form gives the products of the dense matrix."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgewise.errors import ShapeError
from edgewise.optim.jacobian import DenseJacobian, SparseRows, as_jacobian


def rows(parameters: int, entries: int = 3) -> tuple[SparseRows, Tensor]:
    generator = torch.Generator().manual_seed(0)
    columns = torch.randint(0, parameters, (20, entries), generator=generator)
    values = torch.randn(20, entries, generator=generator, dtype=torch.float64)
    dense = torch.zeros(20, parameters, dtype=torch.float64)
    for row in range(20):
        for column, value in zip(columns[row].tolist(), values[row], strict=True):
            dense[row, column] += value
    return SparseRows(columns, values, parameters), dense


@pytest.mark.parametrize("parameters", [4, 200])
def test_sparse_rows_are_the_matrix_with_their_zeros(parameters: int) -> None:
    sparse, dense = rows(parameters)
    generator = torch.Generator().manual_seed(1)
    right = torch.randn(parameters, generator=generator, dtype=torch.float64)
    left = torch.randn(20, generator=generator, dtype=torch.float64)
    assert sparse.shape == dense.shape
    torch.testing.assert_close(sparse.dense(), dense)
    torch.testing.assert_close(sparse.times(right), dense @ right)
    torch.testing.assert_close(sparse.transposed_times(left), dense.T @ left)
    torch.testing.assert_close(sparse.gram(), dense.T @ dense)
    for jacobian in (sparse, DenseJacobian(dense)):
        blocks = torch.block_diag(*jacobian.block_grams(3))[:parameters, :parameters]
        inside = torch.arange(parameters) // 3
        torch.testing.assert_close(blocks, torch.where(inside[:, None] == inside, dense.T @ dense, 0.0))


def test_a_matrix_is_wrapped_and_the_rest_left_alone() -> None:
    sparse, dense = rows(4)
    assert isinstance(as_jacobian(dense), DenseJacobian)
    assert as_jacobian(sparse) is sparse


def test_columns_without_values_are_refused() -> None:
    with pytest.raises(ShapeError, match="one shape"):
        SparseRows(torch.zeros(2, 3, dtype=torch.long), torch.zeros(2, 2), 5)
