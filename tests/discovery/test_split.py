from __future__ import annotations

import numpy as np

from edgewise.discovery.split import Split

X = np.arange(4.0)[:, None]


def test_errors_of_both_parts():
    split = Split(X, X[:, 0] + 1, X[:2], X[:2, 0])
    assert split.errors(lambda x: x[:, 0]) == (1.0, 0.0)
    assert split.all_x.shape == (6, 1) and split.all_y.shape == (6,)
    assert split.all_weights is None


def test_weights_count():
    ones = np.ones(4)
    split = Split(X, np.array([0.0, 1, 2, 5]), X, X[:, 0], np.array([1.0, 1, 2, 0]), ones)
    assert split.errors(lambda x: x[:, 0]) == (0.0, 0.0)
    assert split.all_weights.tolist() == [1, 1, 2, 0, 1, 1, 1, 1]


def test_weights_of_fitted_and_held_out_samples_have_one_scale():
    samples = Split(np.zeros((3, 1)), np.zeros(3), np.zeros((2, 1)), np.zeros(2))
    found = samples.weighted(np.array([1.0, 2.0, 3.0, 4.0, 1e6]))
    np.testing.assert_allclose(found.all_weights.mean(), 1.0)
    assert found.held_weights[0] == found.weights[0] * 4
    assert found.weighted(None).all_weights is None
