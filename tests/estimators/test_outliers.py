from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators import KANRegressor
from edgewise.estimators.columns import ColumnTransform, NumericRule, TableEncoder
from edgewise.estimators.outliers import lines_on_cells, lines_on_targets, row_labels


def table(rows=200):
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 2))
    return x, x[:, 0] + 0.1 * random.normal(size=rows)


def test_rows_are_called_as_the_frame_calls_them():
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=["p", "q", "r"])
    assert list(row_labels(frame, np.array([True, False, True]))) == ["p", "r"]


def test_cells_that_are_cut_are_named_the_farthest_first():
    encoder = TableEncoder((NumericRule("a", 0.0, False, transform=ColumnTransform(low=-3.0, high=3.0)),))
    values = np.array([0.0, 9.0, -50.0, 1.0])[:, None]
    assert lines_on_cells(encoder, values, "pqrs") == [
        "a: 2 of 4 rows are far off the others and read as the nearest of them: -50 in row r, 9 in row q"
    ]


@pytest.mark.parametrize("wild", [1e6, -1e9, 300.0])
def test_a_wild_target_is_named_with_the_way_out(wild):
    x, y = table()
    y[5] = wild
    with pytest.warns(UserWarning, match=r"in row 5; squared errors .* huber"):
        KANRegressor(hidden=0).fit(x, y)


def test_a_robust_loss_names_it_without_a_warning():
    x, y = table()
    y[5] = 1e6
    model = KANRegressor(hidden=0, loss="huber", smoothness=1e-2).fit(x, y)
    assert model.notes_ == ("y: 1 of 200 rows is far off what the columns say: 1e+06 in row 5",)


def test_codes_among_targets_are_named():
    _, y = table()
    y[::20] = -999
    (line,) = lines_on_targets(["price"], y[:, None], np.zeros((200, 1)), range(200), squared=True)
    assert line.startswith("price: 10 of 200 rows have -999")


@pytest.mark.parametrize("draw", ["normal", "exponential", "gumbel", "logistic", "laplace"])
def test_usual_noise_is_not_named(draw):
    y = getattr(np.random.default_rng(0), draw)(size=(1000, 1))
    assert lines_on_targets(["y"], y, np.full_like(y, y.mean()), range(1000), squared=True) == []


def test_the_formula_of_a_robust_fit_is_judged_without_wild_targets():
    x, y = table()
    y[[5, 50]] = 1e6, -1e4
    model = KANRegressor(hidden=0, loss="huber", smoothness=1e-2).fit(x, y)
    assert len(model.samples_) == len(model.targets_) == 198
    assert model.formula_.verdict == "within noise"
    assert str(model.formula_.symbols[0]) in str(model.formula_.expr)
