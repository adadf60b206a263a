"""`make_function`: checks what it is given, and makes it safe."""

import math
import pickle

import pytest
import torch

from edgewise.errors import InputError
from edgewise.functions import make_function


def bell(x):
    return 1 / (1 + x * x)


def finite_gradient(function, x):
    x = x.clone().requires_grad_()
    y = function.safe(x)
    (grad,) = torch.autograd.grad(y.sum(), x)
    assert y.isfinite().all() and grad.isfinite().all()
    return y.detach(), grad


def test_user_function_in_safe_mode():
    function = make_function("my root", lambda x: torch.sqrt(x))
    y, grad = finite_gradient(function, torch.tensor([4.0, 0.0, -1.0]))
    torch.testing.assert_close(y, torch.tensor([2.0, 0.0, 0.0]))
    torch.testing.assert_close(grad, torch.tensor([0.25, 0.0, 0.0]))


def test_outside_its_domain_a_function_takes_the_value_of_the_nearest_point():
    function = make_function("root of 1 - x", lambda x: torch.sqrt(1 - x), domain=((-math.inf, 1),))
    x = torch.linspace(0.999, 1.001, 1001, dtype=torch.float64)
    y, grad = finite_gradient(function, x)
    assert (y.diff() <= 0).all() and y[-1] < 1e-5
    assert (grad[x > 1] == 0).all()


def test_domain_of_two_intervals():
    function = make_function("pole", lambda x: 1 / x, domain=((-math.inf, 0), (0, math.inf)))
    x = torch.tensor([-2.0, -1e-30, 0.0, 1e-30, 2.0])
    y, _ = finite_gradient(function, x)
    torch.testing.assert_close(y[[0, 4]], torch.tensor([-0.5, 0.5]))
    assert y[1] < -1e6 and y[3] > 1e6


def test_domain_of_separate_intervals():
    function = make_function("gap", torch.acosh, domain=((-3, -2), (1, 4)))
    y, _ = finite_gradient(function, torch.tensor([0.9, 2.0, 9.0], dtype=torch.float64))
    expected = torch.tensor([0.0, math.acosh(2), math.acosh(4)], dtype=torch.float64)
    torch.testing.assert_close(y, expected, rtol=1e-6, atol=1e-5)


def test_nan_in_the_data_is_not_hidden():
    assert make_function("bell", bell).safe(torch.tensor([math.nan])).isnan().all()


def test_second_derivative_and_vmap():
    function = make_function("bell", bell)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(function.safe, x) and torch.autograd.gradgradcheck(function.safe, x)
    jacobian = torch.func.vmap(torch.func.grad(torch.func.grad(function.safe)))(x.detach())
    torch.testing.assert_close(jacobian, (6 * x**2 - 2).detach() / (1 + x.detach() ** 2) ** 3)


def test_safe_can_be_given():
    function = make_function("mine", torch.log, safe=lambda x: torch.log(x.abs() + 1), complexity=5)
    assert function.safe(torch.zeros(1)) == 0 and function.complexity == 5


def test_pickles_when_its_callables_do():
    function = make_function("bell", bell)
    again = pickle.loads(pickle.dumps(function))
    assert again == function and again.fn is bell
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(make_function("lambda", lambda x: 2 * x))


def test_works_where_gradients_are_switched_off():
    with torch.no_grad():
        assert make_function("bell", bell).name == "bell"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sin", torch.sin), "library's own"),
        (("x^0.5", torch.sin), "library's own"),
        (("", torch.sin), "a word"),
        (("f", lambda x: x.sum()), r"got \(\) for shape \(2, 3\)"),
        (("f", lambda x: x - x.mean()), "depend on the other elements"),
        (("f", lambda x: math.sin(x)), "it raised"),
        (("f", lambda x: 3.0), "got float"),
        (("f", lambda x: torch.sin(x.detach())), "without any"),
        (("f", torch.ones_like), "without any"),
    ],
)
def test_unfit_functions_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        make_function(*arguments)


@pytest.mark.parametrize("domain", [(0, 1), ((1, 0),), (), ((0, math.nan),), ((0, 1, 2),), "ab"])
def test_unfit_domains_are_refused(domain):
    with pytest.raises(InputError, match="domain must"):
        make_function("f", torch.sin, domain=domain)


def test_unfit_complexity_and_safe_are_refused():
    with pytest.raises(InputError, match="complexity"):
        make_function("f", torch.sin, complexity=-1)
    with pytest.raises(InputError, match="safe must map"):
        make_function("f", torch.sin, safe=torch.sum)
