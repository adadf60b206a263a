from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.beyond_constant import beyond_constant
from edgewise.discovery.polish import fitted
from edgewise.discovery.problem import Problem


def least(law, noise=0.0, columns=2):
    """What the best proposal misses of the law without noise, after its constants were fitted to that."""
    random = np.random.default_rng(1)
    x = random.uniform(-1.5, 1.5, (300, columns))
    y = law(*x.T)
    samples = Problem.of(x, y + noise * y.std() * random.standard_normal(300), "ab"[:columns])
    found = np.inf
    for one in beyond_constant(samples, noise * samples.spread):
        fit = fitted(one.form, samples.symbols, samples.x, y / samples.y_scale)
        found = min(found, np.inf if fit is None else fit.rmse / samples.spread)
    return found


@pytest.mark.parametrize("noise", [0.0, 0.01], ids=["exact", "noise"])
@pytest.mark.parametrize(
    "law",
    [
        lambda a, b: 0.25 + 1.5 * np.exp(-(a**2 + a * b + b**2)),
        lambda a, b: 3 - np.exp(0.4 * a - 0.3 * b),
        lambda a, b: 2 + 1 / (1 + a**2 + 2 * b**2),
        lambda a, b: -1 + np.sqrt(2 + a + 0.5 * b**2),
        lambda a, b: 5 - (2 + a + 0.3 * b) ** 2,
    ],
)
def test_a_constant_and_a_changed_polynomial(law, noise):
    assert least(law, noise) < (1e-10 if noise == 0 else 1e-6)


def test_awkward_samples():
    x = np.linspace(0, 1, 40)[:, None]
    assert list(beyond_constant(Problem.of(x, np.ones(40), "a"), 0.0)) == []
    assert list(beyond_constant(Problem.of(x[:2], x[:2, 0], "a"), 0.0)) == []
    wide = np.random.default_rng(0).standard_normal((50, 40))
    assert list(beyond_constant(Problem.of(wide, wide[:, 0], [f"x{n}" for n in range(40)]), 0.0)) == []
