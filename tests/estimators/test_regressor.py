from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edgewise.errors import InputError, TableWarning
from edgewise.estimators import KANRegressor


def table(rows=120, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 2, (rows, 3))
    return x, np.sin(x[:, 0]) + x[:, 1] ** 2


def test_a_sum_of_curves_is_learned_and_an_idle_column_does_not_count():
    x, y = table()
    model = KANRegressor(hidden=0).fit(x, y)
    new, truth = table(200, seed=1)
    assert model.score(new, truth) > 0.995
    assert model.feature_importances_.sum() == pytest.approx(1)
    assert model.feature_importances_[2] < 0.02


def test_a_product_needs_the_hidden_level_and_gets_it():
    random = np.random.default_rng(0)
    x, new = random.uniform(-1, 1, (300, 2)), random.uniform(-1, 1, (300, 2))
    model = KANRegressor().fit(x, x[:, 0] * x[:, 1])
    assert model.model_.depth == 2
    assert model.score(new, new[:, 0] * new[:, 1]) > 0.97


def test_a_straight_line_stays_an_additive_network():
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    model = KANRegressor().fit(x, x @ [1.0, 2.0, 0.0] + 0.5 * random.normal(size=60))
    assert model.model_.depth == 1


def test_the_model_takes_columns_in_their_own_units():
    x, y = table()
    x, y = 1e4 * x + 5e5, 1e-3 * y
    model = KANRegressor(hidden=0).fit(x, y)
    with torch.no_grad():
        direct = model.model_(torch.from_numpy(x)).numpy()[:, 0]
    np.testing.assert_allclose(model.predict(x), direct)
    assert model.score(x, y) > 0.99


def test_frames_with_categories_and_gaps_are_taken_and_names_are_kept():
    x, y = table(200)
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["kind"] = pd.Categorical(np.where(x[:, 2] > 0, "hot", "cold"))
    frame.loc[::7, "a"] = np.nan
    y = y + 3 * (x[:, 2] > 0)
    model = KANRegressor(hidden=0).fit(frame, y)
    assert list(model.feature_names_in_) == ["a", "b", "c", "kind"]
    assert model.model_.input_names == ("a", "a=missing", "b", "c", "kind=hot")
    assert model.feature_importances_.shape == (4,)
    unseen = frame.head(2).assign(kind=["warm", None])
    with pytest.warns(
        TableWarning, match=r'kind: 2 of 2 rows have a level never seen .*"warm" \(1\), missing'
    ):
        assert np.isfinite(model.predict(unseen)).all()


def test_contributions_add_up_to_the_prediction():
    x, y = table()
    model = KANRegressor(hidden=0).fit(x, y)
    parts = model.contributions(x)
    assert parts.values.shape == x.shape
    np.testing.assert_allclose(parts.base + parts.values.sum(1), model.predict(x))
    assert list(parts.columns()) == ["base", "x_1", "x_2", "x_3"]


def test_contributions_of_a_deep_network_add_up_to_the_prediction():
    x, y = table(60)
    model = KANRegressor(hidden=2, max_iter=1).fit(x, y)
    np.testing.assert_allclose(model.contributions(x[:9]).totals, model.predict(x[:9]))


def test_the_formula_is_in_the_units_of_the_columns():
    x = np.linspace(1, 5, 80)[:, None]
    model = KANRegressor(hidden=0).fit(pd.DataFrame(x, columns=["width"]), 2 * x[:, 0] + 1)
    found = model.formula_
    assert [str(symbol) for symbol in found.symbols] == ["width"]
    np.testing.assert_allclose(found(np.array([[2.0]])), [[5.0]], atol=0.05)
    assert model.formula_ is found


def test_several_outputs_come_back_as_they_went_in():
    x, y = table()
    model = KANRegressor(hidden=0).fit(x, np.column_stack([y, -y]))
    assert model.predict(x).shape == (120, 2)
    assert model.contributions(x).values.shape == (120, 3, 2)
    assert model.score(x, np.column_stack([y, -y])) > 0.99


def test_weights_say_the_same_as_repeated_rows_in_any_order():
    x, y = table(40)
    weights = np.arange(40) % 3
    once = KANRegressor(hidden=2, max_iter=2).fit(x, y, sample_weight=weights).predict(x)
    order = np.random.default_rng(0).permutation(weights.sum())
    more, values = np.repeat(x, weights, 0)[order], np.repeat(y, weights)[order]
    np.testing.assert_array_equal(KANRegressor(hidden=2, max_iter=2).fit(more, values).predict(x), once)


def test_it_works_in_pipelines_searches_workers_and_pickles():
    x, y = table(60)
    pipe = make_pipeline(StandardScaler().set_output(transform="pandas"), KANRegressor(hidden=0))
    search = GridSearchCV(pipe, {"kanregressor__grid": [3, 5]}, cv=2).fit(x, y)
    assert search.best_score_ > 0.9
    model = clone(pipe).fit(x, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    runs = Parallel(n_jobs=1)(delayed(clone(pipe).fit)(x, y) for _ in range(2))
    np.testing.assert_array_equal(runs[0].predict(x), runs[1].predict(x))


def test_fitting_leaves_nothing_behind(no_side_effects):
    x, y = table(40)
    before = x.copy()
    KANRegressor().fit(x, y)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": -1},
        {"hidden": "two"},
        {"grid": 0},
        {"k": 1.5},
        {"smoothness": -1.0},
        {"validation": 1.5},
        {"patience": 0},
        {"max_iter": 0},
        {"categories": ["nothing"]},
    ],
)
def test_a_parameter_out_of_bounds_is_named(settings):
    x, y = table(20)
    with pytest.raises(InputError, match=next(iter(settings))):
        KANRegressor(**settings).fit(x, y)


def test_unfitted_estimators_say_so():
    with pytest.raises(NotFittedError):
        KANRegressor().predict([[0.0]])


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_samples_are_enough_for_a_finite_prediction(rows):
    x, y = table(rows)
    assert np.isfinite(KANRegressor().fit(x, y).predict(x)).all()


def test_a_constant_column_and_huge_values_do_no_harm():
    x, y = table(60)
    x[:, 2] = 7.0
    model = KANRegressor().fit(1e12 * x, 1e-9 * y)
    assert model.score(1e12 * x, 1e-9 * y) > 0.95


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(pd.date_range("2020-01-01", periods=20)),
        np.arange(20).astype("timedelta64[D]"),
        np.array(["a", "1"] * 10, dtype=object),
        np.array(["low", "high"] * 10),
    ],
)
def test_targets_that_are_no_numbers_are_refused(y):
    with pytest.raises(InputError, match="y must hold numbers; got"):
        KANRegressor().fit(np.ones((20, 1)), y)


def test_frames_that_are_not_there_yet_are_refused():
    with pytest.raises(InputError, match="X must be a table; got a mapping"):
        KANRegressor().fit({"a": [1.0, 2.0]}, [1.0, 2.0])
