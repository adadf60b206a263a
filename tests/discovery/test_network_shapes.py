from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.network_shapes import Shape, shaped_network
from edgewise.discovery.problem import Problem

A, B, C = sympy.symbols("a b c")


def problem(law, columns="abc", count=500):
    x = np.random.default_rng(0).uniform(-1.5, 1.5, (count, len(columns)))
    return Problem.of(x, law(*x.T), columns)


def test_what_is_missed_is_of_samples_that_it_was_not_trained_on():
    samples = problem(lambda a, b: np.exp(-((np.sin(a) + b) ** 2)), "ab")
    found = shaped_network(samples, Shape((1,)), 0)
    assert found.missed < 0.02 and found.edges == 3
    again = shaped_network(samples, Shape((1,)), 0)
    assert again.missed == found.missed
    assert shaped_network(samples, Shape(()), 0).missed > 0.3


def test_several_sums_are_made_sparse():
    found = shaped_network(problem(lambda a, b, c: (c + 2) * np.sin(a**2 + b)), Shape((2,), (0, 1)), 0)
    assert found.missed < 0.01 and found.edges < 10


def test_products_of_columns_enter_as_columns():
    found = shaped_network(problem(lambda a, b, c: np.tanh(a * b + c)), Shape((1,), products=True), 0)
    assert list(found.columns) == [A, B, C, A * B, A * C, B * C]
    assert np.allclose(found.x[:, 3], found.x[:, 0] * found.x[:, 1])
    assert found.missed < 0.01


def test_there_is_none_for_few_samples_or_no_products():
    assert shaped_network(problem(lambda a, b: a, "ab", 40), Shape((2,)), 0) is None
    assert shaped_network(problem(lambda a: a, "a", 40), Shape((1,), products=True), 0) is None
