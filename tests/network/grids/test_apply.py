"""`update_grid` on data of every kind: outputs stay and all is finite, or the error is clear."""

from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import Network, build, update_grid
from edgewise.testing import check_quiet, state_bits


def uniform(rows, seed=0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.rand(rows, 2, generator=generator, dtype=torch.float64) - 1


def moved(x: torch.Tensor, **settings) -> tuple[Network, float]:
    """Update a network's grid on `x`, check that all is finite, and give the change of its outputs."""
    model = build([2, 4, 1], dtype=x.dtype, init="paper", **settings)
    with torch.no_grad():
        before = model(x)
    residual = check_quiet(lambda: update_grid(model, x))
    points = x.clone().requires_grad_()
    after = model(points)
    after.sum().backward()
    assert residual >= 0
    assert after.isfinite().all()
    assert points.grad.isfinite().all()
    assert all(value.grad is None or value.grad.isfinite().all() for value in model.parameters())
    assert all(bool((layer.basis.knots.diff() > 0).all()) for layer in model.layers)
    return model, float((after.detach() - before).abs().max())


def test_update_grid_on_a_thousand_samples_keeps_the_outputs():
    model, change = moved(uniform(1000), grid=10)
    assert change < 5e-2
    low, high = model.layers[0].basis.knots[:, 3], model.layers[0].basis.knots[:, -4]
    x = uniform(1000)
    torch.testing.assert_close(low, x.amin(0))
    torch.testing.assert_close(high, x.amax(0))


def test_update_grid_on_eight_samples_keeps_the_outputs():
    assert moved(uniform(8))[1] < 1e-3


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("value", [0.0, 0.3, 1e6, -1e-9])
def test_update_grid_with_a_constant_column_keeps_the_outputs(column, value):
    x = uniform(300)
    x[:, column] = value
    model, change = moved(x, grid=10)
    assert change < 5e-2 * max(1.0, abs(value))
    assert torch.equal(
        model.layers[0].basis.knots[column], build([2, 1], grid=10, dtype=x.dtype).layers[0].basis.knots[0]
    )


def test_update_grid_on_constant_data_changes_nothing():
    assert moved(torch.full((50, 2), 0.25, dtype=torch.float64))[1] == 0


@pytest.mark.parametrize("grid", [3, 5, 20])
def test_update_grid_on_binary_data_keeps_the_outputs(grid):
    assert moved((uniform(200) > 0).to(torch.float64), grid=grid)[1] < 1e-6


def test_update_grid_on_duplicated_rows_keeps_the_outputs():
    assert moved(uniform(4).repeat(100, 1), grid=10)[1] < 1e-6


def test_update_grid_on_a_column_that_is_almost_always_the_same():
    x = uniform(500)
    x[1:, 0] = 0.5
    assert moved(x, grid=8)[1] < 5e-2


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_update_grid_on_a_handful_of_samples_keeps_the_outputs(rows):
    assert moved(uniform(rows), grid=10)[1] < 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e3, 1e12])
def test_update_grid_on_data_of_any_scale_is_finite(scale, dtype):
    moved((uniform(100) * scale).to(dtype))


def test_update_grid_makes_a_bfloat16_copy_that_is_finite_on_binary_data():
    x = (uniform(100) > 0.9).to(torch.float32)
    model, _ = moved(x, grid=20)
    assert model.to(torch.bfloat16)(x.to(torch.bfloat16)).isfinite().all()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_update_grid_on_nan_is_refused_by_the_name_of_the_column_and_changes_nothing(value):
    x = uniform(50)
    x[7, 1] = value
    model = build([2, 4, 1], dtype=torch.float64, input_names=["length", "mass"])
    before = state_bits(model)
    with pytest.raises(InputError, match=r"update_grid: x must be finite.*column mass"):
        update_grid(model, x)
    assert state_bits(model) == before


def test_update_grid_that_fails_in_a_deeper_layer_changes_nothing():
    model = build([2, 4, 1], dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.scale_base.fill_(1e308)
    before = state_bits(model)
    with pytest.raises(InputError, match="finite"):
        update_grid(model, 4 + uniform(50))
    assert state_bits(model) == before


def test_update_grid_on_no_samples_is_refused():
    with pytest.raises(InputError, match="update_grid: x must hold at least one sample"):
        update_grid(build([2, 1]), torch.zeros(0, 2))


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_update_grid_to_wider_data_keeps_what_the_extrapolation_gave(extrapolation):
    x = 3 * uniform(2000)
    x[:, 1] = x[:, 0]
    # A single layer with a fine grid: what is left is the error of the projection alone.
    model = build([2, 1], grid=60, k=1, dtype=torch.float64, extrapolation=extrapolation, init="paper")
    coarse = torch.linspace(-1, 1, 61, dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.copy_(torch.cos(torch.pi * coarse)[None, :, None].expand(2, -1, 1))
        before = model(x)
        update_grid(model, x)
        # The "decay" rule drops to 0 within one cell, which no spline on these knots can follow.
        inside = (x.abs() < 0.8).all(1) | (x.abs() > 1.3).all(1)
        change = (model(x) - before)[inside].abs().max()
    assert float(change) < 0.1


def test_update_grid_without_grid_eps_is_uniform():
    x = uniform(400) ** 3
    model = build([2, 1], grid=8, grid_eps=1.0, dtype=torch.float64)
    update_grid(model, x)
    steps = model.layers[0].basis.knots.diff()
    torch.testing.assert_close(steps, steps.mean(1, keepdim=True).expand_as(steps))


def test_update_grid_brings_the_share_out_of_range_to_zero():
    model, x = build([2, 3, 1], dtype=torch.float64), 3 * uniform(500)
    spline = model.layers[0].basis
    share = (x.abs() > 1).double().mean(0)
    torch.testing.assert_close(spline.out_of_range(x), share)
    update_grid(model, x)
    assert spline.out_of_range(x).tolist() == [0.0, 0.0]


def test_update_grid_keeps_the_optimiser_s_parameters():
    model = build([2, 3, 1], dtype=torch.float64)
    parameters = [id(value) for value in model.parameters()]
    update_grid(model, uniform(50))
    assert [id(value) for value in model.parameters()] == parameters


def test_update_grid_takes_leading_dimensions():
    model, again = build([2, 3, 1], dtype=torch.float64), build([2, 3, 1], dtype=torch.float64)
    x = uniform(60)
    assert update_grid(model, x) == update_grid(again, x.reshape(3, 20, 2))
    assert state_bits(model) == state_bits(again)
