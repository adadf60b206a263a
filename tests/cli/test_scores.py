from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score, root_mean_squared_error

from edgewise.cli.scores import score_classes, score_values


def test_scores_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    truth, found = random.normal(size=50), random.normal(size=50)
    mine = score_values(found, truth)
    assert mine["rmse"] == pytest.approx(root_mean_squared_error(truth, found))
    assert mine["mae"] == pytest.approx(mean_absolute_error(truth, found))
    assert mine["r2"] == pytest.approx(r2_score(truth, found))
    classes, labels = np.array(["a", "b", "c"]), random.choice(["a", "b", "c"], 50)
    shares = random.dirichlet([1, 1, 1], 50)
    mine = score_classes(shares, classes, labels)
    assert mine["log_loss"] == pytest.approx(log_loss(labels, shares))
    assert mine["accuracy"] == accuracy_score(labels, classes[shares.argmax(1)])
