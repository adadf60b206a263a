"""Splines against SciPy, and their derivatives of every kind."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline

from edgewise.errors import InputError
from edgewise.spline.evaluate import basis, domain, out_of_range, spline_edges, spline_sum

DEGREES = range(7)
KINDS = ["uniform", "random", "clamped"]
F64 = torch.float64


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def make_knots(kind: str, degree: int, inputs: int = 2, grid: int = 5) -> torch.Tensor:
    steps = torch.ones(inputs, grid + 2 * degree, dtype=F64)
    if kind != "uniform":
        steps = torch.rand(steps.shape, generator=seeded(degree), dtype=F64) + 0.2
    knots = torch.cat([torch.zeros(inputs, 1, dtype=F64), steps.cumsum(1)], dim=1) - 3
    if kind == "clamped" and degree:
        knots[:, :degree] = knots[:, degree, None]
        knots[:, -degree:] = knots[:, -degree - 1, None]
    return knots


def make_coef(knots: torch.Tensor, degree: int, out: int = 3) -> torch.Tensor:
    size = knots.shape[1] - degree - 1
    return torch.randn(knots.shape[0], size, out, generator=seeded(1), dtype=F64)


def make_points(knots: torch.Tensor, degree: int, count: int = 200) -> torch.Tensor:
    """Points inside, on every knot of the domain, and at both ends, shape (batch, in)."""
    low, high = domain(knots, degree)
    inside = low + (high - low) * torch.rand(count, knots.shape[0], generator=seeded(2), dtype=F64)
    on_knots = knots[:, degree : knots.shape[1] - degree].T
    return torch.cat([inside, on_knots, low[None], high[None]])


def scipy_edges(
    x: torch.Tensor, knots: torch.Tensor, coef: torch.Tensor, degree: int, order: int = 0
) -> torch.Tensor:
    """The derivative of each edge by SciPy; beyond the ends SciPy continues the polynomial."""
    edges = []
    for row, values, points in zip(knots, coef, x.T, strict=True):
        wanted = BSpline(row.numpy(), values.numpy(), degree)(points.numpy(), nu=order)
        edges.append(torch.from_numpy(np.asarray(wanted)))
    return torch.stack(edges, dim=1)


def assert_near(got: torch.Tensor, wanted: torch.Tensor, tolerance: float = 1e-13) -> None:
    assert got.shape == wanted.shape
    scale = wanted.abs().amax().clamp(min=1e-300)
    assert float((got - wanted).abs().amax() / scale) <= tolerance or torch.equal(got, wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degree", DEGREES)
def test_values_and_derivatives_are_those_of_scipy_on_the_domain(degree, kind):
    knots = make_knots(kind, degree)
    coef = make_coef(knots, degree)
    x = make_points(knots, degree)
    for order in range(degree + 2):
        wanted = scipy_edges(x, knots, coef, degree, order)
        assert_near(spline_edges(x, knots, coef, degree, order=order), wanted)
        assert_near(spline_sum(x, knots, coef, degree, order=order), wanted.sum(1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degree", DEGREES)
def test_basis_is_that_of_scipy(degree, kind):
    knots = make_knots(kind, degree)
    x = make_points(knots, degree)
    got = basis(x, knots, degree)
    for row in range(knots.shape[0]):
        wanted = BSpline.design_matrix(x[:, row].numpy(), knots[row].numpy(), degree).toarray()
        assert_near(got[:, row], torch.from_numpy(wanted))


@given(
    st.integers(0, 6),
    st.integers(1, 8),
    st.lists(st.floats(0.01, 10), min_size=20, max_size=20),
    st.floats(0, 1),
)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_basis_is_positive_and_sums_to_one(degree, grid, steps, place):
    knots = torch.tensor([steps[: grid + 2 * degree + 1]], dtype=F64).cumsum(1)
    low, high = domain(knots, degree)
    values = basis((low + place * (high - low))[None], knots, degree)
    assert float(values.min()) >= -1e-15
    assert float(values.sum()) == pytest.approx(1, abs=1e-14)
    assert int((values != 0).sum()) <= degree + 1


def beyond(knots: torch.Tensor, degree: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Points below and above the domain, and the end nearest to each."""
    low, high = domain(knots, degree)
    away = torch.tensor([[1e-3], [0.5], [3.0], [40.0]], dtype=F64)
    return torch.cat([low - away, high + away]), away, torch.cat([low.expand(4, -1), high.expand(4, -1)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degree", DEGREES)
def test_linear_extrapolation_keeps_value_and_slope_of_the_end(degree, kind):
    knots = make_knots(kind, degree)
    coef = make_coef(knots, degree)
    x, _, end = beyond(knots, degree)
    value, slope = (scipy_edges(end, knots, coef, degree, order) for order in (0, 1))
    wanted = [value + slope * (x - end)[..., None], slope, *[torch.zeros_like(slope)] * degree]
    for order, edges in enumerate(wanted):
        assert_near(spline_edges(x, knots, coef, degree, order=order), edges)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degree", DEGREES)
def test_constant_extrapolation_keeps_the_value_of_the_end(degree, kind):
    knots = make_knots(kind, degree)
    coef = make_coef(knots, degree)
    x, _, end = beyond(knots, degree)
    assert_near(
        spline_edges(x, knots, coef, degree, extrapolation="constant"), scipy_edges(end, knots, coef, degree)
    )
    for order in range(1, degree + 2):
        got = spline_edges(x, knots, coef, degree, order=order, extrapolation="constant")
        assert torch.equal(got, torch.zeros_like(got))


@pytest.mark.parametrize("kind", ["uniform", "random"])
@pytest.mark.parametrize("degree", DEGREES)
def test_decay_is_the_spline_with_zero_coefficients_all_around(degree, kind):
    knots = make_knots(kind, degree)
    coef = make_coef(knots, degree)
    steps = torch.arange(1.0, degree + 2, dtype=F64)
    longer = torch.cat([knots[:, :1] - steps.flip(0), knots, knots[:, -1:] + steps], dim=1)
    zeros = coef.new_zeros(coef.shape[0], degree + 1, coef.shape[2])
    padded = torch.cat([zeros, coef, zeros], dim=1)
    # Uneven points: at order = degree the pieces jump at the outermost knots, where either side may be taken.
    span = knots[:, -1] - knots[:, 0]
    x = knots[:, 0] - 0.3 + (span + 0.6) * torch.rand(300, knots.shape[0], generator=seeded(3), dtype=F64)
    x = torch.cat([x, knots[:, 1:-1].T])
    for order in range(degree + 1):
        wanted = scipy_edges(x, longer, padded, degree, order)
        assert_near(spline_edges(x, knots, coef, degree, order=order, extrapolation="decay"), wanted)
    far = torch.full((1, knots.shape[0]), 1e4, dtype=F64)
    for point in (far, -far):
        assert not spline_edges(point, knots, coef, degree, extrapolation="decay").any()


@pytest.mark.parametrize("degree", DEGREES[1:])
def test_decay_with_repeated_end_knots_is_zero_outside(degree):
    knots = make_knots("clamped", degree)
    coef = make_coef(knots, degree)
    inside = make_points(knots, degree)
    got = spline_edges(inside, knots, coef, degree, extrapolation="decay")
    assert_near(got, scipy_edges(inside, knots, coef, degree))
    outside, _, _ = beyond(knots, degree)
    assert not spline_edges(outside, knots, coef, degree, extrapolation="decay").any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("degree", DEGREES)
def test_periodic_repeats_the_domain(degree, kind):
    knots = make_knots(kind, degree)
    coef = make_coef(knots, degree)
    low, high = domain(knots, degree)
    inside = (low + (high - low) * torch.rand(100, knots.shape[0], generator=seeded(4), dtype=F64))[None]
    turns = torch.tensor([-3.0, -1.0, 0.0, 1.0, 2.0], dtype=F64)[:, None, None]
    x = inside + turns * (high - low)
    for order in range(degree + 1):
        # Coming back from other turns costs the points some digits, which each derivative magnifies.
        back = low + torch.remainder(x - low, high - low)
        wanted = scipy_edges(back.flatten(0, 1), knots, coef, degree, order).unflatten(0, x.shape[:2])
        assert_near(spline_edges(x, knots, coef, degree, order=order, extrapolation="periodic"), wanted)


def test_periodic_wraps_like_the_point_inside():
    knots = make_knots("random", 3)
    coef = make_coef(knots, 3)
    low, high = domain(knots, 3)
    inside = low + (high - low) * torch.rand(100, 2, generator=seeded(5), dtype=F64)
    there = spline_edges(inside + 2 * (high - low), knots, coef, 3, extrapolation="periodic")
    assert_near(there, spline_edges(inside, knots, coef, 3), 1e-12)


def test_error_extrapolation_names_the_column():
    knots = make_knots("uniform", 3)
    x = make_points(knots, 3)
    inside = basis(x, knots, 3, extrapolation="error")
    assert torch.equal(inside, basis(x, knots, 3))
    x[7, 1] = 100.0
    with pytest.raises(InputError, match="column 1"):
        basis(x, knots, 3, extrapolation="error")


def test_unknown_extrapolation_is_refused():
    knots = make_knots("uniform", 3)
    with pytest.raises(InputError, match="linear"):
        basis(make_points(knots, 3), knots, 3, extrapolation="liner")


def test_domain_and_share_out_of_range():
    knots = make_knots("random", 3)
    low, high = domain(knots, 3)
    assert torch.equal(low, knots[:, 3])
    assert torch.equal(high, knots[:, -4])
    x = torch.stack([low - 1, low, (low + high) / 2, high])
    assert out_of_range(x, knots, 3).tolist() == [0.25, 0.25]
    assert out_of_range(x.reshape(2, 2, 2), knots, 3).tolist() == [0.25, 0.25]
    assert out_of_range(x[:0], knots, 3).tolist() == [0, 0]


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("order", range(3))
def test_gradients_in_points_and_coefficients(order, extrapolation):
    # Three degrees of smoothness are left at order 2, so that second gradients exist everywhere.
    degree = 5
    knots = make_knots("random", degree)
    coef = make_coef(knots, degree, out=2).requires_grad_()
    low, high = domain(knots, degree)
    x = low - 0.5 + (high - low + 1) * torch.rand(3, 2, generator=seeded(6), dtype=F64)
    x.requires_grad_()

    def summed(x, coef):
        return spline_sum(x, knots, coef, degree, order=order, extrapolation=extrapolation)

    assert torch.autograd.gradcheck(summed, (x, coef))
    assert torch.autograd.gradgradcheck(summed, (x, coef))


def test_derivatives_of_every_order_by_autograd_are_the_orders():
    degree = 4
    knots = make_knots("random", degree, inputs=1)
    coef = make_coef(knots, degree, out=1)
    x = make_points(knots, degree, 20)[:20].requires_grad_()
    value = spline_sum(x, knots, coef, degree)
    for order in range(1, degree + 2):
        (value,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        assert_near(value.detach(), scipy_edges(x.detach(), knots, coef, degree, order)[..., 0])


def test_jacobian_and_hessian_by_func():
    degree = 4
    knots = make_knots("random", degree)
    coef = make_coef(knots, degree, out=1)
    x = make_points(knots, degree, 8)[:8]

    def one(point):
        return spline_sum(point, knots, coef, degree)[0]

    jacobian = torch.func.vmap(torch.func.jacrev(one))(x)
    assert_near(jacobian, scipy_edges(x, knots, coef, degree, 1)[..., 0])
    hessian = torch.func.vmap(torch.func.jacrev(torch.func.jacrev(one)))(x)
    assert_near(hessian, torch.diag_embed(scipy_edges(x, knots, coef, degree, 2)[..., 0]))
    by_coef = torch.func.jacrev(lambda weights: spline_sum(x, knots, weights, degree)[:, 0])(coef)
    assert_near(by_coef[..., 0], basis(x, knots, degree))


def test_vmap_over_points_models_and_both():
    knots = torch.stack([make_knots("random", 3), make_knots("uniform", 3)])
    coef = torch.stack([make_coef(knots[0], 3), make_coef(knots[1], 3) + 1])
    x = torch.stack([make_points(row, 3) for row in knots])

    def model(x, knots, coef):
        return spline_sum(x, knots, coef, 3)

    apart = torch.stack([model(*each) for each in zip(x, knots, coef, strict=True)])
    assert_near(torch.func.vmap(model)(x, knots, coef), apart)
    shared = torch.stack([model(x[0], *each) for each in zip(knots, coef, strict=True)])
    assert_near(torch.func.vmap(model, in_dims=(None, 0, 0))(x[0], knots, coef), shared)
    points = torch.func.vmap(model, in_dims=(0, None, None))(x[0], knots[0], coef[0])
    assert_near(points, apart[0])
    columns = torch.func.vmap(model, in_dims=(1, None, None), out_dims=1)(x[0][:, None], knots[0], coef[0])
    assert_near(columns[:, 0], apart[0])


def test_gradients_through_vmap_over_models():
    knots = torch.stack([make_knots("random", 3), make_knots("uniform", 3)])
    coef = torch.stack([make_coef(row, 3) for row in knots])
    x = torch.stack([make_points(row, 3) for row in knots])

    def total(x, knots, coef):
        return spline_sum(x, knots, coef, 3).square().sum()

    slope = torch.func.grad(total)
    apart = torch.stack([slope(*each) for each in zip(x, knots, coef, strict=True)])
    assert_near(torch.func.vmap(slope)(x, knots, coef), apart)


def test_empty_batch_and_leading_dimensions():
    knots = make_knots("random", 3)
    coef = make_coef(knots, 3)
    x = make_points(knots, 3, 17)[:24].requires_grad_()
    assert spline_sum(x[:0], knots, coef, 3).shape == (0, 3)
    assert spline_edges(x[:0], knots, coef, 3).shape == (0, 2, 3)
    assert basis(x.reshape(2, 3, 4, 2), knots, 3).shape == (2, 3, 4, 2, 8)
    assert spline_sum(x[0], knots, coef, 3).shape == (3,)
    flat = spline_sum(x, knots, coef, 3)
    assert_near(spline_sum(x.reshape(2, 3, 4, 2), knots, coef, 3).reshape(24, 3).detach(), flat.detach())
    (slope,) = torch.autograd.grad(spline_sum(x[:0], knots, coef, 3).sum(), x)
    assert not slope.any()


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 3e-2)])
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_lower_precision_is_near(dtype, tolerance, extrapolation):
    knots = make_knots("uniform", 3)
    coef = make_coef(knots, 3).to(dtype).double()
    x = make_points(knots, 3)[:200].to(dtype).double()
    wanted = spline_sum(x, knots, coef, 3, extrapolation=extrapolation)
    low = x.to(dtype).requires_grad_()
    got = spline_sum(low, knots.to(dtype), coef.to(dtype), 3, extrapolation=extrapolation)
    assert got.dtype == dtype
    assert_near(got.detach().double(), wanted, tolerance)
    got.sum().backward()
    assert low.grad.dtype == dtype
    assert low.grad.isfinite().all()


@pytest.mark.parametrize("degree", [0, 1, 3])
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_nan_comes_out_in_its_own_row_only(degree, extrapolation):
    knots = make_knots("random", degree)
    coef = make_coef(knots, degree)
    x = make_points(knots, degree, 10)
    clean = spline_sum(x, knots, coef, degree, extrapolation=extrapolation)
    x[4, 1] = torch.nan
    got = spline_sum(x, knots, coef, degree, extrapolation=extrapolation)
    assert got[4].isnan().all()
    others = torch.arange(len(x)) != 4
    assert torch.equal(got[others], clean[others])


def test_same_input_same_bits_and_no_global_randomness():
    state = torch.get_rng_state()
    knots = make_knots("random", 3)
    coef = make_coef(knots, 3)
    x = make_points(knots, 3)
    assert torch.equal(spline_sum(x, knots, coef, 3), spline_sum(x, knots, coef, 3))
    assert torch.equal(state, torch.get_rng_state())


def test_infinite_points_do_not_spoil_other_rows():
    knots = make_knots("uniform", 3)
    coef = make_coef(knots, 3)
    x = make_points(knots, 3, 5)
    clean = spline_sum(x, knots, coef, 3)
    x[0, 0] = torch.inf
    assert torch.equal(spline_sum(x, knots, coef, 3)[1:], clean[1:])
