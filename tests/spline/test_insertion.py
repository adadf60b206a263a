"""Knot insertion changes no value: inside, at the ends and beyond them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline, insert

from edgewise.errors import InputError, ShapeError
from edgewise.spline.evaluate import domain, spline_edges
from edgewise.spline.insertion import insert_knots, is_nested
from edgewise.spline.knots import inner_knots, pad_knots, subdivided_knots, uniform_knots

F64 = torch.float64


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def make_spline(degree: int, inputs: int = 3, grid: int = 6, unevenness: float = 1.0):
    """Knots whose widest cell is about 1 + unevenness times the narrowest, and coefficients."""
    widths = 1 + unevenness * torch.rand(inputs, grid, generator=seeded(degree), dtype=F64).round(decimals=1)
    inner = torch.cat([torch.zeros(inputs, 1, dtype=F64), widths.cumsum(1)], dim=1)
    knots = pad_knots(inner / inner[:, -1:] * 2 - 1, degree)
    coef = torch.randn(inputs, grid + degree, 2, generator=seeded(degree + 10), dtype=F64)
    return knots, coef


def with_random_knots(knots: torch.Tensor, degree: int, count: int = 5) -> torch.Tensor:
    low, high = domain(knots, degree)
    extra = low + (high - low) * torch.rand(count, knots.shape[0], generator=seeded(7), dtype=F64)
    return pad_knots(torch.cat([inner_knots(knots, degree), extra.T], dim=1).sort(dim=1).values, degree)


def change(coef, knots, new_coef, new_knots, degree) -> float:
    """Largest relative change of values over the domain, the ends, and as far again outside."""
    low, high = domain(knots, degree)
    x = low + (high - low) * torch.linspace(-1, 2, 1201, dtype=F64)[:, None]
    x = torch.cat([x, low[None], high[None], inner_knots(knots, degree).T])
    before, after = spline_edges(x, knots, coef, degree), spline_edges(x, new_knots, new_coef, degree)
    return float((after - before).abs().max() / before.abs().max())


@pytest.mark.parametrize("unevenness", [0.0, 1.0, 100.0])
@pytest.mark.parametrize("degree", range(7))
def test_insertion_changes_no_value(degree, unevenness):
    knots, coef = make_spline(degree, unevenness=unevenness)
    for new_knots in (
        subdivided_knots(knots, degree, 12),
        subdivided_knots(knots, degree, 30),
        with_random_knots(knots, degree),
    ):
        assert is_nested(knots, new_knots, degree)
        new_coef = insert_knots(coef, knots, new_knots, degree)
        assert new_coef.shape == (3, new_knots.shape[1] - degree - 1, 2)
        assert change(coef, knots, new_coef, new_knots, degree) <= 1e-13


@pytest.mark.parametrize("degree", range(1, 7))
def test_derivatives_and_integral_stay(degree):
    knots, coef = make_spline(degree)
    new_knots = subdivided_knots(knots, degree, 18)
    new_coef = insert_knots(coef, knots, new_knots, degree)
    x = torch.linspace(-0.99, 0.99, 101, dtype=F64)[:, None].expand(-1, 3)
    for order in range(1, degree):
        before = spline_edges(x, knots, coef, degree, order=order)
        after = spline_edges(x, new_knots, new_coef, degree, order=order)
        assert (after - before).abs().max() <= 1e-14 * 50**order * coef.abs().max()
    old, new = (
        BSpline(k[0].numpy(), c[0, :, 0].numpy(), degree) for k, c in ((knots, coef), (new_knots, new_coef))
    )
    assert old.integrate(-1, 1) == pytest.approx(new.integrate(-1, 1), rel=1e-12)


@pytest.mark.parametrize("degree", range(1, 6))
def test_coefficients_are_those_of_scipy(degree):
    knots, coef = make_spline(degree, inputs=1)
    # SciPy inserts between the knots it has, so the padding stays as it was.
    tck = (knots[0].numpy(), np.append(coef[0, :, 0].numpy(), np.zeros(degree + 1)), degree)
    for place in (-0.7, 0.13, 0.6):
        tck = insert(place, tck)
    new_knots = torch.from_numpy(tck[0])[None]
    got = insert_knots(coef[..., :1], knots, new_knots, degree)[0, :, 0]
    np.testing.assert_allclose(got.numpy(), tck[1][: len(got)], rtol=0, atol=1e-13 * float(coef.abs().max()))


@pytest.mark.parametrize("degree", range(1, 7))
def test_other_padding_only_moves_coefficients(degree):
    knots, coef = make_spline(degree)
    low, high = knots[:, degree, None], knots[:, -degree - 1, None]
    wider = knots.clone()
    wider[:, :degree] = low + 3 * (knots[:, :degree] - low)
    wider[:, -degree:] = high + 0.2 * (knots[:, -degree:] - high)
    clamped = knots.clone()
    clamped[:, :degree], clamped[:, -degree:] = low, high
    for new_knots in (wider, clamped):
        new_coef = insert_knots(coef, knots, new_knots, degree)
        assert change(coef, knots, new_coef, new_knots, degree) <= 1e-13
        back = insert_knots(new_coef, new_knots, knots, degree)
        torch.testing.assert_close(back, coef, rtol=0, atol=1e-9)


def test_same_knots_give_the_same_bits():
    knots, coef = make_spline(3)
    got = insert_knots(coef, knots, knots.clone(), 3)
    assert torch.equal(got, coef)
    assert got.data_ptr() != coef.data_ptr()


@given(
    st.integers(0, 6), st.integers(1, 6), st.lists(st.floats(0.01, 0.99), min_size=0, max_size=6, unique=True)
)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_insertion_anywhere(degree, grid, places):
    knots, coef = make_spline(degree, inputs=1, grid=grid)
    inner = inner_knots(knots, degree)
    new = torch.cat([inner, 2 * torch.tensor([places], dtype=F64) - 1], dim=1).unique(dim=1)
    new_knots = pad_knots(new.sort(dim=1).values, degree)
    new_coef = insert_knots(coef, knots, new_knots, degree)
    assert change(coef, knots, new_coef, new_knots, degree) <= 1e-12


def test_float32_changes_by_rounding_only():
    knots, coef = make_spline(3)
    knots, coef = knots.float(), coef.float()
    new_knots = subdivided_knots(knots, 3, 60)
    got = insert_knots(coef, knots, new_knots, 3)
    assert got.dtype == torch.float32
    assert change(coef.double(), knots.double(), got.double(), new_knots.double(), 3) <= 1e-6


def test_repeated_knots():
    knots = torch.tensor([[0.0, 0.0, 0.0, 1.0, 1.0, 3.0, 3.0, 3.0]], dtype=F64)
    coef = torch.randn(1, 5, 2, generator=seeded(), dtype=F64)
    new_knots = torch.tensor([[0.0, 0.0, 0.0, 0.4, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0]], dtype=F64)
    assert change(coef, knots, insert_knots(coef, knots, new_knots, 2), new_knots, 2) <= 1e-13
    once = torch.tensor([[0.0, 0.0, 0.0, 0.4, 1.0, 2.0, 3.0, 3.0, 3.0]], dtype=F64)
    assert not is_nested(knots, once, 2)


def test_gradient_flows_to_the_coefficients():
    knots, coef = make_spline(2)
    new_knots = subdivided_knots(knots, 2, 12)
    assert torch.autograd.gradcheck(lambda c: insert_knots(c, knots, new_knots, 2), coef.requires_grad_())


def test_is_nested_judges_inner_knots_and_domain():
    low, high = torch.tensor([-1.0]), torch.tensor([1.0])
    knots = uniform_knots(low, high, 4, 3)
    assert is_nested(knots, uniform_knots(low, high, 8, 3), 3)
    assert not is_nested(knots, uniform_knots(low, high, 6, 3), 3)
    assert not is_nested(knots, uniform_knots(low, high, 2, 3), 3)
    assert not is_nested(knots, uniform_knots(2 * low, 2 * high, 8, 3), 3)
    third = uniform_knots(low, high, 3, 3)
    shaken = third * (1 + 1e-7)
    assert is_nested(third, shaken, 3)
    assert not is_nested(third.double(), shaken.double(), 3)


def test_one_row_out_of_line_is_enough():
    knots = uniform_knots(torch.zeros(2), torch.ones(2), 4, 3)
    new_knots = subdivided_knots(knots, 3, 8)
    new_knots[1, 5] += 0.01
    assert not is_nested(knots, new_knots, 3)


def test_refusals():
    knots, coef = make_spline(3)
    with pytest.raises(InputError, match="project"):
        insert_knots(coef, knots, subdivided_knots(knots, 3, 7), 3)
    with pytest.raises(ShapeError, match="coef"):
        insert_knots(coef[:, :-1], knots, subdivided_knots(knots, 3, 12), 3)
    with pytest.raises(ShapeError, match="rows"):
        is_nested(knots, knots[:1], 3)
