"""The damped linear problem: all ways agree with the stacked least-squares problem solved by torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgewise.optim.damped_least_squares import CGLS, QR, Damped, NormalEquations, TruncatedSVD
from edgewise.optim.jacobian import DenseJacobian, SparseRows

WAYS = ["qr", "cholesky", "cg", "svd"]


def problem(rows: int = 30, columns: int = 8) -> tuple[Tensor, Tensor, Tensor]:
    """A Jacobian with a repeated and an empty column, residuals, and scales."""
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
    matrix[:, 3] = matrix[:, 2]
    matrix[:, 5] = 0
    residual = torch.randn(rows, generator=generator, dtype=torch.float64)
    return matrix, residual, torch.linspace(0.5, 2, columns, dtype=torch.float64)


def prepared(way: str, matrix: Tensor, residual: Tensor, root: Tensor) -> Damped:
    if way == "qr":
        return QR(matrix, residual, root)
    if way == "cholesky":
        return NormalEquations(DenseJacobian(matrix), residual, root)
    if way == "svd":
        return TruncatedSVD(matrix, residual, root)
    return CGLS(DenseJacobian(matrix), residual, root, iterations=200, tolerance=1e-12)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("damping", [1e-6, 1.0])
@pytest.mark.parametrize("rows", [30, 5])
def test_the_step_solves_the_stacked_problem(way: str, damping: float, rows: int) -> None:
    matrix, residual, root = problem(rows)
    stacked = torch.cat([matrix, damping**0.5 * torch.diag(root)])
    target = torch.cat([-residual, torch.zeros(8, dtype=torch.float64)])
    expected = torch.linalg.lstsq(stacked, target[:, None]).solution[:, 0]
    step = prepared(way, matrix, residual, root).solve(damping)
    assert step is not None
    torch.testing.assert_close(step.delta, expected, rtol=1e-6, atol=1e-8)
    image = residual + matrix @ expected
    model = float(residual.dot(residual) - image.dot(image))
    assert step.predicted == pytest.approx(model, rel=1e-6)


@pytest.mark.parametrize("way", ["qr", "cholesky"])
def test_a_metric_may_be_a_triangle(way: str) -> None:
    matrix, residual, root = problem()
    diagonal = prepared(way, matrix, residual, root).solve(0.1)
    triangle = prepared(way, matrix, residual, torch.diag(root)).solve(0.1)
    assert diagonal is not None
    assert triangle is not None
    torch.testing.assert_close(diagonal.delta, triangle.delta)


def test_directions_that_change_nothing_stay_with_hardly_any_damping() -> None:
    matrix, residual, root = problem()
    step = TruncatedSVD(matrix, residual, root).solve(1e-14)
    assert step is not None
    assert float(step.delta[5]) == pytest.approx(0.0, abs=1e-12)
    # of two equal columns the step is the shortest one, in the metric
    pulls = step.delta * root**2
    assert float(pulls[2]) == pytest.approx(float(pulls[3]), rel=1e-6)


def test_a_matrix_that_is_not_positive_gives_no_step() -> None:
    matrix, residual, root = problem()
    assert NormalEquations(DenseJacobian(matrix), residual, root).solve(0.0) is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", [30, 5])
def test_another_residual_is_solved_with_the_same_damping(way: str, rows: int) -> None:
    matrix, residual, root = problem(rows)
    first, other = prepared(way, matrix, residual, root), residual.flip(0)
    assert first.solve(0.1) is not None
    expected = prepared(way, matrix, other, root).solve(0.1)
    assert expected is not None
    torch.testing.assert_close(first.solve_rhs(other), expected.delta, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("sparse", [False, True])
def test_blocks_along_the_diagonal_spare_products(sparse: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    matrix = torch.zeros(400, 200, dtype=torch.float64)
    for block in range(4):
        part = slice(100 * block, 100 * block + 100), slice(50 * block, 50 * block + 50)
        matrix[part] = torch.randn(100, 50, generator=generator, dtype=torch.float64) @ torch.diag(
            torch.logspace(-4, 0, 50, dtype=torch.float64)
        )
    matrix[:, 30] += 1e-3
    residual = torch.randn(400, generator=generator, dtype=torch.float64)
    columns = torch.arange(200).expand(400, 200)
    jacobian = SparseRows(columns, matrix, 200) if sparse else DenseJacobian(matrix)
    root = torch.ones(200, dtype=torch.float64)
    exact = NormalEquations(DenseJacobian(matrix), residual, root).solve(1e-10)
    found = CGLS(jacobian, residual, root, iterations=60, tolerance=1e-8).solve(1e-10)
    assert exact is not None
    assert found is not None
    torch.testing.assert_close(found.delta, exact.delta, rtol=1e-4, atol=1e-4)
