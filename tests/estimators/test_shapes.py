from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from edgewise.errors import TableWarning, UnknownName
from edgewise.estimators import KANClassifier, KANRegressor, positions, shapes


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(1)
    rows = 240
    found = pd.DataFrame(
        {
            "area": random.uniform(20, 200, rows),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 700, rows), "D"),
            "city": random.choice(["Bern", "Basel", "Zug"], rows, p=[0.5, 0.3, 0.2]),
            "size": pd.Categorical(random.choice(["S", "M", "L"], rows), ["S", "M", "L"], ordered=True),
            "flag": random.integers(0, 2, rows),
        }
    )
    found.loc[::8, "area"] = np.nan
    return found


@pytest.fixture(scope="module")
def price(table):
    return (
        2 * table["area"].fillna(150)
        + 50 * (table["city"] == "Bern")
        + 10 * table["size"].cat.codes
        + 5 * table["flag"]
        + (table["day"] - pd.Timestamp("2020-01-01")).dt.days / 10
    )


@pytest.fixture(scope="module")
def found(table, price):
    model = KANRegressor(hidden=0).fit(table, price)
    return {shape.axis.name: shape for shape in shapes(model, table)}


def test_effects_are_in_the_units_of_the_target(found):
    area = found["area"]
    slope = np.polyfit(area.axis.values, area.effect[:, 0], 1)[0]
    assert slope == pytest.approx(2, abs=0.15) and area.exact
    assert area.axis.gaps == 30 and area.axis.counts.sum() == 210
    at_150 = np.interp(150, area.axis.values, area.effect[:, 0])
    assert area.gap_effect[0] == pytest.approx(at_150, abs=10)


def test_levels_come_by_their_number_and_ordered_ones_in_their_order(found):
    city = found["city"].axis
    assert city.values == ["Bern", "Basel", "Zug"] and city.kind == "level"
    assert (np.diff(city.counts) <= 0).all() and city.counts.sum() == 240
    effect = found["city"].effect[:, 0]
    assert effect[0] - effect[1] == pytest.approx(50, abs=5)
    assert found["size"].axis.values == ["S", "M", "L"]
    assert np.diff(found["size"].effect[:, 0]) == pytest.approx([10, 10], abs=3)
    assert found["flag"].axis.values == ["0", "1"]


def test_dates_are_days_since_1970(found):
    day = found["day"].axis
    assert day.kind == "date"
    assert 18262 <= day.values[0] < day.values[-1] <= 18262 + 700


def test_days_that_are_numbers_are_dates_where_that_is_said(table, price):
    days = (table["day"] - pd.Timestamp("1970-01-01")).dt.days.to_frame()
    model = KANRegressor(hidden=0).fit(days, price)
    kinds = [shapes(model, days, kinds=given)[0].axis.kind for given in (None, {"day": "date"})]
    assert kinds == ["number", "date"]


def test_columns_are_those_asked_for_and_a_wrong_name_is_named(table, price):
    model = KANRegressor(hidden=0).fit(table, price)
    assert [shape.axis.name for shape in shapes(model, table, ["flag", "area"])] == ["flag", "area"]
    assert [shape.axis.name for shape in shapes(model, table, "city")] == ["city"]
    with pytest.raises(UnknownName, match="cities"):
        shapes(model, table, ["cities"])


def test_what_lies_far_off_does_not_squeeze_the_axis():
    x = np.append(np.linspace(0, 1, 399), 1e6)[:, None]
    with pytest.warns(TableWarning, match="far off"):
        model = KANRegressor(hidden=0).fit(x, np.append(np.linspace(0, 1, 399), 0.5))
    axis = shapes(model, x)[0].axis
    assert axis.values[-1] < 2 and axis.outside >= 1


def test_nothing_matters_for_a_constant_target():
    x = np.linspace(0, 1, 40)[:, None]
    (shape,) = shapes(KANRegressor(hidden=0).fit(x, np.ones(40)), x)
    assert np.abs(shape.effect).max() < 1e-9
    assert shape.deviation is None or np.isfinite(shape.deviation).all()


def test_a_curve_a_class():
    x = np.linspace(-1, 1, 90)[:, None]
    model = KANClassifier(hidden=0).fit(x, np.repeat(["a", "b", "c"], 30))
    (shape,) = shapes(model, x)
    assert shape.effect.shape == shape.deviation.shape == (81, 3)
    assert shape.effect[0].argmax() == 0 and shape.effect[-1].argmax() == 2


def test_where_entries_stand_on_an_axis(table, found):
    at = positions(
        found["city"].axis, KANRegressor(hidden=0).fit(table, table.index).encoder_.rules[2], table["city"]
    )
    assert [found["city"].axis.values[int(place)] for place in at[:20]] == table["city"][:20].tolist()


def test_columns_in_another_order_and_estimators_without_a_fit_are_refused(table, price):
    model = KANRegressor(hidden=0).fit(table, price)
    with pytest.raises(ValueError, match="feature names"):
        shapes(model, table[table.columns[::-1]])
    with pytest.raises(ValueError, match="features"):
        shapes(KANRegressor(hidden=0).fit(np.eye(9), np.arange(9)), np.zeros((4, 2)))
    with pytest.raises(NotFittedError):
        shapes(KANRegressor(), table)


def test_a_column_of_nothing_but_gaps_has_the_range_of_the_fit():
    x = np.stack([np.linspace(2, 5, 60), np.cos(np.arange(60.0))], 1)
    x[::10, 0] = np.nan
    model = KANRegressor(hidden=0).fit(x, np.nan_to_num(x[:, 0]))
    (shape,) = shapes(model, np.array([[np.nan, 0.0]] * 3), ["x_1"])
    assert 2 <= shape.axis.values[0] < shape.axis.values[-1] == 5 and shape.axis.counts.sum() == 0
    assert shape.axis.gaps == 3 and np.isfinite(shape.gap_effect).all()
