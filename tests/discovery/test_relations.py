from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.relations import (
    plain_variables,
    relations,
    roots_of_variables,
    sparse,
    sparsest,
    variables_and_waves,
    waves_alone,
)


def best(law, columns, variables, low=1.0, high=3.0):
    random = np.random.default_rng(0)
    x = random.uniform(low, high, (600, columns))
    problem = Problem.of(x, law(*x.T), "abcdefgh"[:columns])
    least = np.inf
    for proposal in relations(problem, variables(problem)):
        fit = fitted(proposal.form, problem.symbols, problem.x, problem.y)
        least = min(least, np.inf if fit is None else fit.rmse / problem.y.std())
        if least < 1e-10:
            break
    return least


@pytest.mark.parametrize(
    ("law", "columns"),
    [
        (lambda a, b, c: 2 * a * b - 3 * c**2 + 1, 3),
        (lambda a, b, c, d: a * b / ((c - d) ** 2 + 1), 4),
        (lambda a, b: 5 / np.sqrt(a**2 + b**2), 2),
        (lambda a, b: (a + b) / (1 + a * b / 9), 2),
        (lambda a, b, c, d: (a * b + c * d) / (a + c), 4),
        (lambda a, b: np.arcsin(a / (4 * b)), 2),
        (lambda a, b: np.exp(a * b - a**2), 2),
    ],
)
def test_polynomials_and_quotients_of_the_columns(law, columns):
    assert best(law, columns, plain_variables) < 1e-9


@pytest.mark.parametrize(
    ("law", "columns"),
    [
        (lambda a, b, c, d: a * (b + c * np.sin(d)), 4),
        (lambda a, b, c, d: np.sqrt(a**2 + b**2 - 2 * a * b * np.cos(c - d)), 4),
        (lambda a, b, c: (a - b) / (2 + b * np.cos(c)), 3),
    ],
)
def test_with_a_wave(law, columns):
    assert best(law, columns, variables_and_waves) < 1e-9


@pytest.mark.parametrize(
    "law",
    [
        lambda a, b, d: np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(d / 2) ** 2,
        lambda a, b, d: np.arccos(np.cos(a - b) * np.cos(d) * 0.9),
        lambda a, b, d: 1 / (3 + np.cos(a) * np.sin(b - d)),
    ],
)
def test_of_waves_alone(law):
    assert best(lambda a, b, d: law(a - 1, b - 1, d - 1), 3, waves_alone) < 1e-9


def test_of_roots():
    assert best(lambda a, b, c: a + b + 2 * np.sqrt(a * b) * np.cos(c), 3, roots_of_variables) < 1e-9


def test_few_columns_are_enough():
    random = np.random.default_rng(1)
    values = random.standard_normal((200, 30))
    target = 3 * values[:, 4] - values[:, 17]
    found = sparse(values, target, np.ones(200), 1e-9)
    assert np.flatnonzero(found).tolist() == [4, 17]


def test_the_sparsest_vector_of_a_span():
    null = np.array([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 0.0, 0.0]]) @ np.linalg.qr(np.eye(4))[0]
    assert np.count_nonzero(np.abs(sparsest(null)) > 1e-9) == 2
