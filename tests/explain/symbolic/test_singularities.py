"""Ends and poles of formulas are seen inside the data and just beyond them, and told from what samples keep out of."""

import pytest
import torch

from edgewise.explain.symbolic.singularities import branch, kept_out, pole_among, singularities, singularity
from edgewise.functions import LIBRARY
from edgewise.network import build, set_formula

X = torch.linspace(0.1, 1, 40, dtype=torch.float64)[:, None]


def of_one(name, affine=(1, 0, 1, 0)):
    return set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), name, affine)


@pytest.mark.parametrize(
    ("name", "affine"),
    [("log", (1, 0, 1, 0)), ("1/x^2", (1, 0, 1, 0)), ("tan", (-1, 1.6, 1, 0)), ("arcsin", (1, -1.05, 1, 0))],
)
def test_points_past_an_end_or_a_pole_are_found(name, affine):
    found = singularity(of_one(name, affine), X, X - 0.2)
    assert found.name == f"{name} of x_1"
    assert 0 in found.rows.tolist()
    assert singularity(of_one(name, affine), X, X) is None


def test_functions_of_the_whole_line_have_none():
    assert list(singularities(of_one("exp"), X, 1e3 * X - 5)) == []


def test_an_edge_of_a_hidden_layer_is_called_by_its_address():
    model = build([2, 1, 1], dtype=torch.float64)
    for i, sign in ((0, 1), (1, -1)):
        model = set_formula(model, (0, i, 0), "x", (1, 0, sign, 0))
    model = set_formula(model, (1, 0, 0), "log")
    samples = torch.tensor([[2.0, 1.0], [3.0, 1.0]], dtype=torch.float64)
    assert singularity(model, samples, samples.flip(1)).name == "log on edge (1, 0, 0)"


def test_a_pole_between_samples_has_them_on_both_sides():
    assert pole_among(of_one("1/x", (1, -0.5, 1, 0)), X) == "1/x of x_1"
    assert pole_among(of_one("1/x"), X) is None


def test_every_branch_of_a_tangent_has_its_number():
    turns = torch.tensor([-3.0, 0.0, 3.0, 6.2], dtype=torch.float64)
    assert len(set(branch(LIBRARY["tan"], turns).tolist())) == 4


def test_samples_keep_out_of_a_region_that_chance_would_have_led_some_into():
    assert kept_out(20, 1000, 400)
    assert not kept_out(7, 1000, 400)
