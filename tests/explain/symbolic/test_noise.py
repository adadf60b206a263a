"""`estimate_noise`: near to the noise that was added, whatever else the network has not learnt."""

import math

import pytest
import torch

from edgewise.errors import ShapeError
from edgewise.explain.symbolic.noise import estimate_noise
from edgewise.network import build
from edgewise.train import fit


def waves(x):
    return torch.sin(3 * x).sum(1, keepdim=True)


def product(x):
    return torch.sin(4 * x[:, :1]) * x[:, -1:] + x.sum(1, keepdim=True)


def fitted(function, columns, count, noise, *, grid=5, lattice=0, tilt=0.0, dtype=torch.float64):
    """A network fitted to half of the samples, both halves, and the noise that is in them."""
    generator = torch.Generator().manual_seed(7)
    x = 2 * torch.rand(2 * count, columns, generator=generator, dtype=torch.float64) - 1
    x = (lattice * x).round() / lattice if lattice else x
    error = torch.randn(2 * count, 1, generator=generator, dtype=torch.float64) * (1 + tilt * x[:, :1])
    y = function(x) + noise * error
    x, y = x.to(dtype), y.to(dtype)
    model = build([columns, 1], grid=grid, seed=0, dtype=dtype)
    fit(model, (x[:count], y[:count]), steps=15, progress=False)
    halves = (x[:count], y[:count], x[count:], y[count:])
    return model.double(), halves, noise * float(error.square().mean().sqrt())


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
@pytest.mark.parametrize("noise", [0.01, 0.3])
def test_the_noise_is_found_with_and_without_held_out_samples(columns, noise):
    model, (x, y, x_test, y_test), truth = fitted(waves, columns, 400, noise)
    assert estimate_noise(model, x, y).item() == pytest.approx(truth, rel=0.15)
    held_out = (model(x_test) - y_test).square().mean().sqrt().item()
    found = estimate_noise(model, x, y, x_test, y_test).item()
    assert found == pytest.approx(truth, rel=0.15)
    assert found <= held_out


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_of_the_targets_are_those_of_the_noise(scale):
    model, (x, y, x_test, y_test), _ = fitted(waves, 2, 300, 0.1)
    found = estimate_noise(model, x, y, x_test, y_test).item()
    with torch.no_grad():
        model.layers[0].nodes.node_scale *= scale
        model.layers[0].nodes.node_bias *= scale
    scaled = estimate_noise(model, x, scale * y, x_test, scale * y_test).item()
    assert scaled == pytest.approx(scale * found, rel=1e-9)


def test_noise_that_grows_along_a_column_counts_by_its_mean_square():
    model, halves, truth = fitted(waves, 2, 500, 0.1, tilt=1.0)
    assert estimate_noise(model, *halves).item() == pytest.approx(truth, rel=0.15)


def test_what_a_network_has_not_learnt_is_no_noise():
    model, halves, _ = fitted(product, 2, 600, 0.0)
    left = (model(halves[2]) - halves[3]).square().mean().sqrt().item()
    assert left > 0.3
    assert estimate_noise(model, *halves).item() < 0.02 * left
    model, halves, truth = fitted(product, 2, 600, 0.1)
    assert estimate_noise(model, *halves).item() == pytest.approx(truth, rel=0.15)


def test_data_without_noise_have_none():
    model, halves, _ = fitted(lambda x: torch.exp(2 * x) * torch.cos(9 * x), 1, 400, 0.0, grid=3)
    left = (model(halves[2]) - halves[3]).square().mean().sqrt().item()
    assert left > 0.05
    assert estimate_noise(model, *halves).item() < 5e-3 * left


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_equal_inputs_tell_the_noise_by_themselves(noise):
    model, halves, truth = fitted(product, 2, 400, noise, lattice=4)
    assert estimate_noise(model, *halves).item() == pytest.approx(truth, rel=0.1, abs=1e-14)


def test_few_samples_give_an_estimate_too():
    model, halves, truth = fitted(lambda x: x**2, 1, 20, 0.2, grid=3)
    assert truth / 2 < estimate_noise(model, *halves).item() < 1.5 * truth
    assert truth / 2 < estimate_noise(model, *halves[:2]).item() < 1.5 * truth


def test_float32_targets_have_the_noise_of_their_rounding_at_least():
    model, (x, y, _, _), _ = fitted(
        lambda x: 1000 + torch.sin(3 * x), 1, 300, 0.0, grid=20, dtype=torch.float32
    )
    assert 1e-4 <= estimate_noise(model, x, y).item() < 0.1
    model, halves, truth = fitted(waves, 1, 300, 0.1, dtype=torch.float32)
    assert estimate_noise(model, *halves).item() == pytest.approx(truth, rel=0.15)


def test_unused_and_constant_columns_do_not_count():
    _, (x, y, x_test, y_test), truth = fitted(waves, 1, 400, 0.1)
    still = torch.ones_like(x)
    wide = build([2, 1], seed=0, dtype=torch.float64)
    fit(wide, (torch.cat([x, still], 1), y), steps=15, progress=False)
    found = estimate_noise(wide, torch.cat([x, still], 1), y, torch.cat([x_test, still], 1), y_test)
    assert found.item() == pytest.approx(truth, rel=0.15)


def test_each_output_has_its_own():
    x = torch.linspace(-1, 1, 400, dtype=torch.float64)[:, None]
    error = torch.randn(400, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = torch.cat([x, x**2], 1) + error * torch.tensor([0.5, 0.01], dtype=torch.float64)
    found = estimate_noise(build([1, 2], seed=0, dtype=torch.float64), x, y)
    assert found.shape == (2,)
    assert found.tolist() == pytest.approx([0.5, 0.01], rel=0.2)


def test_targets_that_are_no_matrix_are_refused():
    with pytest.raises(ShapeError, match="estimate_noise: y must be a matrix"):
        estimate_noise(build([1, 1]), torch.zeros(3, 1), torch.zeros(3))
    assert math.isfinite(estimate_noise(build([1, 1]), torch.rand(30, 1), torch.zeros(30, 1)).item())


@pytest.mark.parametrize("seed", range(20))
def test_of_many_estimates_on_few_rows_a_low_one_is_chance(seed):
    draw = torch.Generator().manual_seed(seed)
    x, y = (torch.randn(300, columns, generator=draw, dtype=torch.float64) for columns in (4, 1))
    model = build([4, 1], seed=0, dtype=torch.float64)
    with torch.no_grad():
        y = model(x) + y
    found = float(estimate_noise(model, x[:240], y[:240], x[240:], y[240:]))
    assert 0.75 < found < 1.3


def test_columns_that_do_not_matter_do_not_keep_neighbours_apart():
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(600, 6, generator=generator, dtype=torch.float64) - 1
    y = (torch.sin(2 * x[:, :2]).sum(1) + torch.sin(3 * x[:, 0] * x[:, 1]))[:, None]
    model = build([6, 1], grid=4, seed=0, dtype=torch.float64)
    fit(model, (x, y), steps=20, progress=False)
    with torch.no_grad():
        left = (model(x) - y).square().mean().sqrt()
    assert float(estimate_noise(model, x, y)) < 0.25 * float(left)


@pytest.mark.parametrize("noise", [0.02, 0.2])
def test_held_out_samples_without_noise_do_not_hide_that_of_the_training_samples(noise):
    x, generator = torch.linspace(-1, 1, 400, dtype=torch.float64)[:, None], torch.Generator().manual_seed(0)
    y = torch.sin(3 * x) + noise * torch.randn(400, 1, generator=generator, dtype=torch.float64)
    model = build([1, 1], grid=5, dtype=torch.float64)
    fit(model, (x, y), steps=20, progress=False)
    assert float(estimate_noise(model, x, y, x, torch.sin(3 * x))) == pytest.approx(noise, rel=0.1)
