"""The joint refit converges to rounding, whatever is redundant."""

import math

import pytest
import torch

from edgewise.explain.symbolic import refit
from edgewise.explain.symbolic.refit import _Problem
from edgewise.network import Scaler, build, mask_edges, set_formula


def samples(columns=2, count=300):
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(count, columns, generator=generator, dtype=torch.float64) - 1


def network(width, edges, **settings):
    model = build(width, dtype=torch.float64, **settings)
    model = mask_edges(model, list(model.active_edges()))
    for edge, (name, *affine) in edges.items():
        model = set_formula(model, edge, name, torch.tensor(affine, dtype=torch.float64))
    return model


def start(**settings):
    edges = {
        (0, 0, 0): ("sin", 3.0, 0.1, 0.6, 0.1),
        (0, 1, 0): ("x^2", 1, 0.05, 0.6, 0),
        (1, 0, 0): ("exp", 1.2, 0, 1.1, 0.1),
    }
    return network([2, 1, 1], edges, **settings)


def target(x):
    return torch.exp(torch.sin(math.pi * x[:, :1]) + x[:, 1:] ** 2)


def test_converges_to_rounding():
    x = samples()
    found = refit(start(), x, target(x))
    assert found.unexplained < 1e-29
    assert found.steps < 25


def test_scalers_and_splines_beside():
    x = samples()
    scaled = start(
        input_scaler=Scaler(torch.zeros(2).double(), torch.full((2,), 1.1).double()),
        output_scaler=Scaler(torch.ones(1).double(), torch.full((1,), 3.0).double()),
    )
    assert refit(scaled, x, target(x)).unexplained < 1e-28
    beside = build([2, 2, 1], dtype=torch.float64, seed=5)
    for edge in [(0, 0, 0), (1, 0, 0)]:
        beside = set_formula(beside, edge, "sin", torch.tensor([1.0, 0, 1, 0], dtype=torch.float64))
    y = beside(x).detach()
    moved = set_formula(beside, (0, 0, 0), "sin", torch.tensor([1.1, 0.1, 0.9, 0.2], dtype=torch.float64))
    assert refit(moved, x, y).unexplained < 1e-26


def test_jacobian_is_exact():
    x = samples(count=20)
    model = network(
        [2, (1, 1), 2],
        {
            (0, 0, 0): ("exp", 1, 0, 1, 0),
            (0, 0, 1): ("sin", 2, 0.3, 1, 0.5),
            (0, 1, 2): ("x^3", 1, 0.2, 1, 0),
            (1, 0, 0): ("tanh", 1, 0, 1, 0),
            (1, 1, 1): ("log", 1, 9, 1, 0),
        },
    )
    problem = _Problem.of(model, x, torch.zeros(20, 2, dtype=torch.float64))
    theta = problem.start
    exact = problem.jacobian(theta)
    step = 1e-6
    for place in range(len(theta)):
        shift = torch.zeros_like(theta)
        shift[place] = step
        difference = (problem.residual(theta + shift) - problem.residual(theta - shift)) / (2 * step)
        assert torch.allclose(exact[:, place], difference, atol=1e-8)


def test_the_model_is_left_as_it_was():
    model, x = start(), samples()
    before = model.layers[0].formula.affine.clone()
    refit(model, x, target(x))
    assert torch.equal(model.layers[0].formula.affine, before)


def test_redundant_constants_do_no_harm():
    edges = {(0, 0, 0): ("x", 1, 0, 1, 0), (0, 1, 0): ("x", 1, 0, 1, 0.5), (1, 0, 0): ("x", 1, 0, 2, 1)}
    x = samples()
    found = refit(network([2, 1, 1], edges), x, 3 * x[:, :1] - x[:, 1:] + 2)
    assert found.unexplained < 1e-29
    assert bool(found.model.layers[0].formula.affine.abs().max() < 100)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_fewer_samples_than_constants(count):
    x = samples(count=count)
    assert refit(start(), x, target(x)).unexplained < 1e-6


def test_network_without_formulas():
    x = samples()
    assert refit(build([2, 1], dtype=torch.float64), x, target(x)).steps == 0
