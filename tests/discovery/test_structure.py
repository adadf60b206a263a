from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.structure import is_noise

X = np.random.default_rng(0).uniform(1, 3, (800, 3))
VALUES = X[:, 0] * X[:, 1]
NOISE = 0.1 * np.random.default_rng(1).standard_normal(800)


def test_noise_is_noise():
    assert is_noise(X, VALUES, NOISE)
    assert is_noise(X, VALUES, 1e30 * NOISE)
    assert is_noise(np.round(X), VALUES, NOISE)  # many samples with the same inputs


@pytest.mark.parametrize(
    "rest",
    [
        0.1 * VALUES,
        0.1 * (X[:, 2] - 2) ** 2,
        0.1 * (X[:, 0] - 2) * (X[:, 2] - 2),
        0.1 * np.sin(25 * X[:, 0]),
        0.05 * VALUES * (X[:, 1] - 2),
    ],
)
def test_what_follows_from_columns_or_values_is_none(rest):
    assert not is_noise(X, VALUES, NOISE + rest)
    assert not is_noise(X, VALUES, rest)


def test_what_a_few_samples_miss_alone_is_none():
    rest = 1e-6 * NOISE
    rest[5] = 1.0
    assert not is_noise(X, VALUES, rest)


def test_a_few_samples_tell_nothing():
    assert not is_noise(X[:20], VALUES[:20], NOISE[:20])
