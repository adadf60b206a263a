from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from edgewise.estimators import KANClassifier


def ring(rows=200, seed=0):
    x = np.random.default_rng(seed).uniform(-1, 1, (rows, 2))
    return x, np.where((x**2).sum(1) > 0.5, "out", "in")


def test_a_ring_is_told_from_its_middle():
    x, y = ring()
    new, truth = ring(seed=1)
    model = KANClassifier().fit(x, y)
    assert model.score(new, truth) > 0.95
    assert list(model.classes_) == ["in", "out"]


def test_probabilities_sum_to_one_and_agree_with_the_prediction():
    x, y = load_iris(return_X_y=True)
    model = KANClassifier(hidden=0).fit(x, y)
    shares = model.predict_proba(x)
    assert shares.shape == (150, 3)
    np.testing.assert_allclose(shares.sum(1), 1)
    np.testing.assert_array_equal(model.predict(x), shares.argmax(1))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(x)), shares)
    assert model.score(x, y) > 0.95


def test_probabilities_are_calibrated_where_nothing_is_to_be_learned():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(400, 2)), random.random(400) < 0.2
    found = KANClassifier().fit(x, y).predict_proba(x)[:, 1]
    assert found.mean() == pytest.approx(y.mean(), abs=0.02)
    assert found.std() < 0.1


def test_balanced_classes_count_alike():
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 1))
    y = (x[:, 0] + random.normal(size=300) > 2).astype(int)
    plain = KANClassifier(hidden=0).fit(x, y).predict(x).mean()
    balanced = KANClassifier(hidden=0, class_weight="balanced").fit(x, y).predict(x).mean()
    assert balanced > 2 * plain


def test_text_columns_decide_a_class():
    frame = pd.DataFrame({"colour": ["red", "blue", None] * 20, "size": np.arange(60.0)})
    y = np.where(frame["colour"] == "red", "stop", "go")
    model = KANClassifier(hidden=0).fit(frame, y)
    assert model.score(frame, y) == 1
    assert model.feature_importances_[0] > 0.9


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="two classes"):
        KANClassifier().fit([[0.0], [1.0]], [1, 1])
