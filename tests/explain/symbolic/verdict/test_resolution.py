"""Samples on a lattice do not tell a fast curve from a slow one, and few values nothing."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.explain.symbolic.verdict.resolution import too_few_values, turns_between_samples
from edgewise.network import build, mask_edges, set_formula

INTEGERS = torch.arange(30, dtype=torch.float64)[:, None]


def network(width, edges):
    model = build(width, dtype=torch.float64)
    model = mask_edges(model, list(model.active_edges()))
    for edge, (name, *affine) in edges.items():
        model = set_formula(model, edge, name, affine)
    return model


@pytest.mark.parametrize("frequency", [4.0, 5.0, 6.2715, 2 * math.pi, 12.6, 25.0])
def test_a_sine_that_turns_between_integers_is_found(frequency):
    model = network([1, 1], {(0, 0, 0): ("sin", frequency, -1.161, -25.87, 0)})
    assert turns_between_samples(model, INTEGERS) == "sin of x_1"


@pytest.mark.parametrize("frequency", [0.01, 0.5, 1.0, 2.0])
def test_a_sine_that_integers_resolve_is_not(frequency):
    model = network([1, 1], {(0, 0, 0): ("sin", frequency, 0.3, 1, 0)})
    assert turns_between_samples(model, INTEGERS) is None


@pytest.mark.parametrize("step", [0.1, 1 / 64, 1e-3])
def test_lattices_of_any_step(step):
    fast = network([1, 1], {(0, 0, 0): ("sin", (2 * math.pi - 0.1) / step, 0, 1, 0)})
    assert turns_between_samples(fast, INTEGERS * step) is not None


@pytest.mark.parametrize(
    "name", ["x^2", "x^3", "exp", "abs", "tanh", "log", "1/x", "sqrt", "gaussian", "sgn"]
)
def test_curves_that_bend_once_do_not_turn(name):
    model = network([1, 1], {(0, 0, 0): (name, 0.5, 1.2, 1, 0)})
    assert turns_between_samples(model, INTEGERS / 3) is None


def test_a_sine_beside_a_larger_term_and_behind_another_edge():
    model = network([1, 2, 1], {(0, 0, 0): ("x^2", 1, 0, 1000, 0), (0, 0, 1): ("x", 1, 0, 1, 0),
                                (1, 0, 0): ("x", 1, 0, 1, 0), (1, 1, 0): ("sin", 6.27, 0, 1, 0)})  # fmt: skip
    assert turns_between_samples(model, INTEGERS) == "sin on edge (1, 1, 0)"


def test_irregular_samples_resolve_more():
    x = torch.rand(2000, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert turns_between_samples(network([1, 1], {(0, 0, 0): ("sin", 60.0, 0, 1, 0)}), x) is None


def test_samples_must_be_more_than_constants():
    sine = network([1, 1], {(0, 0, 0): ("sin", 1, 0, 1, 0)})
    assert too_few_values(sine, INTEGERS[:7]) == "7 different samples do not determine 4 constants"
    assert too_few_values(sine, INTEGERS[:8]) is None
    assert too_few_values(sine, INTEGERS[:1]) == "1 sample does not determine 4 constants"


def test_values_of_a_column_must_be_more_than_its_constants():
    model = network([2, 1], {(0, 0, 0): ("sin", 1, 0, 1, 0), (0, 1, 0): ("x", 1, 0, 1, 0)})
    x = torch.cartesian_prod(torch.arange(3.0), torch.arange(40.0)).double()
    assert "3 different values of x_1" in too_few_values(model, x)
    x = torch.cartesian_prod(torch.arange(40.0), torch.arange(2.0)).double()
    assert too_few_values(model, x) is None
    x[:, 1] = 1.0
    assert "1 value of x_2 does not determine" in too_few_values(model, x)


def test_the_influence_of_a_column_is_followed_through_products():
    model = network([2, (0, 1)], {(0, 0, 0): ("x", 1, 0, 1, 0), (0, 0, 1): ("x", 1, 0, 1, 1)})
    x = torch.cartesian_prod(torch.arange(5.0), torch.arange(40.0)).double()
    assert "5 different values of x_1" in too_few_values(model, x)


def test_constants_need_no_values():
    model = network([2, 1], {(0, 0, 0): ("x", 1, 0, 1, 0), (0, 1, 0): ("0", 1, 0, 1, 3)})
    x = torch.stack([torch.arange(40.0), torch.ones(40)], 1).double()
    assert too_few_values(model, x) is None


@pytest.mark.parametrize(
    ("name", "constants"), [("x", 2), ("x^0.5", 3), ("x^0.512", 4), ("x^4+2*x^3+x^2+0.5*x", 5), ("x^3+x", 4)]
)
def test_numbers_of_powers_and_polynomials_are_constants_too(name, constants):
    model = network([1, 1], {(0, 0, 0): (name, 1, 0, 1, 0)})
    x = torch.arange(1.0, 2 * constants, dtype=torch.float64)[:, None]
    assert f"do not determine {constants} constants" in too_few_values(model, x)
    enough = torch.arange(1.0, 2 * constants + 1, dtype=torch.float64)[:, None]
    assert too_few_values(model, enough) is None
