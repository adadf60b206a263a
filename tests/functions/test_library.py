"""The library's functions: safe versions agree with the plain ones, are continuous and finite everywhere."""

import copy
import math
import pickle

import pytest
import scipy.special
import torch

from edgewise.errors import UnknownName
from edgewise.functions import LIBRARY, Function, get_function
from edgewise.functions.safe_functions import natural_power, pole_margin

NAMES = list(LIBRARY)
DTYPES = [torch.float32, torch.float64]
PYKAN_COMPLEXITY = {
    "x": 1, "x^2": 2, "x^3": 3, "x^4": 3, "x^5": 3, "1/x": 2, "1/x^2": 2, "1/x^3": 3, "1/x^4": 4, "1/x^5": 5,
    "sqrt": 2, "x^0.5": 2, "x^1.5": 4, "1/sqrt(x)": 2, "1/x^0.5": 2, "exp": 2, "log": 2, "abs": 3, "sin": 2,
    "cos": 2, "tan": 3, "tanh": 3, "sgn": 3, "arcsin": 4, "arccos": 4, "arctan": 4, "arctanh": 4, "0": 0,
    "gaussian": 3,
}  # fmt: skip
PLAIN = {
    "0": lambda x: 0.0,
    "x": lambda x: x,
    **{f"x^{n}": lambda x, n=n: x**n for n in range(2, 7)},
    "1/x": lambda x: 1 / x,
    **{f"1/x^{n}": lambda x, n=n: 1 / x**n for n in range(2, 6)},
    "sqrt": math.sqrt,
    "x^1.5": lambda x: x**1.5,
    "1/sqrt(x)": lambda x: 1 / math.sqrt(x),
    "1/x^1.5": lambda x: x**-1.5,
    "cbrt": scipy.special.cbrt,
    "abs": abs,
    "sgn": lambda x: math.copysign(1.0, x),
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "arctanh": math.atanh,
    "sigmoid": scipy.special.expit,
    "erf": math.erf,
    "gaussian": lambda x: math.exp(-x * x),
    "1/(1+x^2)": lambda x: 1 / (1 + x * x),
    "sinc": lambda x: math.sin(x) / x,
}
SINGULAR_POINTS = {
    **{name: [0.0] for name in NAMES if name.startswith("1/x") and name.endswith(("x", "2", "3", "4", "5"))},
    "sqrt": [0.0],
    "x^1.5": [0.0],
    "1/sqrt(x)": [0.0],
    "cbrt": [0.0],
    "log": [0.0],
    "sinc": [0.0, 0.25, -0.25],
    "tan": [math.pi / 2, -math.pi / 2, 7.5 * math.pi],
    "arcsin": [-1.0, 1.0],
    "arccos": [-1.0, 1.0],
    "arctanh": [-1.0, 1.0],
}


def points_of(function: Function, count: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Seeded points of the domain, at least 1e-3 away from its finite ends and within [-20, 20]."""
    generator = torch.Generator().manual_seed(0)
    parts = []
    for low, high in function.domain:
        low, high = max(low + 1e-3, -20.0), min(high - 1e-3, 20.0)
        parts.append(low + (high - low) * torch.rand(count, dtype=torch.float64, generator=generator))
    return torch.cat(parts)[torch.randperm(count * len(parts), generator=generator)[:count]].to(dtype)


def nasty_points(dtype: torch.dtype) -> torch.Tensor:
    info = torch.finfo(dtype)
    big = [1e3, 1e6, 1e20, info.max / 2, info.max] + ([1e30, 1e200] if dtype == torch.float64 else [])
    small = [0.0, info.eps, info.tiny, info.smallest_normal / 4, 1e-30, 1e-12, 2.0**-40, 1e-7, 1e-6, 1e-3]
    unit = [1.0, 1 - info.eps, 1 + info.eps, 1 - 2.0**-40, 0.25, math.pi, 89.0, 710.0]
    poles = [(n + 0.5) * math.pi for n in (0, 1, 2, 10, 1000)]
    values = torch.tensor([*big, *small, *unit, *poles], dtype=torch.float64).to(dtype)
    ulps = torch.cat([values, values.nextafter(values.new_tensor(0.0))])
    return torch.cat([ulps, -ulps])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_safe_is_the_function_on_its_domain(name, dtype):
    function = LIBRARY[name]
    x = points_of(function, 1000, dtype)
    rtol = 8 * torch.finfo(dtype).eps
    torch.testing.assert_close(function.safe(x), function.fn(x), rtol=rtol, atol=rtol / 8)


@pytest.mark.parametrize("name", NAMES)
def test_function_is_what_its_name_says(name):
    x = points_of(LIBRARY[name], 200)
    expected = torch.tensor([PLAIN[name](value) for value in x.tolist()], dtype=torch.float64)
    torch.testing.assert_close(LIBRARY[name].fn(x), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_the_derivative(name):
    x = points_of(LIBRARY[name], 500).requires_grad_()
    y = LIBRARY[name].safe(x)
    (expected,) = torch.autograd.grad(y.sum(), x)
    found = LIBRARY[name].slope(x.detach(), y.detach())
    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("n", range(1, 8))
def test_natural_power_is_the_power(n):
    x = torch.linspace(-3, 3, 101, dtype=torch.float64)
    torch.testing.assert_close(natural_power(x, n), x.pow(n), rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_derivatives_are_finite_everywhere(name, dtype):
    x = nasty_points(dtype).requires_grad_()
    assert x.isfinite().all()
    y = LIBRARY[name].safe(x)
    assert y.dtype == dtype and y.isfinite().all(), x[~y.isfinite()]
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    assert slope.isfinite().all(), x[~slope.isfinite()]
    if slope.requires_grad:
        (curvature,) = torch.autograd.grad(slope.sum(), x, allow_unused=True, materialize_grads=True)
        assert curvature.isfinite().all(), x[~curvature.isfinite()]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", NAMES)
def test_half_precision_is_finite(name, dtype):
    x = torch.cat([torch.linspace(-8, 8, 400), torch.tensor([0.0, 1e-4, -1e-4])]).to(dtype).requires_grad_()
    y = LIBRARY[name].safe(x)
    assert y.dtype == dtype and y.isfinite().all()
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert slope.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name):
    assert LIBRARY[name].safe(torch.tensor([math.nan, 0.5]))[0].isnan()


def assert_continuous(function, point: float, dtype: torch.dtype = torch.float64) -> None:
    """Sampled ever more finely about `point`, the greatest step must shrink with the spacing."""
    reach = 2.0**-36 if dtype == torch.float64 else 2.0**-14
    if point == 0 and dtype == torch.float32:  # floats are dense there: sample as finely as the margin is
        reach = 16 * pole_margin(dtype, 4 if function.name == "1/x^2" else 3)
    offsets = torch.linspace(-reach, reach, 2**14 + 1, dtype=torch.float64)
    x = (point + offsets).to(dtype).unique()
    fine = function.safe(x).to(torch.float64)
    steps, coarse_steps = fine.diff().abs().max(), fine[::8].diff().abs().max()
    # A jump would be as great at either spacing; slopes give 1/8, roots no more than 8^(-1/3) = 1/2.
    assert steps <= 0.55 * coarse_steps or steps <= 4 * torch.finfo(dtype).eps * fine.abs().max(), steps


@pytest.mark.parametrize(("name", "point"), [(n, p) for n, points in SINGULAR_POINTS.items() for p in points])
def test_continuous_across_singular_points(name, point):
    assert_continuous(LIBRARY[name], point)


@pytest.mark.parametrize(
    "name", ["sqrt", "x^1.5", "cbrt", "log", "1/x", "1/x^2", "sinc", "arcsin", "arctanh"]
)
def test_continuous_across_singular_points_in_float32(name):
    margin = {"arcsin": 1.0, "arctanh": 1.0}.get(name, 0.0)
    assert_continuous(LIBRARY[name], margin, torch.float32)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["exp", "sinh", "cosh"])
def test_growth_goes_on_smoothly_near_overflow(name, dtype):
    function = LIBRARY[name]
    limit = math.log(torch.finfo(dtype).max)
    x = torch.linspace(limit - 20, limit + 20, 4001, dtype=dtype, requires_grad=True)
    y = function.safe(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert (y.diff() > 0).all() and (slope > 0).all()
    assert (slope[1:] / slope[:-1] - 1).abs().max() < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_gradients_inside_the_domain(name):
    x = points_of(LIBRARY[name], 20).clamp(-3, 3)
    x = x[x.abs() > 1e-2].requires_grad_()
    assert torch.autograd.gradcheck(LIBRARY[name].safe, x)
    assert torch.autograd.gradgradcheck(LIBRARY[name].safe, x)


def test_sinc_is_exact_and_smooth_next_to_zero():
    x = torch.cat([torch.logspace(-12, 0, 200, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)])
    x.requires_grad_()
    y = LIBRARY["sinc"].safe(x)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), x)
    flat = x.detach().numpy()
    torch.testing.assert_close(y.detach(), torch.from_numpy(scipy.special.spherical_jn(0, flat)))
    expected = torch.from_numpy(scipy.special.spherical_jn(0, flat, derivative=True))
    torch.testing.assert_close(slope.detach(), expected, rtol=1e-12, atol=1e-15)
    # j0'' = -j0 - 2 j0'/x, and j1/x -> 1/3
    ratio = torch.where(x == 0, 1 / 3, -expected / torch.where(x == 0, 1.0, x)).detach()
    torch.testing.assert_close(curvature, 2 * ratio - y.detach(), rtol=1e-11, atol=1e-12)


def test_log_leads_back_to_its_domain():
    x = torch.tensor([-1.0, -100.0], requires_grad=True)
    LIBRARY["log"].safe(x).sum().backward()
    torch.testing.assert_close(x.grad, torch.tensor([1.0, 0.01]))


@pytest.mark.parametrize("name", NAMES)
def test_pickles_by_name(name):
    function = LIBRARY[name]
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy(function) is function
    assert len(pickle.dumps(function)) < 200


@pytest.mark.parametrize("name", NAMES)
def test_domain_and_kind_are_well_formed(name):
    function = LIBRARY[name]
    assert all(low < high for low, high in function.domain)
    assert function.kind in {"zero", "linear", "power", "log", "exp", "periodic", "full"}
    assert function.name == name


@pytest.mark.parametrize("name", [n for n in NAMES if LIBRARY[n].kind == "power"])
def test_powers_turn_a_scale_into_a_factor(name):
    function = LIBRARY[name]
    x = points_of(function, 50)
    ratio = function.fn(3.0 * x) / function.fn(x)
    torch.testing.assert_close(ratio, ratio[:1].expand_as(ratio))


@pytest.mark.parametrize("name", PYKAN_COMPLEXITY)
def test_complexities_are_pykans(name):
    assert get_function(name).complexity == PYKAN_COMPLEXITY[name]


def test_library_is_read_only():
    with pytest.raises(TypeError):
        LIBRARY["sin"] = LIBRARY["cos"]


def test_aliases_and_functions_of_your_own():
    mine = Function("mine", torch.sin, torch.sin)
    assert get_function("x^0.5") is LIBRARY["sqrt"]
    assert get_function("1/x^0.5") is LIBRARY["1/sqrt(x)"]
    assert get_function("mine", {"mine": mine}) is mine
    assert get_function(mine) is mine


def test_unknown_function_name_is_explained():
    with pytest.raises(UnknownName, match=r"got 'sinus'\. Did you mean 'sin'\?.*make_function"):
        get_function("sinus")
    with pytest.raises(UnknownName, match="got 7"):
        get_function(7)


# Faults of pykan's library, each by its name


def test_x_to_the_1_5_safe_version_runs():
    x = torch.tensor([4.0, 0.0, -1.0], requires_grad=True)
    y = LIBRARY["x^1.5"].safe(x)
    y.sum().backward()
    torch.testing.assert_close(y.detach(), torch.tensor([8.0, 0.0, 0.0]))
    torch.testing.assert_close(x.grad, torch.tensor([3.0, 0.0, 0.0]))


def test_tan_safe_version_runs():
    x = torch.tensor([0.5, math.pi / 2, 1.5], requires_grad=True)
    y = LIBRARY["tan"].safe(x)
    y.sum().backward()
    torch.testing.assert_close(y[::2].detach(), x[::2].detach().tan())
    assert y.isfinite().all() and x.grad.isfinite().all()


def test_sqrt_is_continuous():
    assert_continuous(LIBRARY["sqrt"], 0.0)
    x = torch.logspace(-30, 0, 20001, dtype=torch.float64)
    assert (LIBRARY["sqrt"].safe(x).diff() >= 0).all()
    assert LIBRARY["sqrt"].safe(x).diff().abs().max() < 2e-3


def test_arctanh_is_continuous():
    assert_continuous(LIBRARY["arctanh"], 1.0)
    x = (
        1
        - torch.cat(
            [torch.logspace(-20, -1, 4001, dtype=torch.float64), torch.linspace(-1e-9, 0, 101)]
        ).sort()[0]
    )
    assert LIBRARY["arctanh"].safe(x).diff().abs().max() < 2.0
    fine = torch.linspace(1 - 1e-11, 1 + 1e-11, 20001, dtype=torch.float64)
    assert LIBRARY["arctanh"].safe(fine).diff().abs().max() < 1e-3
