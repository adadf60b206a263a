from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.problem import Problem
from edgewise.discovery.surrogate import surrogate

LAWS = {
    "analytic": (lambda a, b: np.exp(-a) * np.sin(b) + a * b, 1e-5),
    "decades": (lambda a, b: 1 / (a**2 + 3 * b**2), 1e-2),
    "angle": (lambda a, b: a * np.cos(2 * b) + np.sin(b), 1e-8),
}


def samples(name) -> Problem:
    random = np.random.default_rng(0)
    x = random.uniform(0.1, 3, (800, 2))
    if name == "decades":
        x = 10 ** random.uniform(-1, 1, (800, 2))
    if name == "angle":
        x[:, 1] = random.uniform(0, 6.28, 800)
    return Problem.of(x, LAWS[name][0](*x.T), ["a", "b"])


@pytest.mark.parametrize("name", LAWS)
def test_laws_are_met_closely(name):
    p = samples(name)
    found = surrogate(p)
    assert found.missed < LAWS[name][1]
    rest = np.abs(found.values(p.x) - p.y)
    assert np.median(rest) < 10 * LAWS[name][1] * np.median(np.abs(p.y))


@pytest.mark.parametrize("name", LAWS)
def test_derivatives_are_those_of_the_values(name):
    p = samples(name)
    found = surrogate(p)
    x, step = p.x[:50], 1e-5
    slopes = found.slopes(x)
    size = found.values(x) / slopes.values  # what all are divided by
    for place in range(2):
        move = step * np.eye(2)[place]
        difference = (found.values(x + move) - found.values(x - move)) / (2 * step)
        np.testing.assert_allclose(slopes.gradient[:, place] * size, difference, rtol=1e-4, atol=1e-5)
    move = step * np.ones(2)
    ahead, behind = found.values(x + move), found.values(x - move)
    bend = (ahead + behind - 2 * found.values(x)) / step**2
    told = slopes.hessian.sum((1, 2)) * size
    np.testing.assert_allclose(told, bend, rtol=2e-2, atol=2e-3 * np.abs(bend).max())


def test_noise_is_not_learnt():
    p = samples("analytic")
    noisy = Problem.of(
        p.x, p.y + 0.05 * p.y.std() * np.random.default_rng(1).standard_normal(800), p.names, 0.05
    )
    assert 0.03 < surrogate(noisy).error < 0.08


def test_no_time_gives_what_there_is():
    found = surrogate(samples("analytic"), lambda: False)
    assert found is None or found.missed < 1
