"""The formula equals the network to 1e-10, for every function, arity, number of products and depth."""

import itertools
import math

import numpy as np
import pytest
import torch

from edgewise.explain import formula
from edgewise.functions import LIBRARY
from edgewise.network import Network, build, set_formula

COMPANIONS = ("sin", "tanh", "x^2", "x")


def uniform(generator, low, high):
    return low + (high - low) * float(torch.rand(1, generator=generator, dtype=torch.float64))


def affine_into_domain(function, h, generator):
    """Random constants that keep a h + b inside the domain and the edge's size near 1."""
    low, high = function.domain[-1]
    low, high = (max(low, -1.7) if low > -math.inf else -1.7), min(high, 2.3)
    span = high - low
    p, q = low + span * uniform(generator, 0.1, 0.3), high - span * uniform(generator, 0.1, 0.3)
    start, end = float(h.min()), float(h.max())
    a = (q - p) / max(end - start, 1e-9)
    b = p - a * start
    if uniform(generator, 0, 1) < 0.5:
        a, b = -a, q + a * start
    size = float(function.fn(a * h + b).abs().max())
    c = uniform(generator, 0.5, 1.2) / max(size, 0.1) * (1 if uniform(generator, 0, 1) < 0.5 else -1)
    return torch.tensor([a, b, c, uniform(generator, -0.3, 0.3)], dtype=torch.float64)


def random_network(function, hidden, depth, seed) -> tuple[Network, torch.Tensor]:
    """A symbolic network with `function` on half of its edges, and its samples."""
    generator = torch.Generator().manual_seed(seed)
    model = build(
        [2, *[hidden] * (depth - 1), 1] if depth > 1 else [2, (0, hidden[1][:1])], dtype=torch.float64
    )
    x = 2 * torch.rand(80, 2, generator=generator, dtype=torch.float64) - 1
    for l in range(model.depth):
        with torch.no_grad():
            h = x
            for layer in model.layers[:l]:
                h = layer(h)
        layer = model.layers[l]
        for number, (i, j) in enumerate(itertools.product(range(layer.in_features), range(layer.subnodes))):
            chosen = function if number % 2 == 0 else LIBRARY[COMPANIONS[number // 2 % len(COMPANIONS)]]
            model = set_formula(model, (l, i, j), chosen, affine_into_domain(chosen, h[:, i], generator))
    return model, x


def relative_error(found, model, x):
    with torch.no_grad():
        y = model(x).numpy()
    assert np.allclose(found(x), y, rtol=0, atol=found.error * 1.001 + 1e-300)
    return found.error / np.abs(y).max()


SHAPES = [((1, (2,)), 2), ((1, (3,)), 2), ((0, (2, 2)), 2), ((1, (2,)), 3), ((0, (4,)), 1), ((0, (4,)), 2)]


@pytest.mark.parametrize(("place", "name"), list(enumerate(sorted(LIBRARY))))
def test_formula_equals_network(place, name):
    for shift, snap in ((0, True), (3, False)):
        hidden, depth = SHAPES[(place + shift) % len(SHAPES)]
        model, x = random_network(LIBRARY[name], hidden, depth, seed=place)
        assert relative_error(formula(model, x, snap=snap), model, x) <= 1e-10


@pytest.mark.parametrize("arity", [2, 3, 4])
@pytest.mark.parametrize("products", [1, 2, 3])
def test_formula_with_products_of_every_arity(arity, products):
    model, x = random_network(LIBRARY["exp"], (1, (arity,) * products), 2, seed=arity * 10 + products)
    assert relative_error(formula(model, x), model, x) <= 1e-10


def test_formula_with_arity_3_and_two_products():
    model, x = random_network(LIBRARY["x"], (0, (3, 3)), 2, seed=1)
    assert relative_error(formula(model, x), model, x) <= 1e-10


def test_formula_of_a_network_three_deep():
    model, x = random_network(LIBRARY["log"], (2, (2,)), 3, seed=7)
    assert relative_error(formula(model, x, snap=False), model, x) <= 1e-10
