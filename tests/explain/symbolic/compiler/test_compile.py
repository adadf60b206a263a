from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
import torch

import edgewise
from edgewise import KAN, formula, make_function
from edgewise.errors import InputError, ShapeError, UnknownName
from edgewise.explain.symbolic.compiler import compile, kanpiler

A, B, C = sympy.symbols("a b c")
X = torch.rand(100, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.1


def difference(model, expression, x=X):
    """Largest difference from sympy, as a share of the largest value."""
    values = sympy.lambdify([A, B, C], expression, ["scipy", "numpy"])(*x.numpy().T)
    return float(np.abs(model(x).detach().numpy()[:, 0] - values).max() / np.abs(values).max())


@pytest.mark.parametrize(
    "expression",
    [
        sympy.sin(sympy.pi * (A + 1)) + B,
        sympy.sinh(A) + sympy.exp(B),
        sympy.Abs(A - B),
        A**2.5,
        A ** sympy.Rational(1, 3),
        A**6,
        A**7,
        B * A**-7,
        2**A,
        A**B,
        A,
        3 * A,
        A + sympy.sin(A) + A**2,
        sympy.exp(sympy.sin(sympy.pi * A) + B**2),
        A * B * C / (A + B * C),
        (A + B) ** 2 * sympy.sin(A * B) + sympy.log(A * B + 1),
        sympy.sqrt((A - B) ** 2 + (B - C) ** 2),
        sympy.asinh(A) + sympy.acosh(B + 1) + sympy.atan2(B, A) + sympy.cot(A) + sympy.sec(A),
        sympy.Max(A, B, C) - sympy.Min(A, B) + sympy.Heaviside(A - B),
        1 / (sympy.exp(A / B) - 1),
        sympy.erf(A) + sympy.sinc(B) + sympy.tanh(C) + sympy.sign(A - B),
        sympy.expand((A + B + C) ** 4),
    ],
)
def test_the_network_equals_sympy(expression):
    assert difference(compile(expression, [A, B, C]), expression) < 1e-14


@pytest.mark.parametrize("seed", range(12))
def test_random_expressions_equal_sympy(seed):
    draw = np.random.default_rng(seed)
    leaves = [A, B, C]
    for _ in range(8):
        one, two = (leaves[place] for place in draw.integers(0, len(leaves), 2))
        number = sympy.Float(draw.uniform(0.5, 2))
        made = [
            one + number * two,
            one * two,
            sympy.sin(number * one + 1),
            sympy.exp(-(one**2)),
            sympy.sqrt(one**2 + number),
            one / (two**2 + number),
            sympy.tanh(one) ** 3,
        ]
        leaves.append(made[draw.integers(len(made))])
    expression = sum(leaves[3:], A)
    assert difference(compile(expression, [A, B, C]), expression) < 1e-12


def test_the_formula_of_the_network_is_the_expression():
    model = compile("exp(sin(pi*a) + b^2)")
    law = formula(model, torch.rand(200, 2, dtype=torch.float64))
    assert sympy.simplify(law.expr - sympy.exp(sympy.sin(sympy.pi * A) + B**2)) == 0
    again = compile(law)
    assert torch.allclose(again(X[:, :2]), model(X[:, :2]), rtol=1e-13)


def test_variables_keep_their_order_and_other_columns_are_not_read():
    model = compile("x_10 + 2*x_2")
    assert list(model.input_names) == ["x_2", "x_10"]
    wide = compile("b", ["a", "b"])
    assert wide(torch.tensor([[1.0, 5.0]]).double()).item() == 5
    positive = sympy.Symbol("a", positive=True)
    assert compile(sympy.sqrt(positive) * A).width[0] == 1


def test_constants_are_networks_too():
    assert compile("2 + 3/4", ["a"])(X[:, :1]).unique().item() == 2.75
    with pytest.raises(InputError, match="variables must be"):
        compile("2")


def test_tiny_and_huge_units_are_computed_exactly_where_samples_show_them():
    h, k = 6.62607015e-34, 1.380649e-23
    nu, t = np.geomspace(1e9, 1e15, 50), np.linspace(100, 1000, 50)
    x = np.stack([nu, t], 1)
    model = compile(f"2*{h}*nu^3/299792458^2/(exp({h}*nu/({k}*T)) - 1)", ["nu", "T"], x=x)
    expected = 2 * h * nu**3 / 299792458**2 / np.expm1(h * nu / (k * t))
    np.testing.assert_allclose(model(torch.from_numpy(x)).detach().numpy()[:, 0], expected, rtol=1e-12)


def test_differences_of_nearly_equal_numbers_keep_their_digits():
    x = np.geomspace(1e-8, 1e-3, 40)[:, None]
    model = compile("1 - cos(a)", x=x)
    found = model(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(found, 2 * np.sin(x / 2) ** 2, rtol=1e-14)


def test_samples_at_which_the_expression_is_not_computed_are_refused():
    with pytest.raises(InputError, match="must be defined at all samples"):
        compile("sqrt(a)", x=[[-1.0], [1.0]])
    with pytest.raises(InputError, match="computed exactly"):
        compile("1/a", x=[[1e-30], [1.0]])
    with pytest.raises(ShapeError, match="a column for each of 1 variables"):
        compile("a", x=[[1.0, 2.0]])


def test_functions_of_the_users_own():
    own = make_function("hill", lambda x: x**3 / (1 + x**3))
    model = compile("2*hill(3*a) + b", functions=[own])
    expected = 2 * (3 * X[:, 0]) ** 3 / (1 + (3 * X[:, 0]) ** 3) + X[:, 1]
    assert torch.allclose(model(X[:, :2])[:, 0], expected)
    with pytest.raises(UnknownName, match="hill"):
        compile("hill(a)")


@pytest.mark.parametrize("given", [[], None, {"a": 1}, object()])
def test_what_is_no_expression_is_refused(given):
    with pytest.raises(InputError, match="compile: expression must be"):
        compile(given)


@pytest.mark.parametrize("variables", [["a"], ["a", "b", "a"]])
def test_variables_must_be_those_that_occur(variables):
    with pytest.raises(InputError, match="compile: variables must be"):
        compile("a*b", variables)


def test_pykan_s_order_of_arguments():
    assert kanpiler([A, B], A * B, grid=4).grid == (4,)


def test_float32_is_near():
    model = compile("sin(a)*b", dtype=torch.float32)
    x = X[:, :2].float()
    assert torch.allclose(model(x)[:, 0], x[:, 0].sin() * x[:, 1], rtol=1e-5)


def test_what_the_formula_misses_can_be_learned():
    x = torch.rand(300, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = x[:, :1] * x[:, 1:] + 0.3 * x[:, :1] ** 3
    model = KAN.from_formula("1.5*a*b + 1")
    model = model.widen(1, sums=2).mask_edges([(0, 0, 0), (0, 1, 0), (0, 0, 1)], on=True)
    before = (model(x) - y).square().mean()
    model.fit((x, y), steps=40)
    assert (model(x) - y).square().mean() < 1e-6 * before
    assert isinstance(model, KAN)


def test_saved_and_loaded(tmp_path):
    model = KAN.from_formula("sin(pi*a)/b")
    model.save(tmp_path / "model.edgewise")
    assert torch.equal(KAN.load(tmp_path / "model.edgewise")(X[:, :2]), model(X[:, :2]))


def test_large_expressions_stay_quick_and_shallow():
    symbols = sympy.symbols("x:12")
    expression = sum(symbols[n] * symbols[(n + 5) % 12] ** 2 for n in range(12))
    model = compile(expression)
    assert model.depth == 2
    assert math.isfinite(model(torch.ones(1, 12).double()).item())
    assert edgewise.compile is compile
