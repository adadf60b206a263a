from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.arguments import Arguments
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.sums import sums, terms


def first(law, noise, low=1.0, high=3.0, columns=3):
    """What the first proposal misses of the law without noise, after its constants were fitted to that."""
    random = np.random.default_rng(0)
    x = np.exp(random.uniform(np.log(low), np.log(high), (400, columns)))
    y = law(*x.T)
    noisy = y + noise * y.std() * random.standard_normal(400)
    problem = Problem.of(x, noisy, "abc"[:columns])
    proposal = next(sums(problem, terms(problem), noise * problem.spread))
    fit = fitted(proposal.form, problem.symbols, problem.x, y / problem.y_scale)
    return np.inf if fit is None else fit.rmse / problem.spread


@pytest.mark.parametrize("noise", [0.01, 0.1])
@pytest.mark.parametrize(
    "law",
    [
        lambda a, b, c: 2 * a * b - c**2,
        lambda a, b, c: 1 / (1 / a + b / c),
        lambda a, b, c: np.sqrt(a**2 + 3 * b**2 * c),
        lambda a, b, c: np.exp(a / b - c),
    ],
)
def test_few_terms_for_a_change_of_noisy_targets(law, noise):
    assert first(law, noise) < 1e-9


def test_targets_over_decades_most_of_which_are_below_the_noise():
    assert first(lambda a, b, c: c / (1 + a * b), 0.01, 0.1, 30) < 1e-9


@pytest.mark.parametrize(
    "law", [lambda a, b: a + 2 * b * np.cos(a), lambda a, b: b + 1.5 * np.sqrt(b) * np.cos(a)]
)
def test_terms_times_functions(law):
    random = np.random.default_rng(1)
    x = random.uniform(0, 6, (300, 2))
    problem = Problem.of(x, law(*x.T), "ab")
    wave = Arguments(np.cos(x[:, :1]), (sympy.cos(problem.x_scale[0] * problem.symbols[0]),), np.ones(1))
    proposal = next(sums(problem, terms(problem, wave), 0.01))
    assert proposal.missed < 1e-6
