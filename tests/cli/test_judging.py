from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.judging import class_tables, judge
from edgewise.cli.tables import Prepared
from edgewise.estimators import KANClassifier, KANRegressor

X = pd.DataFrame({"x": np.linspace(-1, 1, 80)})
NONE = np.array([], dtype=int)


def test_values_are_measured_with_intervals():
    noise = np.random.default_rng(0).normal(scale=0.1, size=80)
    prepared = Prepared(X, X["x"].to_numpy() + noise, "values", ())
    estimator = KANRegressor(hidden=0).fit(X, prepared.target)
    found = judge(estimator, prepared, np.arange(80))
    assert set(found.scores) == {"rmse", "mae", "r2", "quantile_loss"}
    for name, (low, high) in found.intervals.items():
        assert low < found.scores[name] < high
    assert found.scores["rmse"] == pytest.approx(0.1, abs=0.02)
    assert judge(estimator, prepared, NONE).scores == {} and class_tables(estimator, prepared, NONE) is None


def test_classes_have_tables():
    prepared = Prepared(X, np.where(X["x"] > 0, "much", "little").astype(object), "classes", ())
    estimator = KANClassifier(hidden=0).fit(X, prepared.target)
    told = class_tables(estimator, prepared, np.arange(80))
    assert np.trace(told["confusion"]) == sum(estimator.predict(X) == prepared.target)
    assert told["calibration"][0]["observed"] == 0 and told["calibration"][-1]["observed"] == 1
    assert judge(estimator, prepared, np.arange(80)).scores["auc"] == pytest.approx(1.0)
