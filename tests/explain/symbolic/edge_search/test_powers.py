"""Exponents are found, with and without shifts and on both sides, and simple fractions are taken for what they are."""

import pytest
import torch

from edgewise.explain.symbolic.edge_search.powers import power_fits
from edgewise.explain.symbolic.edge_search.samples import standardise

ZERO = torch.zeros(1, dtype=torch.float64)
CURVES = {
    "plain": (lambda x: 3 * x**0.6 - 1, 0.0, 3.0, (0.6, 1, 0.0)),
    "reciprocal": (lambda x: 2 - x**-0.7, 0.2, 3.0, (-0.7, 1, 0.0)),
    "third": (lambda x: x ** (2 / 3), 0.0, 8.0, (2 / 3, 1, 0.0)),
    "odd exponent": (lambda x: x**0.737, 0.1, 2.0, (0.737, 1, 0.0)),
    "negative side": (lambda x: (-x) ** 1.7, -2.0, 0.0, (1.7, -1, 0.0)),
    "shifted": (lambda x: 5 * (x + 1.3) ** 0.4, -1.0, 1.0, (0.4, 1, 1.3)),
    "from the right": (lambda x: (4 - x) ** 2.6, 0.0, 3.0, (2.6, -1, 4.0)),
    "small units": (lambda x: 1e6 * (1e6 * x) ** 0.3, 1e-8, 1e-6, (0.3, 1, 0.0)),
}


@pytest.mark.parametrize("name", CURVES)
def test_powers_are_found_exactly(name):
    curve, low, high, (exponent, side, shift) = CURVES[name]
    x = torch.linspace(low, high, 300, dtype=torch.float64)[:, None]
    y = curve(x)
    best = min(
        power_fits(standardise(x, y, 2000), ZERO)[0],
        key=lambda one: (one.unexplained > 1e-18, one.function.complexity),
    )
    a, b, c, d = best.affine
    assert best.function.numbers == pytest.approx((exponent,), abs=1e-6)
    assert (a, b) == (side, pytest.approx(shift, abs=1e-5 * (high - low)))
    torch.testing.assert_close(
        c * best.function.safe(a * x + b) + d, y, rtol=1e-6, atol=1e-6 * float(y.abs().max())
    )


def test_fractions_next_to_the_best_exponent_are_candidates_too():
    x = torch.linspace(0.1, 3, 300, dtype=torch.float64)[:, None]
    y = x**0.6 + 1e-3 * torch.cos(9 * x)
    exponents = {
        one.function.numbers[0]
        for one in power_fits(standardise(x, y, 2000), ZERO)[0]
        if one.function.numbers
    }
    assert 0.6 in exponents
    assert any(exponent != 0.6 and abs(exponent - 0.6) < 0.05 for exponent in exponents)


def test_what_is_no_power_has_none():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)[:, None]
    curves = torch.cat([torch.sin(9 * x), x**2, torch.ones_like(x)], 1)
    assert power_fits(standardise(x.expand(-1, 3), curves, 2000), torch.zeros(3)) == [[], [], []]


def test_the_branch_point_without_a_shift_is_where_the_variable_is_0():
    h = torch.linspace(-1, 1, 300, dtype=torch.float64)[:, None]
    y = (3 * h + 4.5) ** 0.6
    found = power_fits(standardise(h, y, 2000), torch.tensor([-1.5], dtype=torch.float64))[0]
    plain = min((one for one in found if one.plain), key=lambda one: one.unexplained)
    assert plain.function.name == "x^0.6"
    assert plain.affine == pytest.approx((1.0, 1.5, 3**0.6, 0.0), abs=1e-9)
