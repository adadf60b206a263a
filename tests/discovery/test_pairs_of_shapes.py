from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.pairs_of_shapes import pairs_of_shapes
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem
from edgewise.discovery.shapes import shapes


def is_found(law, noise, low, high):
    """Whether a proposal is the law, after its constants were fitted to samples without noise."""
    random = np.random.default_rng(0)
    x = random.uniform(low, high, (200, 1))
    y = law(*x.T)
    samples = Problem.of(x, y + noise * y.std() * random.standard_normal(200), "a")
    for one in pairs_of_shapes(samples, shapes(samples), noise * samples.spread):
        fit = fitted(one.form, samples.symbols, samples.x, y / samples.y_scale)
        if fit is not None and fit.rmse < 1e-6 * samples.spread:
            return True
    return False


@pytest.mark.parametrize(
    ("law", "noise", "low", "high"),
    [
        (lambda r: 2.8 * ((1.1 / r) ** 12 - (1.1 / r) ** 6), 0.02, 0.9, 2.5),
        (lambda r: 3.2 * (1 - np.exp(-1.4 * (r - 1.3))) ** 2, 0.0, 0.5, 4),
        (lambda t: 2.1 * np.exp(-0.3 * t) * np.sin(2.7 * t + 0.4), 0.02, 0, 8),
        (lambda t: np.cos(5 * t) + np.cos(6 * t), 0.0, 0, 6),
        (lambda t: 1.3 * np.exp(-t) + 0.4 * np.exp(-0.2 * t) - 1, 0.0, 0, 9),
        (lambda x: x**1.5 * np.exp(-0.8 * x), 0.02, 0.1, 9),
    ],
)
def test_laws_of_one_column(law, noise, low, high):
    assert is_found(law, noise, low, high)


def test_changes_of_the_target():
    assert is_found(lambda t: 10 ** (8.07131 - 1730.63 / (233.426 + t)), 0.0, 20, 120)
    assert is_found(lambda t: np.log(1.5 + np.exp(2 * t)), 0.0, -2, 2)


def test_constant_targets_have_none_that_is_not_finite():
    x = np.linspace(1, 2, 50)[:, None]
    samples = Problem.of(x, np.full(50, 3.0), "a")
    assert all(np.isfinite(one.missed) for one in pairs_of_shapes(samples, shapes(samples), 0.0))
