"""Knot vectors: always strictly increasing, finite, and where they were asked to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import InputError, ShapeError
from edgewise.spline.knots import adaptive_knots, inner_knots, pad_knots, subdivided_knots, uniform_knots

F64 = torch.float64


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = F64) -> torch.Tensor:
    return torch.randn(*shape, generator=seeded(seed), dtype=dtype)


def assert_sound(knots: torch.Tensor, inputs: int, grid: int, degree: int) -> None:
    assert knots.shape == (inputs, grid + 1 + 2 * degree)
    assert knots.isfinite().all()
    assert (knots.diff(dim=1) > 0).all()


@pytest.mark.parametrize("degree", range(7))
def test_padding_has_the_mean_spacing_of_the_row(degree):
    inner = torch.tensor([[0.0, 1.0, 4.0], [-2.0, -1.0, 0.0]], dtype=F64)
    knots = pad_knots(inner, degree)
    assert_sound(knots, 2, 2, degree)
    assert torch.equal(inner_knots(knots, degree), inner)
    steps = knots.diff(dim=1)
    padding = torch.cat([steps[:, :degree], steps[:, 2 + degree :]], dim=1)
    spacing = torch.tensor([[2.0], [1.0]], dtype=F64)
    assert torch.equal(padding, spacing.expand(2, 2 * degree))


def test_padding_rises_even_where_the_dtype_is_coarse():
    low = torch.tensor([1023.9], dtype=torch.float32)
    inner = torch.stack([low, torch.nextafter(low, low + 1)], dim=1)
    assert_sound(pad_knots(inner, 5), 1, 1, 5)
    assert_sound(pad_knots(-inner.flip(1), 5), 1, 1, 5)


def test_padding_refuses_knots_that_do_not_rise():
    with pytest.raises(InputError, match="row 1"):
        pad_knots(torch.tensor([[0.0, 1.0], [1.0, 1.0]]), 3)
    with pytest.raises(InputError, match="row 0"):
        pad_knots(torch.tensor([[0.0, torch.nan]]), 3)
    with pytest.raises(ShapeError, match="grid"):
        pad_knots(torch.tensor([[0.0]]), 3)
    with pytest.raises(InputError, match="degree"):
        pad_knots(torch.tensor([[0.0, 1.0]]), -1)


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_uniform_knots_divide_evenly_and_keep_the_ends(dtype):
    low, high = torch.tensor([-1.0, 0.1], dtype=dtype), torch.tensor([1.0, 0.7], dtype=dtype)
    knots = uniform_knots(low, high, 7, 3)
    assert_sound(knots, 2, 7, 3)
    assert knots.dtype == dtype
    inner = inner_knots(knots, 3)
    assert torch.equal(inner[:, 0], low)
    assert torch.equal(inner[:, -1], high)
    spacing = (high - low)[:, None] / 7
    torch.testing.assert_close(knots.diff(dim=1), spacing.expand(2, 13), rtol=1e-5, atol=0)


@pytest.mark.parametrize(
    ("low", "high"), [(1.0, 1.0), (1.0, 0.0), (0.0, torch.nan), (0.0, torch.inf), (1000.0, 1000.0001)]
)
def test_uniform_knots_refuse_empty_intervals(low, high):
    with pytest.raises(InputError, match="input 1"):
        uniform_knots(torch.tensor([0.0, low]), torch.tensor([1.0, high]), 5, 3)


def test_uniform_knots_check_shapes_and_grid():
    with pytest.raises(ShapeError):
        uniform_knots(torch.zeros(2), torch.ones(3), 5, 3)
    with pytest.raises(InputError, match="grid"):
        uniform_knots(torch.zeros(2), torch.ones(2), 0, 3)


def test_adaptive_knots_blend_quantiles_and_equal_steps():
    x = normal(1000, 3)
    share = 0.3
    knots = inner_knots(adaptive_knots(x, 8, 3, grid_eps=share), 3)
    places = torch.linspace(0, 1, 9, dtype=F64)
    quantiles = x.quantile(places, dim=0).T
    low, high = quantiles[:, :1], quantiles[:, -1:]
    wanted = share * (low + (high - low) * places) + (1 - share) * quantiles
    torch.testing.assert_close(knots, wanted, rtol=1e-13, atol=1e-13)
    assert torch.equal(knots[:, 0], x.amin(0))
    assert torch.equal(knots[:, -1], x.amax(0))


def test_adaptive_knots_with_share_one_are_uniform():
    x = normal(50, 2)
    wanted = uniform_knots(x.amin(0), x.amax(0), 5, 3)
    torch.testing.assert_close(adaptive_knots(x, 5, 3, grid_eps=1.0), wanted, rtol=1e-14, atol=1e-14)


COLUMNS = {
    "binary": torch.tensor([0.0, 1.0] * 20),
    "rare": torch.tensor([0.0] * 39 + [1.0]),
    "three values": torch.tensor([1.0, 2.0, 2.0, 3.0] * 10),
    "one far": torch.cat([torch.linspace(0, 1, 39), torch.tensor([1e6])]),
    "large": 1000 + torch.linspace(0, 1, 40),
    "tiny": torch.linspace(0, 1e-30, 40),
    "rounded to few": 1000 + torch.linspace(0, 0.1, 40),
}


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@pytest.mark.parametrize("eps", [0.0, 0.02, 1.0])
@pytest.mark.parametrize("name", COLUMNS)
def test_cells_are_never_narrower_than_a_hundredth_of_the_mean(name, eps, dtype):
    x = COLUMNS[name].to(dtype)[:, None]
    knots = adaptive_knots(x, 10, 3, grid_eps=eps)
    assert_sound(knots, 1, 10, 3)
    inner = inner_knots(knots, 3)
    assert float(inner[0, 0]) == float(x.min())
    assert float(inner[0, -1]) == float(x.max())
    assert inner.diff(dim=1).min() >= 0.0095 * (x.max() - x.min()) / 10


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@pytest.mark.parametrize("value", [0.0, -3.5, 1000.0, 1e30, 1e-30])
@pytest.mark.parametrize("count", [1, 40])
def test_a_column_without_spread_keeps_its_knots(value, count, dtype):
    x = torch.stack([torch.full((count,), value), torch.linspace(0, 1, count)], dim=1).to(dtype)
    before = uniform_knots(torch.tensor([-1.0, -1.0]), torch.tensor([2.0, 1.0]), 6, 3).to(dtype)
    knots = adaptive_knots(x, 6, 3, previous=before)
    assert_sound(knots, 2, 6, 3)
    assert torch.equal(knots[0], before[0])
    assert torch.equal(knots[1], before[1]) == (count == 1)


def test_a_range_below_the_dtype_counts_as_no_spread():
    x = (1000 + 1e-9 * torch.linspace(0, 1, 40, dtype=F64))[:, None]
    before = uniform_knots(torch.tensor([999.0]), torch.tensor([1001.0]), 5, 3)
    assert torch.equal(adaptive_knots(x.float(), 5, 3, previous=before), before)
    few_steps = torch.tensor([[1000.0], [1000.0001], [1000.0002]])
    assert torch.equal(adaptive_knots(few_steps, 5, 3, previous=before), before)
    fine = adaptive_knots(x, 5, 3, previous=before.double())
    assert_sound(fine, 1, 5, 3)
    assert float(inner_knots(fine, 3)[0, 0]) == 1000.0


def test_kept_knots_are_subdivided_to_the_new_grid():
    x = torch.full((4, 1), 0.5)
    before = uniform_knots(torch.tensor([-1.0]), torch.tensor([1.0]), 3, 2)
    assert torch.equal(adaptive_knots(x, 6, 2, previous=before), subdivided_knots(before, 2, 6))
    assert torch.equal(adaptive_knots(x[:0], 6, 2, previous=before), subdivided_knots(before, 2, 6))


@pytest.mark.parametrize("value", [0.0, -2.0, 1e6, 1e20])
def test_a_column_without_spread_and_knots_gets_an_interval_about_it(value):
    knots = adaptive_knots(torch.full((3, 1), value), 5, 3)
    assert_sound(knots, 1, 5, 3)
    inner = inner_knots(knots, 3)
    assert float(inner[0, 0]) < value < float(inner[0, -1])
    if abs(value) < 10:
        assert float(inner[0, -1] - inner[0, 0]) == 1.0


def test_adaptive_knots_name_the_bad_column():
    for bad in (torch.nan, torch.inf, -torch.inf):
        x = normal(20, 3)
        x[5, 2] = bad
        with pytest.raises(InputError, match="column 2"):
            adaptive_knots(x, 5, 3)


def test_adaptive_knots_check_arguments():
    with pytest.raises(ShapeError):
        adaptive_knots(torch.zeros(3), 5, 3)
    with pytest.raises(ShapeError, match="previous"):
        adaptive_knots(torch.zeros(3, 2), 5, 3, previous=torch.arange(12.0)[None])
    with pytest.raises(InputError, match="row"):
        adaptive_knots(torch.zeros(0, 2), 5, 3)
    with pytest.raises(InputError, match="grid_eps"):
        adaptive_knots(torch.zeros(3, 2), 5, 3, grid_eps=1.5)
    with pytest.raises(InputError, match="grid"):
        adaptive_knots(torch.zeros(3, 2), 0, 3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_gives_float32_knots(dtype):
    x = normal(100, 2).to(dtype)
    knots = adaptive_knots(x, 20, 3)
    assert knots.dtype == torch.float32
    assert_sound(knots, 2, 20, 3)
    assert torch.equal(knots, adaptive_knots(x.float(), 20, 3))


def test_adaptive_knots_ignore_the_order_of_samples_and_carry_no_gradient():
    x = normal(64, 2).requires_grad_()
    knots = adaptive_knots(x, 5, 3)
    assert not knots.requires_grad
    assert torch.equal(knots, adaptive_knots(x[torch.randperm(64, generator=seeded())], 5, 3))


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=12),
    st.integers(1, 12),
    st.integers(0, 6),
    st.floats(0, 1),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_adaptive_knots_are_sound_for_any_few_samples(values, grid, degree, eps):
    assert_sound(adaptive_knots(torch.tensor(values)[:, None], grid, degree, grid_eps=eps), 1, grid, degree)


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@pytest.mark.parametrize("multiple", [1, 2, 3, 7])
def test_subdivision_keeps_the_old_knots_to_the_last_bit(multiple, dtype):
    before = adaptive_knots(normal(100, 3, dtype=dtype), 5, 3)
    after = subdivided_knots(before, 3, 5 * multiple)
    assert_sound(after, 3, 5 * multiple, 3)
    assert torch.equal(inner_knots(after, 3)[:, ::multiple], inner_knots(before, 3))
    if multiple == 1:
        assert torch.equal(after, before)


@pytest.mark.parametrize("grid", [1, 3, 8])
def test_subdivision_takes_equal_steps_of_the_index(grid):
    before = adaptive_knots(normal(100, 2), 5, 3)
    after = inner_knots(subdivided_knots(before, 3, grid), 3).numpy()
    for old, new in zip(inner_knots(before, 3).numpy(), after, strict=True):
        wanted = np.interp(np.linspace(0, 5, grid + 1), np.arange(6), old)
        np.testing.assert_allclose(new, wanted, rtol=1e-13, atol=1e-13)


def test_subdivision_refuses_cells_finer_than_the_dtype():
    before = uniform_knots(torch.tensor([1000.0]), torch.tensor([1000.01]), 5, 3)
    with pytest.raises(InputError, match="float32"):
        subdivided_knots(before, 3, 1000)
