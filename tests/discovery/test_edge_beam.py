from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

from edgewise.discovery.edge_beam import Skeleton, read_off
from edgewise.discovery.problem import Problem
from edgewise.explain import compile

A, B, C = sympy.symbols("a b c")


def problem(law, columns="ab", noise=0.0):
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 2, (300, len(columns)))
    y = sympy.lambdify(sympy.symbols(list(columns)), law, "numpy")(*x.T)
    return Problem.of(x, y + noise * y.std() * random.standard_normal(300), columns, noise)


def network(law, columns, x):
    """Curves as a well trained network would have them."""
    return compile(law, columns, x=torch.from_numpy(x)).double()


LAWS = [
    sympy.exp(-sympy.sin(2 * A) - B**2),
    sympy.sqrt(sympy.sin(A) ** 2 + B),
    (sympy.sin(2 * A) + B) * (sympy.exp(-B) + 1),
    sympy.tanh(sympy.log(A) + B / 2) + B**2,
]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_law_of_a_network_is_read_off(law):
    samples = problem(law)
    model = network(law, (A, B), samples.x * samples.x_scale)
    scaled = Problem(samples.x * samples.x_scale, samples.y, samples.names, np.ones(2), samples.y_scale)
    best = next(read_off(model, scaled.x, scaled.symbols, scaled, lambda: True))
    assert best.missed < 1e-10 * scaled.spread


def test_a_choice_is_written_without_constants_that_others_make_up_for():
    law = sympy.exp(-2 * sympy.sin(2 * A) - B**2)
    samples = problem(law)
    model = network(law, (A, B), samples.x)
    skeleton = Skeleton.of(model, samples.x, (A, B))
    first = skeleton.written(tuple(0 for _ in skeleton.options))
    assert first.free_symbols == {A, B}
    x = samples.x[:5]
    values = sympy.lambdify((A, B), first, "numpy")(*x.T)
    np.testing.assert_allclose(values, model(torch.from_numpy(x)).detach().numpy()[:, 0], rtol=1e-5)


def test_inputs_may_stand_for_products():
    samples = problem(sympy.exp(A * B), "ab")
    x = samples.x * samples.x_scale
    more = np.column_stack([x, x[:, 0] * x[:, 1]])
    model = network(sympy.exp(C), (A, B, C), more)
    plain = Problem(x, samples.y * samples.y_scale, samples.names, np.ones(2), 1.0)
    best = next(read_off(model, more, (A, B, A * B), plain, lambda: True))
    assert best.missed < 1e-10 * plain.spread and best.form.free_symbols == {A, B}


def test_an_edge_alone_leaves_its_curve_to_the_next_one():
    law = sympy.exp(-sympy.sin(2 * A)) + B
    samples = problem(law)
    skeleton = Skeleton.of(network(law, (A, B), samples.x), samples.x, (A, B))
    firsts = [options for (layer, _, _), options in skeleton.options.items() if layer == 0]
    assert all([one.name for one in options] == ["x"] for options in firsts)


def test_there_is_an_end_without_time():
    samples = problem(A + B)
    model = network(A + B, (A, B), samples.x)
    assert len(list(read_off(model, samples.x, (A, B), samples, lambda: False))) <= 6
