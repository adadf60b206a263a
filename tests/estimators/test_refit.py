from __future__ import annotations

import numpy as np
import pytest

from edgewise.estimators import KANClassifier, KANRegressor, refit

X = np.random.default_rng(0).uniform(-1, 1, (120, 2))


@pytest.mark.parametrize("hidden", [0, 2, "auto"])
def test_depth_and_smoothness_stay(hidden):
    first = KANRegressor(hidden=hidden).fit(X, X[:, 0] * X[:, 1])
    again = refit(first, X[:90], X[:90, 0] * X[:90, 1])
    assert again.search_result_.deep == first.search_result_.deep
    assert again.search_result_.model.width == first.search_result_.model.width
    assert again.search_result_.roughness.strength == first.search_result_.roughness.strength
    assert first.n_samples_fit_ == 120 and again.n_samples_fit_ == 90


def test_settings_and_weights_travel():
    y = X[:, 0] > 0
    first = KANClassifier(hidden=0, class_weight="balanced").fit(X, y)
    weights = np.where(X[:, 1] > 0, 1.0, 0.0)
    assert refit(first, X, y, weights).n_samples_fit_ == int(weights.sum())
    assert refit(first, X, y).class_weight == "balanced" and first.smoothness == "auto"
