"""Least squares: exact where it can be, safe everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import make_lsq_spline

from edgewise.errors import InputError, ShapeError
from edgewise.spline import least_squares
from edgewise.spline.evaluate import basis, domain, spline_edges
from edgewise.spline.knots import adaptive_knots, inner_knots, pad_knots, subdivided_knots, uniform_knots
from edgewise.spline.refit import fit_coef, project

F64 = torch.float64


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uniform_samples(*shape: int, seed: int = 0) -> torch.Tensor:
    return 2 * torch.rand(*shape, generator=seeded(seed), dtype=F64) - 1


def unit_knots(inputs: int, grid: int, degree: int) -> torch.Tensor:
    return uniform_knots(-torch.ones(inputs, dtype=F64), torch.ones(inputs, dtype=F64), grid, degree)


def rms(values: torch.Tensor) -> torch.Tensor:
    return values.square().mean(0).sqrt()


@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("degree", range(7))
def test_a_spline_is_found_again(degree, adaptive):
    x = uniform_samples(500, 2)
    knots = adaptive_knots(x, 8, degree) if adaptive else unit_knots(2, 8, degree)
    coef = torch.randn(2, 8 + degree, 3, generator=seeded(1), dtype=F64)
    y = spline_edges(x, knots, coef, degree)
    fit = fit_coef(x, y, knots, degree)
    assert fit.residual.shape == (2, 3)
    assert fit.residual.max() <= 1e-12
    torch.testing.assert_close(fit.coef, coef, rtol=0, atol=1e-11 * 10**degree)


@pytest.mark.parametrize("degree", range(6))
def test_the_fit_is_the_least_squares_fit_of_scipy(degree):
    x = uniform_samples(300, 1).sort(dim=0).values
    y = torch.sin(5 * x) + 0.1 * torch.randn(x.shape, generator=seeded(2), dtype=F64)
    knots = unit_knots(1, 6, degree)
    # SciPy wants every sample inside its own knots, so it gets ends repeated: the same space of splines.
    clamped = np.concatenate([[-1.0] * degree, inner_knots(knots, degree)[0].numpy(), [1.0] * degree])
    wanted = make_lsq_spline(x[:, 0].numpy(), y[:, 0].numpy(), clamped, k=degree)(x[:, 0].numpy())
    fit = fit_coef(x, y[..., None], knots, degree)
    got = spline_edges(x, knots, fit.coef, degree)[:, 0, 0].numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-8)
    assert float(fit.residual) == pytest.approx(
        float(np.sqrt(np.mean((wanted - y[:, 0].numpy()) ** 2))), rel=1e-10
    )


def test_float32_in_float32_out():
    x = uniform_samples(400, 2).float()
    knots = unit_knots(2, 5, 3).float()
    fit = fit_coef(x, torch.sin(x)[..., None], knots, 3)
    assert fit.coef.dtype == fit.residual.dtype == torch.float32
    assert (spline_edges(x, knots, fit.coef, 3)[..., 0] - torch.sin(x)).abs().max() <= 1e-4
    half = fit_coef(x.bfloat16(), torch.sin(x)[..., None].bfloat16(), knots, 3)
    assert half.coef.dtype == torch.bfloat16


HARD = {
    "none": torch.zeros(0),
    "one": torch.tensor([0.3]),
    "fewer than coefficients": torch.tensor([-0.9, 0.1, 0.15, 0.8]),
    "repeated": torch.tensor([0.5] * 10 + [-0.2] * 10),
    "constant": torch.full((30,), 0.25),
    "binary": torch.tensor([0.0, 1.0] * 10),
    "one corner": torch.linspace(0.9, 1.0, 50),
    "at the ends": torch.tensor([-1.0, 1.0]),
    "outside": torch.tensor([-5.0, 0.0, 3.0, 100.0]),
    "nearly equal": 0.3 + 1e-9 * torch.linspace(0, 1, 20, dtype=F64),
}


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 5, 6])
@pytest.mark.parametrize("name", HARD)
def test_any_samples_give_a_finite_and_tame_spline(name, degree):
    x = HARD[name].to(F64)[:, None]
    y = (0.5 + 0.3 * x.clamp(-1, 1))[..., None]
    knots = unit_knots(1, 10, degree)
    fit = fit_coef(x, y, knots, degree)
    assert fit.coef.isfinite().all()
    assert fit.residual.isfinite().all()
    wide = torch.linspace(-1, 1, 200, dtype=F64)[:, None]
    assert spline_edges(wide, knots, fit.coef, degree).abs().max() <= 3
    if name not in ("outside", "none", "nearly equal") and degree > 0:
        limit = 1e-5 if name != "one corner" else 1e-3
        assert float(fit.residual) <= limit


@pytest.mark.parametrize("degree", [0, 1, 3, 5])
def test_no_sample_gives_the_prior_and_one_sample_a_level_spline(degree):
    knots = unit_knots(2, 6, degree)
    prior = torch.randn(2, 6 + degree, 2, generator=seeded(3), dtype=F64)
    fit = fit_coef(torch.zeros(0, 2, dtype=F64), torch.zeros(0, 2, 2, dtype=F64), knots, degree, prior=prior)
    torch.testing.assert_close(fit.coef, prior, rtol=0, atol=1e-14)
    assert not fit.residual.any()
    level = fit_coef(torch.full((1, 2), 0.3, dtype=F64), torch.full((1, 2, 2), 4.0, dtype=F64), knots, degree)
    everywhere = spline_edges(
        torch.linspace(-1, 1, 50, dtype=F64)[:, None].expand(-1, 2), knots, level.coef, degree
    )
    torch.testing.assert_close(everywhere, torch.full_like(everywhere, 4.0), rtol=1e-3, atol=0)


def test_without_data_nearby_the_prior_keeps_its_shape():
    degree = 3
    knots = unit_knots(1, 20, degree)
    prior = torch.randn(1, 23, 1, generator=seeded(4), dtype=F64)
    x = uniform_samples(200, 1).abs()
    fit = fit_coef(x, spline_edges(x, knots, prior, degree) + 1, knots, degree, prior=prior)
    there = torch.linspace(-1, 0, 100, dtype=F64)[:, None]
    shift = spline_edges(there, knots, fit.coef - prior, degree)
    # The correction found where the data are goes on level.
    torch.testing.assert_close(shift, torch.ones_like(shift), rtol=1e-3, atol=0)


@given(st.lists(st.floats(-1, 1), min_size=0, max_size=15), st.integers(0, 6), st.integers(1, 10))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_any_few_samples_are_safe(values, degree, grid):
    x = torch.tensor(values, dtype=F64)[:, None]
    fit = fit_coef(x, torch.sin(3 * x)[..., None], unit_knots(1, grid, degree), degree)
    assert fit.coef.isfinite().all()
    assert (fit.residual <= 1.0).all()


def test_inputs_are_fitted_independently_and_blocks_change_nothing(monkeypatch):
    x = uniform_samples(300, 4)
    y = torch.sin(3 * x)[..., None] * torch.tensor([1.0, 2.0], dtype=F64)
    knots = adaptive_knots(x, 7, 3)
    whole = fit_coef(x, y, knots, 3)
    moved = project(whole.coef, knots, adaptive_knots(x[:50], 7, 3), 3, x)
    for column in range(4):
        alone = fit_coef(x[:, [column]], y[:, [column]], knots[[column]], 3)
        torch.testing.assert_close(alone.coef[0], whole.coef[column], rtol=1e-11, atol=1e-11)
    monkeypatch.setattr(least_squares, "BLOCK", 500)
    monkeypatch.setattr("edgewise.spline.refit.BLOCK", 500)
    pieces = fit_coef(x, y, knots, 3)
    torch.testing.assert_close(pieces.coef, whole.coef, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(pieces.residual, whole.residual, rtol=1e-9, atol=1e-14)
    again = project(whole.coef, knots, adaptive_knots(x[:50], 7, 3), 3, x)
    torch.testing.assert_close(again.coef, moved.coef, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(again.residual, moved.residual, rtol=1e-9, atol=1e-14)


def test_same_data_same_bits_and_no_gradient():
    x = uniform_samples(100, 2).requires_grad_()
    knots = unit_knots(2, 5, 3)
    first, second = (fit_coef(x, torch.sin(x)[..., None], knots, 3) for _ in range(2))
    assert torch.equal(first.coef, second.coef)
    assert not first.coef.requires_grad


def test_bad_values_are_named_by_column():
    knots = unit_knots(3, 5, 3)
    x = uniform_samples(20, 3)
    y = torch.sin(x)[..., None]
    for bad in (torch.nan, torch.inf):
        with pytest.raises(InputError, match=r"x must be finite.*column 2"):
            fit_coef(x.index_fill(1, torch.tensor(2), bad), y, knots, 3)
        with pytest.raises(InputError, match=r"y must be finite.*column 1"):
            fit_coef(x, y.index_fill(1, torch.tensor(1), bad), knots, 3)
    with pytest.raises(InputError, match="column 0"):
        fit_coef(x.index_fill(1, torch.tensor(0), 1e300), y, knots, 3)


def test_shapes_are_checked():
    knots = unit_knots(3, 5, 3)
    x = uniform_samples(20, 3)
    y = torch.sin(x)[..., None]
    with pytest.raises(ShapeError, match="x must"):
        fit_coef(x[:, :2], y, knots, 3)
    with pytest.raises(ShapeError, match="y must"):
        fit_coef(x, y[:10], knots, 3)
    with pytest.raises(ShapeError, match="prior must"):
        fit_coef(x, y, knots, 3, prior=torch.zeros(3, 5, 1))
    with pytest.raises(ShapeError, match="x must"):
        project(torch.zeros(3, 8, 1), knots, knots, 3, x[:, :2])


@pytest.mark.parametrize("degree", range(7))
def test_projection_to_nested_knots_is_exact(degree):
    knots = unit_knots(2, 4, degree)
    coef = torch.randn(2, 4 + degree, 3, generator=seeded(5), dtype=F64)
    new_knots = subdivided_knots(knots, degree, 12)
    moved = project(coef, knots, new_knots, degree)
    assert not moved.residual.any()
    x = torch.linspace(-3, 3, 301, dtype=F64)[:, None].expand(-1, 2)
    before, after = spline_edges(x, knots, coef, degree), spline_edges(x, new_knots, moved.coef, degree)
    assert (after - before).abs().max() <= 1e-13 * before.abs().max()


def smooth_spline(degree: int, grid: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    knots = unit_knots(2, grid, degree)
    x = uniform_samples(2000, 2, seed=6)
    return knots, fit_coef(x, torch.stack([torch.sin(3 * x), x**2], dim=2), knots, degree).coef


@pytest.mark.parametrize("degree", [2, 3, 4, 5])
@pytest.mark.parametrize("shape", ["normal", "uniform"])
def test_projection_follows_a_smooth_spline_and_reports_its_residual(degree, shape):
    knots, coef = smooth_spline(degree)
    x = uniform_samples(1000, 2)
    if shape == "normal":
        x = 0.4 * torch.randn(1000, 2, generator=seeded(7), dtype=F64)
    new_knots = adaptive_knots(x, 12, degree)
    moved = project(coef, knots, new_knots, degree, x)
    left = spline_edges(x, new_knots, moved.coef, degree) - spline_edges(x, knots, coef, degree)
    torch.testing.assert_close(moved.residual, rms(left), rtol=1e-8, atol=1e-12)
    for column in range(2):
        values = basis(x, new_knots, degree)[:, column].numpy()
        wanted = spline_edges(x, knots, coef, degree)[:, column].numpy()
        best = wanted - values @ np.linalg.lstsq(values, wanted)[0]
        assert (moved.residual[column].numpy() <= 1.05 * np.sqrt(np.mean(best**2, axis=0)) + 1e-12).all()
    low, high = domain(new_knots, degree)
    wide = low + (high - low) * torch.linspace(0, 1, 500, dtype=F64)[:, None]
    far = spline_edges(wide, new_knots, moved.coef, degree) - spline_edges(wide, knots, coef, degree)
    assert far.abs().max() <= 0.3


@pytest.mark.parametrize("degree", [1, 3])
def test_where_there_are_no_data_projection_follows_the_old_spline_and_its_extrapolation(degree):
    knots, coef = smooth_spline(degree, grid=20)
    x = uniform_samples(500, 2) / 4
    new_knots = pad_knots(torch.linspace(-1.7, 2.1, 80, dtype=F64)[None].repeat(2, 1), degree)
    moved = project(coef, knots, new_knots, degree, x)
    wide = torch.linspace(-3, 4, 600, dtype=F64)[:, None].expand(-1, 2)
    far = spline_edges(wide, new_knots, moved.coef, degree) - spline_edges(wide, knots, coef, degree)
    assert far.abs().max() <= 2e-2
    assert moved.residual.max() <= 2e-3


def test_projection_without_samples_reports_the_error_over_the_domain():
    knots, coef = smooth_spline(3)
    new_knots = subdivided_knots(knots, 3, 5)
    moved = project(coef, knots, new_knots, 3)
    x = torch.linspace(-1, 1, 20001, dtype=F64)[:, None].expand(-1, 2)
    left = spline_edges(x, new_knots, moved.coef, 3) - spline_edges(x, knots, coef, 3)
    torch.testing.assert_close(moved.residual, rms(left), rtol=0.05, atol=1e-12)
    empty = project(coef, knots, new_knots, 3, torch.zeros(0, 2, dtype=F64))
    assert torch.equal(empty.coef, moved.coef)


@pytest.mark.parametrize("name", [name for name in HARD if name != "none"])
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_projection_is_safe_for_any_samples(name, degree):
    knots, coef = smooth_spline(degree)
    x = HARD[name].to(F64)[:, None].repeat(1, 2)
    new_knots = adaptive_knots(x, 12, degree, previous=knots)
    moved = project(coef, knots, new_knots, degree, x)
    assert moved.coef.isfinite().all()
    scale = spline_edges(x, knots, coef, degree).abs().amax(0).clamp(min=1)
    assert (moved.residual / scale).max() <= (1e-5 if degree else 0.2)


@pytest.mark.parametrize("rule", ["decay", "constant", "periodic", "error"])
def test_projection_knows_other_extrapolations(rule):
    knots, coef = smooth_spline(3)
    new_knots = uniform_knots(torch.full((2,), -1.5, dtype=F64), torch.full((2,), 1.5, dtype=F64), 60, 3)
    moved = project(coef, knots, new_knots, 3, uniform_samples(500, 2), extrapolation=rule)
    x = torch.tensor([[-1.25], [1.3]], dtype=F64).expand(-1, 2)
    asked = "linear" if rule == "error" else rule
    wanted = spline_edges(x, knots, coef, 3, extrapolation=asked)
    torch.testing.assert_close(spline_edges(x, new_knots, moved.coef, 3), wanted, rtol=0, atol=0.02)


def test_projection_refuses_bad_values():
    knots, coef = smooth_spline(3)
    new_knots = subdivided_knots(knots, 3, 7)
    with pytest.raises(InputError, match=r"x must be finite.*column 1"):
        project(coef, knots, new_knots, 3, torch.tensor([[0.0, torch.nan]]))
    with pytest.raises(InputError, match=r"coef must be finite.*column 0"):
        project(coef.index_fill(0, torch.tensor(0), torch.nan), knots, new_knots, 3)
