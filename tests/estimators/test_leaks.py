from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise import KANClassifier, KANRegressor
from edgewise.errors import TableWarning
from edgewise.estimators.columns import fit_encoder
from edgewise.estimators.leaks import find_leaks, is_row_number, order_of


def table(rows=200, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": random.normal(size=rows), "b": random.integers(0, 9, rows)})
    return frame, np.sort(frame["a"].to_numpy() + random.normal(size=rows))


def lines(frame, y):
    found = fit_encoder(frame, [str(name) for name in frame.columns])
    return find_leaks(found.encoder, found.encoded, y)


@pytest.mark.parametrize(
    "name", ["id", "ID", "PassengerId", "patient_id", "row", "index", "Unnamed: 0", "c7", "serial"]
)
@pytest.mark.parametrize("classes", [False, True])
def test_numbers_of_rows_that_order_the_target_are_a_leak(name, classes):
    frame, y = table()
    y = np.digitize(y, [-1, 1]) if classes else y
    (line,) = lines(frame.assign(**{name: np.arange(200) + 1}), y)
    assert line.startswith(f"{name}: it numbers the rows, and orders the target")


def test_a_share_of_the_rows_in_any_order_is_enough():
    frame, y = table()
    some = np.random.default_rng(1).permutation(200)[:150]
    assert "leak" in lines(frame.assign(id=np.arange(200)).iloc[some], y[some])[0]


def test_a_saved_index_is_named_whatever_it_does():
    frame, y = table()
    y = np.random.default_rng(1).permutation(y)
    assert "saved index" in lines(frame.assign(**{"Unnamed: 0": np.arange(200)}), y)[0]
    assert lines(frame.assign(id=np.arange(200)), y) == []


@pytest.mark.parametrize(
    "column",
    [np.arange(200) / 7, np.arange(200) // 2, np.arange(200) * 50, np.r_[np.nan, np.arange(199)]],
)
def test_measured_columns_are_no_row_numbers(column):
    frame, y = table()
    assert lines(frame.assign(size=column), y) == []


def test_years_and_a_lone_column_are_left_alone():
    frame, y = table()
    assert lines(frame.assign(year=np.arange(200) + 1800), y) == []
    assert lines(pd.DataFrame({"x": np.arange(200)}), y) == []


def test_order_is_0_by_chance_and_1_where_sorted():
    random = np.random.default_rng(0)
    assert abs(order_of(np.arange(2000.0), random.normal(size=2000))) < 0.1
    assert abs(order_of(np.arange(2000.0), random.integers(0, 3, 2000))) < 0.1
    assert order_of(random.permutation(200).astype(float), np.zeros(200)) == 0.0
    assert is_row_number("id", np.array([7.0, 5.0])) and not is_row_number("id", np.array([7.0, 7.0]))


@pytest.mark.parametrize("estimator", [KANRegressor(hidden=0), KANClassifier(hidden=0)])
def test_estimators_warn_of_a_leak_at_the_fit(estimator):
    frame, y = table()
    y = y > 0 if isinstance(estimator, KANClassifier) else y
    with pytest.warns(TableWarning, match="fit: id: it numbers the rows, and orders the target"):
        estimator.fit(frame.assign(id=np.arange(200)), y)
    assert estimator.notes_[0].startswith("id: ")
