from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import load_iris
from sklearn.multioutput import MultiOutputClassifier

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


@pytest.mark.parametrize(
    "y",
    [
        np.array([True, False]),
        np.array([5, -2]),
        np.array(["yes", "no"]),
        np.array(["yes", "no"], dtype=object),
        pd.Series(["yes", "no"], dtype="category"),
        pd.Series([5, 2], dtype="category"),
        pd.Series([5, 2], dtype="Int64"),
        pd.Series([True, False], dtype="boolean"),
        pd.Series(["yes", "no"], dtype="string"),
        ["yes", "no"],
    ],
)
def test_classes_come_back_in_their_own_type(y):
    x = np.tile([[0.0], [1.0]], (10, 1))
    many = y * 10 if isinstance(y, list) else pd.concat([y] * 10) if hasattr(y, "iloc") else np.tile(y, 10)
    model = KANClassifier(hidden=0).fit(x, many)
    found, plain = model.predict(x[:2]), np.asarray(y).ravel().tolist()
    assert found.tolist() == plain and model.classes_.tolist() == sorted(plain)
    assert [type(label) for label in found.tolist()] == [type(label) for label in plain]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_decision_is_that_of_the_probabilities(classes):
    x, _ = ring()
    y = np.digitize(x[:, 0], np.linspace(-1, 1, classes + 1)[1:-1])
    model = KANClassifier(hidden=0).fit(x, y)
    logits, shares = model.decision_function(x), model.predict_proba(x)
    assert logits.shape == ((200,) if classes == 2 else (200, 3))
    want = 1 / (1 + np.exp(-logits)) if classes == 2 else np.exp(logits) / np.exp(logits).sum(1)[:, None]
    np.testing.assert_allclose(shares[:, 1] if classes == 2 else shares, want)
    np.testing.assert_allclose(model.contributions(x).totals, logits, atol=1e-9)


def labels():
    x, _ = ring()
    return x, np.column_stack([x[:, 0] > 0, x[:, 1] > 0.3, (x[:, 0] > 0) & (x[:, 1] > 0)]).astype(int)


def test_labels_that_do_not_exclude_each_other_have_a_logit_each():
    x, y = labels()
    model = KANClassifier(hidden=2).fit(x, pd.DataFrame(y, columns=["right", "top", "both"]))
    assert model.score(x, y) > 0.9 and model.predict(x).dtype.kind == "i"
    assert model.predict_proba(x).shape == model.decision_function(x).shape == (200, 3)
    parts = model.contributions(x[:5])
    assert parts.outputs == ("right", "top", "both") == model.target_names_
    np.testing.assert_allclose(parts.totals, model.decision_function(x[:5]))


@pytest.mark.parametrize("form", [lambda y: csr_matrix(y), lambda y: y.astype(bool), lambda y: y.tolist()])
def test_labels_are_taken_in_any_form(form):
    x, y = labels()
    found = KANClassifier(hidden=0).fit(x, form(y)).predict_proba(x)
    np.testing.assert_allclose(found, KANClassifier(hidden=0).fit(x, y).predict_proba(x))


def test_several_columns_of_classes_are_refused_with_what_takes_them():
    x, y = labels()
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        KANClassifier().fit(x, y + 2 * y[:, ::-1])
    found = MultiOutputClassifier(KANClassifier(hidden=0)).fit(x, y + 2 * y[:, ::-1])
    assert found.predict(x).shape == (200, 3)


@pytest.mark.parametrize("y", [["a", None] * 10, [1.0, np.nan] * 10])
def test_gaps_among_the_classes_are_refused(y):
    with pytest.raises(ValueError, match="NaN"):
        KANClassifier().fit(np.ones((20, 1)), pd.Series(y))
