from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.problem import Problem
from edgewise.discovery.sum_behind import sum_behind
from edgewise.discovery.surrogate import plain_features

GROUPS = ((0, 1), (2,))


def problem(law, noise=0.0, count=700) -> tuple[Problem, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 2, (count, 3))
    y = law(x[:, 0] * x[:, 1], np.exp(x[:, 2]))
    return Problem.of(x, y + noise * y.std() * random.standard_normal(count), list("abc"), noise), x


@pytest.mark.parametrize("law", [lambda g, h: np.sqrt(g + h), lambda g, h: np.tanh(g - h / 2)])
def test_parts_are_those_of_the_law_but_for_scale_and_shift(law):
    p, x = problem(law)
    found = sum_behind(p, GROUPS, plain_features(p))
    assert found.missed < 1e-6
    for part, true in zip(found.parts.T, (x[:, 0] * x[:, 1], np.exp(x[:, 2])), strict=True):
        assert abs(np.corrcoef(part, true)[0, 1]) > 1 - 1e-10
    # The sum is of size 1, and both parts have one scale.
    np.testing.assert_allclose(found.parts.sum(1).std(), 1)


def test_the_slope_is_that_of_the_function():
    p, _ = problem(lambda g, h: np.sqrt(g + h))
    found = sum_behind(p, GROUPS, plain_features(p))
    total = found.parts.sum(1)
    order = np.argsort(total)
    rise = np.gradient(p.y[order], total[order])
    assert np.median(np.abs(rise / found.slope[order] - 1)) < 1e-2


def test_other_parts_do_not_fit():
    p, _ = problem(lambda g, h: np.sqrt(g + h))
    assert sum_behind(p, ((0, 2), (1,)), plain_features(p)).missed > 1e-3


def test_noise_is_not_learnt():
    p, x = problem(lambda g, h: np.sqrt(g + h), noise=0.03)
    found = sum_behind(p, GROUPS, plain_features(p))
    assert 0.02 < found.missed < 0.04
    assert abs(np.corrcoef(found.parts[:, 0], x[:, 0] * x[:, 1])[0, 1]) > 0.995


def test_few_samples_or_no_time_give_nothing():
    p, _ = problem(lambda g, h: g + h, count=20)
    assert sum_behind(p, GROUPS, plain_features(p)) is None
    p, _ = problem(lambda g, h: g + h)
    assert sum_behind(p, GROUPS, plain_features(p), lambda: False) is None
