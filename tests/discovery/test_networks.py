from __future__ import annotations

import numpy as np

from edgewise.discovery.networks import Samples, by_networks
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem

RANDOM = np.random.default_rng(0)


def problems(law):
    x = RANDOM.uniform(1, 3, (400, 2))
    y = law(*x.T)
    train = Problem.of(x[:300], y[:300], "ab")
    held = Problem(
        x[300:] / train.x_scale, y[300:] / train.y_scale, train.names, train.x_scale, train.y_scale
    )
    return train, Samples.of(train, held)


def test_a_sum_is_read_off_a_network():
    problem, samples = problems(lambda a, b: np.exp(a / 2) + np.sin(2 * b))
    best = min(
        fit.rmse
        for proposal in by_networks(problem, samples, 0, iter([True, False]).__next__)
        if (fit := fitted(proposal.form, problem.symbols, problem.x, problem.y)) is not None
    )
    assert best < 1e-8 * problem.y.std()
