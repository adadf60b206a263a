from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.folds import Folds, over_folds
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow


def run_of(frame, **choices):
    return run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.2, 0, False, {"hidden": 0, **choices}))


def test_the_model_is_trained_anew_without_each_fifth():
    x = np.random.default_rng(0).uniform(-1, 1, 150)
    run = run_of(pd.DataFrame({"a": x, "b": np.cos(99 * x), "y": x**2}))
    before = run.estimator.predict(run.prepared.inputs)
    found = over_folds(run)
    assert found.rows == 120 and found.reason == "" and len(found.scores["rmse"]) == 5
    assert set(found.importances) == {"a", "b"} and min(found.importances["a"]) > 0.9
    assert np.mean(found.baseline["rmse"]) > 5 * np.mean(found.scores["rmse"])
    np.testing.assert_array_equal(run.estimator.predict(run.prepared.inputs), before)


def test_intervals_stay_where_scores_can_be():
    found = Folds(
        scores={"accuracy": [0.9, 1.0, 1.0, 1.0, 1.0], "mae": [0.0, 0.1, 0.0, 0.0, 0.0], "r2": [1.0] * 5}
    )
    assert found.interval("accuracy")[1] == 1.0 and found.interval("mae")[0] == 0.0
    assert found.interval("r2") == (1.0, 1.0)
    assert found.interval("auc") is None and Folds(scores={"mae": [1.0]}).interval("mae") is None


@pytest.mark.parametrize(
    ("truth", "kind", "weights", "reason"),
    [
        (np.arange(20.0), "values", None, "20 training rows are too few"),
        (np.ones(50), "values", None, "does not vary"),
        (np.array(["a"] * 49 + ["b"], dtype=object), "classes", None, "class b has 1 training row,"),
        (np.arange(50.0), "values", np.array([0.0] + [1.0] * 49), "no weight"),
    ],
)
def test_why_there_are_none(truth, kind, weights, reason):
    prepared = SimpleNamespace(
        kind=kind, target=truth, weights_of=lambda rows: None if weights is None else weights[rows]
    )
    found = over_folds(SimpleNamespace(train=np.arange(len(truth)), prepared=prepared))
    assert reason in found.reason and not found.scores
