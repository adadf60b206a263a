"""A fit as least squares: the value is the weighted mean square, the Jacobian that of the residuals."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.optim import LevenbergMarquardt
from edgewise.optim.jacobian import as_jacobian
from edgewise.train.objective import residuals
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.residuals import FitResiduals


def samples() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x, y, w = (torch.rand(30, c, generator=generator, dtype=torch.float64) for c in (2, 2, 1))
    return x, y, w[:, 0]


@pytest.mark.parametrize("weighted", [False, True])
def test_the_squares_sum_to_the_mean_square(weighted: bool) -> None:
    x, y, w = samples()
    model = build([2, 2], dtype=torch.float64)
    errors = FitResiduals(model, x, y, w if weighted else None)
    expected = float(as_loss("mse")(model(x), y, w if weighted else None).detach())
    assert errors.loss(errors.residual(errors.read_from_model())) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("grid", [3, 200])
def test_the_jacobian_is_that_of_the_residuals(grid: int) -> None:
    x, y, w = samples()
    errors = FitResiduals(build([2, 2], grid=grid, dtype=torch.float64), x, y, w, roughness_weight=1e-2)
    start = errors.read_from_model()
    along = torch.randn(len(start), dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = (errors.residual(start + along) - errors.residual(start - along)) / 2  # one layer is linear
    torch.testing.assert_close(as_jacobian(errors.jacobian(start)).times(along), expected)


def test_products_are_those_of_the_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, w = samples()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    errors = FitResiduals(model, x, y, w)
    matrix = as_jacobian(errors.jacobian(errors.read_from_model()))
    monkeypatch.setattr(residuals, "_MOST_DENSE", 3)
    products = as_jacobian(errors.jacobian(errors.read_from_model()))
    right, left = torch.ones(matrix.shape[1]).double(), torch.ones(matrix.shape[0]).double()
    torch.testing.assert_close(products.times(right), matrix.times(right))
    torch.testing.assert_close(products.transposed_times(left), matrix.transposed_times(left))
    start = errors.read_from_model()
    state = LevenbergMarquardt().minimise(errors.problem, start, steps=5)
    assert state.value < 0.9 * errors.loss(errors.residual(start))


def test_large_networks_go_by_products(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, _ = samples()
    errors = FitResiduals(build([2, 3, 2], dtype=torch.float64), x, y, roughness_weight=1e-3)
    matrix = as_jacobian(errors.jacobian(errors.read_from_model())).times(
        torch.ones(len(errors.read_from_model())).double()
    )
    monkeypatch.setattr(residuals, "_MOST_DENSE", 3)
    monkeypatch.setattr(residuals, "_MOST_ENTRIES", 3)
    products = as_jacobian(errors.jacobian(errors.read_from_model()))
    assert not hasattr(products, "gram")
    found = products.times(torch.ones(len(errors.read_from_model())).double())
    torch.testing.assert_close(found, matrix)


def test_roughness_holds_what_no_sample_reaches() -> None:
    x = torch.cat([torch.linspace(-1, -0.3, 60), torch.linspace(0.3, 1, 60)]).double()[:, None]
    model = build([1, 1], grid=40, dtype=torch.float64, seed=1)
    errors = FitResiduals(model, x, (2 * x).sin())
    errors.write_to_model(LevenbergMarquardt().minimise(errors.problem, errors.read_from_model()).x)
    gap = torch.linspace(-0.3, 0.3, 50).double()[:, None]
    torch.testing.assert_close(model(gap).detach(), (2 * gap).sin(), rtol=0, atol=2e-2)


def test_single_precision_is_trained_to_its_digits() -> None:
    x = torch.linspace(-1, 1, 100)[:, None]
    model = build([1, 1], grid=20)
    errors = FitResiduals(model, x, x.sin())
    errors.write_to_model(LevenbergMarquardt().minimise(errors.problem, errors.read_from_model()).x)
    assert float((model(x) - x.sin()).detach().abs().max()) < 1e-5


def test_negative_weights_are_refused() -> None:
    x, y, w = samples()
    with pytest.raises(InputError, match="negative"):
        FitResiduals(build([2, 2], dtype=torch.float64), x, y, -w)


def test_undone_changes_leave_the_rows_of_roughness_as_they_were() -> None:
    model = build([2, 3, 1], seed=0, dtype=torch.float64)
    x = torch.rand(40, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    errors = FitResiduals(model, x, x[:, :1] * x[:, 1:])
    start, solver = errors.read_from_model(), LevenbergMarquardt()
    expected = solver.step(errors.problem, solver.start(errors.problem, start))
    kept = [layer.basis.knots.clone() for layer in model.layers]
    for layer in model.layers:
        layer.basis.knots.mul_(1.5)
    errors.write_to_model(2 * start)
    errors.refresh()
    for layer, knots in zip(model.layers, kept, strict=True):
        layer.basis.knots.copy_(knots)
    errors.write_to_model(start)
    errors.undo_refresh()
    again = solver.step(errors.problem, solver.start(errors.problem, start))
    assert again.value == expected.value
    assert torch.equal(again.x, expected.x)
