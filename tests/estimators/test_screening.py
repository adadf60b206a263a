from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators import KANClassifier, KANRegressor
from edgewise.estimators.samples import Samples
from edgewise.estimators.screening import is_wide, with_all_columns
from edgewise.estimators.settings import resolve
from edgewise.network import build


def table(rows, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def signal(x):
    return 2 * x[:, 3] + x[:, 7] ** 2


def test_two_columns_of_five_hundred_are_found():
    x = table(1300, 500)
    y = signal(x) + np.random.default_rng(1).normal(0, 0.5, 1300)
    model = KANRegressor().fit(x[:300], y[:300])
    assert model.score(x[300:], y[300:]) > 0.94  # of 0.96; the lasso has 0.64, boosted trees 0.85
    assert len(model.screened_out_) == 498 and {"x_4", "x_8"}.isdisjoint(model.screened_out_)
    assert model.search_result_.columns == (3, 7)
    assert np.flatnonzero(model.feature_importances_).tolist() == [3, 7]
    assert any("498 of 500 columns" in note for note in model.notes_)


def test_classes_of_a_wide_table():
    x = table(1150, 60, seed=2)
    y = signal(x) > 1
    model = KANClassifier(hidden=0).fit(x[:150], y[:150])
    assert model.score(x[150:], y[150:]) > 0.85
    assert {"x_4", "x_8"}.isdisjoint(model.screened_out_)


def test_a_product_of_columns_that_matter_alone_too_is_found():
    x = np.random.default_rng(3).uniform(-1, 1, (900, 120))
    y = x[:, 3] + x[:, 7] + 3 * x[:, 3] * x[:, 7] + np.random.default_rng(4).normal(0, 0.2, 900)
    model = KANRegressor().fit(x[:300], y[:300])
    assert model.model_.depth == 2 and model.score(x[300:], y[300:]) > 0.9


def test_all_columns_stay_where_all_say_a_little():
    random = np.random.default_rng(0)
    weights = random.normal(size=200) / 200**0.5
    x = random.normal(size=(1100, 200))
    y = x @ weights + random.normal(0, 0.3, 1100)
    model = KANRegressor().fit(x[:150], y[:150])
    assert model.screened_out_ == [] and model.search_result_.columns is None
    assert model.score(x[150:], y[150:]) > 0.35  # as ridge regression


def test_noise_gives_the_mean():
    x = table(60, 200, seed=5)
    y = np.random.default_rng(6).normal(size=60)
    model = KANRegressor().fit(x, y)
    assert np.abs(model.predict(table(500, 200, seed=7).clip(-1, 1)) - y.mean()).mean() < 0.3 * y.std()


def test_neither_the_order_of_rows_nor_how_weights_are_written_changes_what_is_chosen():
    x = table(60, 40, seed=8)
    y, order = signal(x), np.random.default_rng(0).permutation(60)
    new = table(20, 40, seed=9).clip(-1, 1)
    first = KANRegressor().fit(x, y, sample_weight=np.where(np.arange(60) < 20, 2.0, 1.0)).predict(new)
    moved = (
        KANRegressor()
        .fit(np.concatenate([x[order], x[:20]]), np.concatenate([y[order], y[:20]]))
        .predict(new)
    )
    np.testing.assert_array_equal(first, moved)


@pytest.mark.parametrize(("rows", "columns", "wide"), [(60, 200, True), (400, 30, False), (20, 10, False)])
def test_a_table_is_wide_by_its_basis_functions(rows, columns, wide):
    settings = resolve(
        rows, hidden=0, grid=5, k=3, smoothness="auto", validation="auto", patience=3, steps=3, seed=0
    )
    x = torch.zeros(rows, columns, dtype=torch.float64)
    assert is_wide(Samples(x, x[:, :1], torch.ones(rows)), settings) == wide


def test_edges_of_columns_that_are_not_read_are_off():
    model = build([2, 3, 1], base="zero", seed=0, dtype=torch.float64)
    whole = with_all_columns(model, torch.tensor([1, 4]), 6)
    x = torch.rand(9, 6, dtype=torch.float64)
    torch.testing.assert_close(whole(x), model(x[:, [1, 4]]))
    assert {i for l, i, _ in whole.active_edges() if l == 0} == {1, 4}
