from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from edgewise import KANClassifier, KANRegressor


def product(rows=200):
    x = np.random.default_rng(0).uniform(-1, 1, (rows, 2))
    return x, np.sin(3 * x[:, 0]) * x[:, 1]


def test_each_fit_goes_on_from_the_last_one():
    x, y = product()
    model = KANRegressor(hidden=3, max_iter=1, warm_start=True)
    losses = [1 - model.fit(x, y).score(x, y) for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]
    fresh = KANRegressor(hidden=3, max_iter=1).fit(x, y)
    assert fresh.fit(x, y).score(x, y) == pytest.approx(1 - losses[0])


def test_what_was_changed_or_pickled_in_between():
    x, y = product()
    model = KANRegressor(hidden=2, max_iter=1, warm_start=True).fit(x, y)
    again = pickle.loads(pickle.dumps(model)).fit(x, y)
    assert again.score(x, y) > model.score(x, y)
    assert again.set_params(hidden=0).fit(x, y).model_.depth == 1


def test_classes_and_columns_that_changed_start_afresh():
    x, y = product(80)
    model = KANClassifier(hidden=0, warm_start=True).fit(x, y > 0)
    assert model.fit(x, np.digitize(y, [-0.3, 0.3])).predict_proba(x).shape == (80, 3)
    frame = pd.DataFrame({"a": x[:, 0], "b": np.where(y > 0, "up", "down")})
    assert model.fit(frame, y > 0).score(frame, y > 0) == 1
