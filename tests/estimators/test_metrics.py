from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from edgewise.estimators.metrics import (
    calibration,
    confusion,
    intervals,
    quantile_loss,
    score_classes,
    score_values,
)


@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_values_are_those_of_scikit_learn(weighted):
    random = np.random.default_rng(0)
    truth, found = random.normal(size=50), random.normal(size=50)
    weights = random.uniform(0, 2, 50) if weighted else None
    mine = score_values(found, truth, weights)
    assert mine["rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, found, sample_weight=weights))
    assert mine["mae"] == pytest.approx(metrics.mean_absolute_error(truth, found, sample_weight=weights))
    assert mine["r2"] == pytest.approx(metrics.r2_score(truth, found, sample_weight=weights))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_classes_are_those_of_scikit_learn(count, weighted):
    random = np.random.default_rng(0)
    classes = np.array(["a", "b", "c"])[:count]
    truth, shares = random.choice(classes, 80), random.dirichlet([1] * count, 80)
    weights = random.uniform(0, 2, 80) if weighted else None
    mine, found = score_classes(shares, classes, truth, weights), classes[shares.argmax(1)]
    assert mine["accuracy"] == pytest.approx(metrics.accuracy_score(truth, found, sample_weight=weights))
    assert mine["balanced_accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(truth, found, sample_weight=weights)
    )
    assert mine["log_loss"] == pytest.approx(metrics.log_loss(truth, shares, sample_weight=weights))
    scores = shares[:, 1] if count == 2 else shares
    auc = metrics.roc_auc_score(truth, scores, multi_class="ovr", sample_weight=weights)
    assert mine["auc"] == pytest.approx(auc)
    assert confusion(found, truth, classes.tolist()) == metrics.confusion_matrix(truth, found).tolist()


def test_a_class_that_does_not_occur_leaves_no_area():
    mine = score_classes(np.full((4, 2), 0.5), np.array(["a", "b"]), ["a"] * 4)
    assert "auc" not in mine and mine["log_loss"] == pytest.approx(np.log(2))


def test_a_class_never_seen_is_as_wrong_as_can_be():
    mine = score_classes(np.array([[1.0, 0.0]]), np.array(["a", "b"]), ["c"])
    assert mine["accuracy"] == 0 and mine["log_loss"] == pytest.approx(-np.log(1e-9))


def test_calibrated_probabilities_have_no_calibration_error():
    random = np.random.default_rng(0)
    share = random.uniform(0, 1, 20000)
    came_true = random.random(20000) < share
    truth, both = np.where(came_true, "b", "a"), np.column_stack([1 - share, share])
    classes = np.array(["a", "b"])
    assert score_classes(both, classes, truth)["calibration_error"] < 0.02
    sure = np.clip(np.round(both), 0.01, 0.99)
    assert score_classes(sure, classes, truth)["calibration_error"] > 0.2
    assert sum(group["rows"] for group in calibration(share, came_true)) == 20000


def test_the_quantile_loss_is_that_of_quantiles_from_other_rows():
    random = np.random.default_rng(0)
    parts = [random.normal(size=4000), random.normal(size=4000)]
    expected = np.mean([
        metrics.mean_pinball_loss(parts[0], np.full(4000, np.quantile(parts[1], level)), alpha=level)
        for level in (0.05, 0.5, 0.95)
    ])  # fmt: skip
    assert quantile_loss(parts)[0] == pytest.approx(expected)


def test_intervals_hold_what_they_promise():
    random = np.random.default_rng(0)
    inside = 0
    for seed in range(60):
        sample = random.normal(size=100)
        low, high = intervals(lambda rows, sample=sample: {"mean": sample[rows].mean()}, 100, seed)["mean"]
        inside += low <= 0 <= high
    assert inside >= 52
    assert intervals(lambda rows: {"mean": 0.0}, 5) == {}
