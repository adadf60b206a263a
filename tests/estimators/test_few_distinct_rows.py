from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators import KANClassifier, KANRegressor

FOUR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def outcomes(shares, seed=0):
    return np.random.default_rng(seed).random(len(shares)) < shares


@pytest.mark.parametrize("make", [KANClassifier, KANRegressor])
def test_one_binary_column_gives_the_share_of_each_value(make):
    a = np.random.default_rng(0).integers(0, 2, 10000)
    y = outcomes(np.where(a == 1, 0.8, 0.3))
    model = make().fit(a[:, None], y.astype(float))
    found = model.predict_proba([[0], [1]])[:, 1] if make is KANClassifier else model.predict([[0], [1]])
    assert found == pytest.approx([0.3, 0.8], abs=0.025)


@pytest.mark.parametrize("count", [300, 4000])
@pytest.mark.parametrize("make", [KANClassifier, KANRegressor])
def test_either_but_not_both_is_found_between_two_columns_of_text(make, count):
    a, b = np.random.default_rng(1).integers(0, 2, (2, count))
    y = outcomes(np.where(a != b, 0.8, 0.2))
    words = pd.DataFrame({"a": np.where(a, "yes", "no"), "b": np.where(b, "given", "none")})
    asked = pd.DataFrame({"a": ["no", "no", "yes", "yes"], "b": ["none", "given", "none", "given"]})
    model = make().fit(words, y.astype(float))
    found = model.predict_proba(asked)[:, 1] if make is KANClassifier else model.predict(asked)
    seen = [y[(a == i) & (b == j)].mean() for i, j in FOUR]
    assert found == pytest.approx(seen, abs=0.1 if count == 300 else 0.04)


def test_either_but_not_both_is_found_without_noise():
    a = np.random.default_rng(2).integers(0, 2, (1000, 2))
    y = a[:, 0] != a[:, 1]
    assert KANClassifier().fit(a, y).predict(FOUR).tolist() == [False, True, True, False]
    assert KANRegressor().fit(a, y.astype(float)).predict(FOUR) == pytest.approx([0, 1, 1, 0], abs=0.02)


def test_a_table_of_two_by_three_cells_that_interact():
    shares = np.array([[0.1, 0.5, 0.9], [0.8, 0.5, 0.2]])
    random = np.random.default_rng(3)
    a, b = random.integers(0, 2, 3000), random.integers(0, 3, 3000)
    y = outcomes(shares[a, b])
    model = KANClassifier().fit(pd.DataFrame({"a": a.astype(str), "b": b.astype(str)}), y)
    cells = pd.DataFrame([(str(i), str(j)) for i in range(2) for j in range(3)], columns=["a", "b"])
    assert model.predict_proba(cells)[:, 1] == pytest.approx(shares.ravel(), abs=0.06)


def test_counts_as_weights_are_as_good_as_rows():
    counts = np.array([700.0, 300.0, 200.0, 800.0])
    cells, y = np.array([["a"], ["a"], ["b"], ["b"]], dtype=object), np.array([0, 1, 0, 1])
    table = pd.DataFrame(cells, columns=["group"])
    model = KANClassifier().fit(table, y, sample_weight=counts)
    rows = np.repeat(np.arange(4), counts.astype(int))
    same = KANClassifier().fit(table.iloc[rows], y[rows])
    asked = pd.DataFrame({"group": ["a", "b"]})
    assert model.predict_proba(asked)[:, 1] == pytest.approx([0.3, 0.8], abs=0.02)
    np.testing.assert_array_equal(model.predict_proba(asked), same.predict_proba(asked))


def test_means_of_cells_come_as_near_as_the_rows_allow():
    random = np.random.default_rng(4)
    means, a, b = random.normal(size=(4, 5)), random.integers(0, 4, 4000), random.integers(0, 5, 4000)
    y = means[a, b] + random.normal(0, 0.5, 4000)
    model = KANRegressor().fit(pd.DataFrame({"a": a.astype(str), "b": b.astype(str)}), y)
    cells = pd.DataFrame([(str(i), str(j)) for i in range(4) for j in range(5)], columns=["a", "b"])
    error = model.predict(cells) - means.ravel()
    assert np.sqrt(np.mean(error**2)) < 0.06  # the cells' own means: about 0.035
