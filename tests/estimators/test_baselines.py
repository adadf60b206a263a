from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators.baselines import ColumnEncoder, baselines, folds


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
