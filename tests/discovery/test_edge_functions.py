from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
import torch

from edgewise.discovery.edge_functions import FUNCTIONS, Option, scaled

X = sympy.Symbol("x")
H = 0.5 * sympy.sin(X) + 2.0


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
@pytest.mark.parametrize("inside", [X, H], ids=["column", "node"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_written_is_what_the_edge_computes(function, inside, turned):
    a, b = (-0.7, 2.5) if turned else (0.7, 0.4)
    option = Option(function.name, (a, b, -1.3, 0.2))
    points = np.linspace(0.3, 2.0, 9)
    there = np.array([float(inside.subs(X, p)) for p in points])
    wanted = -1.3 * function.fn(torch.from_numpy(a * there + b)).numpy() + 0.2
    values = [complex(option.written(inside).subs(X, p)) for p in points]
    np.testing.assert_allclose(values, wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "constants"), [("x", 2), ("x^2", 3), ("sqrt", 3), ("exp", 3), ("log", 3), ("sin", 4)]
)
def test_constants_that_others_make_up_for_are_left_out(name, constants):
    written = Option(name, (0.7, 2.5, -1.3, 0.2)).written(X)
    assert len(written.atoms(sympy.Float)) == constants


def test_a_small_shift_may_be_none():
    option = Option("x^2", (2.0, 0.1, 1.0, 0.0))
    assert option.is_near(1.0) and not option.is_near(0.1)
    assert option.plain.written(X) == 4.0 * X**2
    assert not Option("sin", (2.0, 0.1, 1.0, 0.0)).is_near(1.0) and not option.plain.is_near(1.0)


def test_an_edge_that_is_cut_is_its_mean():
    assert Option("0", (0.0, 0.0, 0.0, 0.25)).written(X) == 0.25


def test_numbers_in_front_are_taken_out():
    assert scaled(-4.0 * X + 2.0) == (4.0, 0.5 - X)
    assert scaled(sympy.Float(3.0))[0] == 1.0
    assert math.isclose(scaled(0.25 * sympy.sin(X))[0], 0.25)
