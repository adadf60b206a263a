"""The search finds every library function again from its samples, at any scale, without ranges given."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import InputError, ShapeError
from edgewise.explain.symbolic.edge_search.search import search
from edgewise.functions import LIBRARY, get_function, make_function

ALL = list(LIBRARY.values())


class BesselJ0(torch.autograd.Function):
    """J0 with the gradient torch does not give."""

    @staticmethod
    def forward(ctx, t):
        ctx.save_for_backward(t)
        return torch.special.bessel_j0(t)

    @staticmethod
    def backward(ctx, gradient):
        (t,) = ctx.saved_tensors
        return -gradient * torch.special.bessel_j1(t)


def uniform(low, high, count=500, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(count, 1, generator=generator, dtype=torch.float64)


def inside(function, x):
    """Constants that put a x + b well inside the domain."""
    low, high = function.domain[-1]
    low, high = max(low, -2.0), min(high, low + 3 if low > -math.inf else 1.7)
    a = 0.9 * (high - low) / float(x.max() - x.min())
    return a, low + 0.04 * (high - low) - a * float(x.min())


def own_fit(name, x, y):
    found = search(x, y, [get_function(name)])
    return found.affine[0, 0], float(found.unexplained[0, 0])


@pytest.mark.parametrize("name", sorted(set(LIBRARY) - {"0"}))
def test_every_function_is_found_again(name):
    function, x = LIBRARY[name], uniform(-1.0, 1.5)
    a, b = inside(function, x)
    y = -1.7 * function.fn(a * x + b) + 0.4
    affine, unexplained = own_fit(name, x, y)
    assert unexplained < 1e-24
    fitted = affine[2] * function.fn(affine[0] * x + affine[1]) + affine[3]
    assert torch.allclose(fitted, y, rtol=1e-10, atol=1e-10 * float(y.abs().max()))


def test_pi_is_recovered_to_rounding():
    x = uniform(-1, 1, 1000)
    affine, _ = own_fit("sin", x, torch.sin(math.pi * x))
    assert abs(float(affine[0]) - math.pi) < 1e-12
    assert torch.allclose(affine[1:], torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64), atol=1e-12)


@pytest.mark.parametrize("rate", [9, 15, 40, 200])
def test_high_frequency_sine_is_found(rate):
    x = uniform(-1, 1, 1000)
    affine, unexplained = own_fit("sin", x, 0.3 * torch.sin(rate * x + 1) + 2)
    assert unexplained < 1e-24
    assert float(affine[0]) == pytest.approx(rate, rel=1e-11)


def test_sine_on_even_samples_is_not_an_alias():
    x = torch.linspace(-1, 1, 101, dtype=torch.float64)[:, None]
    assert float(own_fit("sin", x, torch.sin(7 * x))[0][0]) == pytest.approx(7, rel=1e-10)


@pytest.mark.parametrize("rate", [2.0, 20.0])
def test_bessel_function_is_found_without_a_range(rate):
    bessel, x = make_function("J0", BesselJ0.apply), uniform(-1, 1, 1000)
    found = search(x, 2 * torch.special.bessel_j0(rate * x) + 0.3, [bessel])
    assert float(found.unexplained[0, 0]) < 1e-20
    assert float(found.affine[0, 0, 0].abs()) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize("distance", [1e-5, 1e-2, 1.0, 30.0])
def test_pole_next_to_the_data_and_far_away(distance):
    x = uniform(0, 1) + distance
    affine, unexplained = own_fit("1/x", x, 5 / x - 1)
    assert unexplained < 1e-20
    assert abs(float(affine[1] / affine[0])) < 1e-7 * distance


def test_no_pole_inside_the_data():
    x = uniform(-1, 1)
    found = search(x, torch.sin(9 * x) / (x + 0.03), [LIBRARY["1/x"], LIBRARY["log"], LIBRARY["arctanh"]])
    for place, function in enumerate(found.functions):
        a, b = found.affine[0, place, :2]
        argument = a * x + b
        assert any(bool(((argument > low) & (argument < high)).all()) for low, high in function.domain)


@settings(max_examples=8)
@given(
    amplitude=st.sampled_from([1e-8, 1e-4, 1.0, 1e5]),
    width=st.sampled_from([1e-6, 1.0, 1e4]),
    offset=st.sampled_from([-3.0, 0.0, 100.0]),
)
def test_r2_does_not_depend_on_amplitude(amplitude, width, offset):
    u = uniform(-1, 1, 200)
    curve = torch.sin(3 * u) + 0.1 * torch.cos(19 * u)
    functions = [LIBRARY[name] for name in ("x", "x^2", "sin", "exp", "tanh", "1/x")]
    plain = search(u, curve, functions)
    scaled = search(width * (u + offset), amplitude * (curve + offset), functions)
    assert torch.allclose(plain.r2, scaled.r2, atol=1e-6)
    assert torch.allclose(scaled.rms, amplitude * plain.rms, rtol=1e-4)


def test_edges_do_not_influence_each_other():
    x = torch.cat([uniform(-1, 1, seed=1), uniform(3, 900, seed=2)], 1)
    y = torch.cat([torch.tanh(3 * x[:, :1]), torch.log(x[:, 1:])], 1)
    together = search(x, y, ALL)
    alone = search(x[:, 1:], y[:, 1:], ALL)
    assert torch.allclose(together.unexplained[1], alone.unexplained[0], rtol=1e-3, atol=1e-20)
    assert float(together.affine[:, :, 2].nan_to_num().abs().max()) < 1e13


def test_step_is_found_between_two_samples():
    x = uniform(-1, 1)
    affine, unexplained = own_fit("sgn", x, torch.sign(x - 0.3))
    assert unexplained < 1e-24
    assert abs(float(affine[1] / affine[0]) + 0.3) < 0.02


def test_constant_curve_is_the_constant():
    x = uniform(-1, 1)
    found = search(x, torch.full_like(x, 2.5), [LIBRARY["0"], LIBRARY["sin"]])
    assert found.r2.tolist() == [[1.0, 0.0]]
    assert float(found.affine[0, 0, 3]) == 2.5
    assert bool(found.affine[0, 1].isnan().all())


def test_constant_input_and_one_sample():
    for x in (torch.ones(5, 1), torch.ones(1, 1)):
        found = search(x, torch.arange(len(x)).double()[:, None], ALL)
        assert bool(found.unexplained.isfinite().all())


def test_two_and_three_samples_are_finite():
    for count in (2, 3):
        found = search(uniform(-1, 1, count), uniform(0, 1, count, seed=5), ALL)
        assert bool(found.unexplained.isfinite().all())


def test_float32_samples_are_read():
    x = uniform(-1, 1)
    assert own_fit("exp", x.float(), torch.exp(2 * x).float())[1] < 1e-12


def test_outliers_in_x_do_not_hide_a_function():
    x = torch.cat([uniform(1, 2, 300), torch.tensor([[1e4]], dtype=torch.float64)])
    assert own_fit("log", x, torch.log(x))[1] < 1e-20


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused(bad):
    x = uniform(-1, 1, 10)
    y = x.clone()
    y[3] = bad
    with pytest.raises(InputError, match="y must be finite"):
        search(x, y, ALL)


def test_shapes_that_do_not_match_are_refused():
    with pytest.raises(ShapeError, match="matrices"):
        search(torch.ones(3, 1), torch.ones(3), ALL)


def test_no_function_is_refused():
    with pytest.raises(InputError, match="at least one function"):
        search(torch.ones(3, 1), torch.ones(3, 1), [])
