from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from edgewise.errors import Cancelled
from edgewise.estimators.compare import (
    ColumnEncoder,
    baselines,
    compare,
    constant_scores,
    folds,
)
from edgewise.events import listen


@pytest.mark.parametrize("kind", ["values", "classes"])
def test_every_baseline_takes_mixed_columns_with_gaps(kind):
    table = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0] * 10, "b": ["x", "y", None, "x"] * 10})
    y = np.arange(40.0) if kind == "values" else np.array(["p", "q"] * 20)
    for model in baselines(kind).values():
        assert model.fit(table, y).predict(table).shape == (40,)


def test_levels_never_seen_are_no_level():
    coder = ColumnEncoder().fit(pd.DataFrame({"b": ["x", "y", "z"]}))
    assert coder.transform(pd.DataFrame({"b": ["new"]})).tolist() == [[0.0, 0.0, 0.0]]


def test_every_row_is_judged_once_and_classes_are_spread():
    y = np.array([0] * 10 + [1] * 10)
    cuts = folds("classes", y, 5)
    assert sorted(np.concatenate([judge for _, judge in cuts]).tolist()) == list(range(20))
    assert all(y[judge].mean() == 0.5 for _, judge in cuts)


def test_a_constant_prediction_is_scored_on_new_targets():
    values = constant_scores("values", np.array([0.0, 2.0]), np.array([1.0, 4.0]))
    assert values == {"rmse": pytest.approx(4.5**0.5), "mae": 1.5}
    classes = constant_scores("classes", np.array(["a", "a", "b", "a"]), np.array(["a", "b"]))
    assert classes == {"accuracy": 0.5, "log_loss": pytest.approx(-np.log([0.75, 0.25]).mean())}


def test_models_are_compared_on_the_same_folds():
    x = np.linspace(-1, 1, 60)
    table, heard = pd.DataFrame({"a": x, "b": np.where(x > 0, "p", "q")}), []
    with listen(heard.append):
        found = compare(
            table, np.sin(3 * x), hidden=0, n_folds=2, models={"tree": lambda: _tree(random_state=0)}
        )
    assert [one.name for one in found] == ["edgewise", "no input", "linear", "forest", "boosting", "tree"]
    assert all(len(one.scores["r2"]) == len(one.seconds) == 2 for one in found)
    assert all(len(one.scores["quantile_loss"]) == 2 for one in found)
    assert found[0].mean("quantile_loss") < found[1].mean("quantile_loss")
    assert found[0].mean("r2") > 0.9 > 0.1 > found[1].mean("r2")
    assert "fold 2 of 2, tree" in [event.text for event in heard]


def _tree(random_state):
    return make_pipeline(ColumnEncoder(), DecisionTreeRegressor(random_state=random_state))


def test_a_comparison_can_be_cancelled():
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled), listen(lambda event: None, cancel):
        compare(np.zeros((10, 1)), np.arange(10.0))
