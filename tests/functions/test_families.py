"""Powers with any exponent and polynomials: exact, safe, and found again by their names."""

import copy
import pickle

import numpy as np
import pytest
import sympy
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.functions import LIBRARY, get_function, make_function, polynomial, power, simple_fraction
from edgewise.testing import check_function

POWERS = [-5.7, -2.3, -2 / 3, -0.1, 0.02, 0.3, 2 / 3, 0.9, 1.1, 1.9, 2.3, 3.7, 5.9]
POLYNOMIALS = [[1, 1], [0, -2], [0.0, 0.0], [1, -0.5, 0], [1e8, -1e-9], [-0.5], [1, 2, 3, 4, 5]]


@pytest.mark.parametrize("function", [*map(power, POWERS), *map(polynomial, POLYNOMIALS)], ids=str)
def test_members_can_stand_on_an_edge_and_come_back_by_name(function):
    check_function(function)
    assert get_function(function.name) is function
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy(function) is function


@pytest.mark.parametrize("p", POWERS)
def test_powers_are_powers(p):
    x = torch.linspace(0.01, 20, 300, dtype=torch.float64).requires_grad_()
    function = power(p)
    np.testing.assert_allclose(function.safe(x).detach(), x.detach().numpy() ** p, rtol=1e-13)
    (slope,) = torch.autograd.grad(function.safe(x).sum(), x)
    np.testing.assert_allclose(function.slope(x.detach(), function.fn(x.detach())), slope, rtol=1e-12)
    t = sympy.Symbol("t", positive=True)
    assert float(function.sympy(t).subs(t, 2)) == pytest.approx(2**p)
    by_numbers = function.family.curve(x.detach(), torch.tensor(function.numbers, dtype=torch.float64))
    np.testing.assert_allclose(by_numbers, function.fn(x.detach()), rtol=1e-13)


@pytest.mark.parametrize("numbers", POLYNOMIALS)
def test_polynomials_are_polynomials(numbers):
    x = torch.linspace(-3, 3, 301, dtype=torch.float64).requires_grad_()
    function = polynomial(numbers)
    wanted = np.polynomial.Polynomial([0, *numbers, 1])
    scale = 1e-12 * (1 + max(map(abs, numbers)))
    np.testing.assert_allclose(function.safe(x).detach(), wanted(x.detach().numpy()), rtol=1e-12, atol=scale)
    (slope,) = torch.autograd.grad(function.safe(x).sum(), x)
    np.testing.assert_allclose(function.slope(x.detach(), x.detach()), slope, rtol=1e-12, atol=scale)
    np.testing.assert_allclose(slope, wanted.deriv()(x.detach().numpy()), rtol=1e-12, atol=scale)
    t = sympy.Symbol("t")
    assert float(function.sympy(t).subs(t, 1.5)) == pytest.approx(wanted(1.5))


def test_names_say_the_numbers():
    assert [power(p).name for p in (0.6, 2 / 3, -0.7, 1.23456)] == ["x^0.6", "x^(2/3)", "x^-0.7", "x^1.23456"]
    assert power(0.5) is LIBRARY["sqrt"]
    assert polynomial([1, -0.5, 0]).name == "x^4-0.5*x^2+x"
    assert get_function("x^3+1e-05*x^2-2*x").numbers == (-2.0, 1e-05)
    assert str(simple_fraction(0.6)) == "3/5"


@pytest.mark.parametrize(
    "name", ["x^7", "x^2.0", "x^0", "x^1/0", "2*x^2+x", "x^2+x^3", "x+x", "x^3+", "x^3+y", "x^9+x"]
)
def test_other_names_are_unknown(name):
    with pytest.raises(UnknownName):
        get_function(name)


@pytest.mark.parametrize("exponent", [2, 0, float("nan"), float("inf")])
def test_whole_and_infinite_exponents_are_refused(exponent):
    with pytest.raises(InputError, match="power: exponent must be"):
        power(exponent)


@pytest.mark.parametrize("numbers", [[], [1.0] * 8, [float("nan")]])
def test_other_coefficients_are_refused(numbers):
    with pytest.raises(InputError, match="polynomial: coefficients must be"):
        polynomial(numbers)


def test_a_users_function_cannot_have_their_names():
    with pytest.raises(InputError, match="must not be the library's own"):
        make_function("x^3-2*x", lambda x: x**3)
