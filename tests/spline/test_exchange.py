"""To SciPy and back without losing a bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline, make_interp_spline, splrep

from edgewise.errors import InputError, MissingExtra, ShapeError
from edgewise.spline import exchange
from edgewise.spline.evaluate import spline_edges
from edgewise.spline.exchange import from_scipy, to_scipy
from edgewise.spline.knots import adaptive_knots

F64 = torch.float64


def make_spline(degree: int, out: int = 3):
    generator = torch.Generator().manual_seed(degree)
    knots = adaptive_knots(torch.randn(50, 1, generator=generator, dtype=F64), 5, degree)
    return knots, torch.randn(1, 5 + degree, out, generator=generator, dtype=F64)


@pytest.mark.parametrize("degree", range(7))
def test_round_trip_keeps_every_bit(degree):
    knots, coef = make_spline(degree)
    spline = to_scipy(knots[0], coef[0], degree)
    assert np.array_equal(spline.t, knots[0].numpy())
    assert np.array_equal(spline.c, coef[0].numpy())
    back_knots, back_coef, back_degree = from_scipy(spline)
    assert torch.equal(back_knots, knots)
    assert torch.equal(back_coef, coef)
    assert back_degree == degree
    assert type(back_degree) is int


@pytest.mark.parametrize("degree", range(7))
def test_values_agree(degree):
    knots, coef = make_spline(degree)
    x = torch.linspace(float(knots[0, degree]), float(knots[0, -degree - 1]), 99, dtype=F64)
    wanted = spline_edges(x[:, None], knots, coef, degree)[:, 0]
    torch.testing.assert_close(
        torch.from_numpy(to_scipy(knots[0], coef[0], degree)(x.numpy())), wanted, rtol=1e-13, atol=1e-13
    )


def test_one_edge_and_float32():
    knots, coef = make_spline(3)
    spline = to_scipy(knots[0].float(), coef[0, :, 1].float().requires_grad_(), 3)
    assert spline.t.dtype == spline.c.dtype == np.float64
    back_knots, back_coef, _ = from_scipy(spline)
    assert torch.equal(back_knots[0].float(), knots[0].float())
    assert torch.equal(back_coef[0, :, 0].float(), coef[0, :, 1].float())


def test_both_ways_copy():
    knots, coef = make_spline(3)
    spline = to_scipy(knots[0], coef[0], 3)
    _, back, _ = from_scipy(spline)
    before = coef.clone()
    spline.c[:] = 0
    assert torch.equal(coef, before)
    assert torch.equal(back, before)


def test_outside_the_domain_scipy_gives_nan():
    knots, coef = make_spline(3)
    assert np.isnan(to_scipy(knots[0], coef[0], 3)(100.0)).all()


def test_a_clamped_spline_of_scipy_evaluates_the_same():
    x = np.linspace(0, 3, 12)
    spline = make_interp_spline(x, np.stack([np.sin(x), np.cos(x)], axis=1), k=3)
    knots, coef, degree = from_scipy(spline)
    points = np.linspace(0, 3, 57)
    got = spline_edges(torch.from_numpy(points)[:, None], knots, coef, degree)[:, 0]
    np.testing.assert_allclose(got.numpy(), spline(points), rtol=1e-13, atol=1e-13)


def test_unused_coefficients_at_the_end_are_dropped():
    x = np.linspace(0, 3, 12)
    spline = BSpline(*splrep(x, np.sin(x)))
    knots, coef, degree = from_scipy(spline)
    assert coef.shape == (1, knots.shape[1] - degree - 1, 1)


def test_refusals():
    knots, coef = make_spline(3)
    with pytest.raises(ShapeError, match="to_scipy"):
        to_scipy(knots, coef, 3)
    with pytest.raises(ShapeError, match="to_scipy"):
        to_scipy(knots[0], coef[0, :-1], 3)
    with pytest.raises(InputError, match="BSpline"):
        from_scipy(np.sin)
    with pytest.raises(InputError, match="real"):
        from_scipy(BSpline(knots[0].numpy(), coef[0].numpy() * 1j, 3))
    with pytest.raises(InputError, match="shape"):
        from_scipy(BSpline(knots[0].numpy(), np.zeros((8, 2, 2)), 3))


def test_without_scipy_the_extra_is_named(monkeypatch):
    def absent(package: str, extra: str, purpose: str):
        raise MissingExtra(f"{purpose} needs {package}: edgewise[{extra}]")

    monkeypatch.setattr(exchange, "optional", absent)
    knots, coef = make_spline(3)
    with pytest.raises(MissingExtra, match=r"to_scipy.*edgewise\[scipy\]"):
        to_scipy(knots[0], coef[0], 3)
