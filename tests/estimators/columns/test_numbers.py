from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators.columns.kinds import Kind
from edgewise.estimators.columns.numbers import read_numbers


@pytest.mark.parametrize(
    "column",
    [
        np.array([1, 2]),
        np.array([1.0, 2.0], dtype=np.float32),
        np.array(["1", "2.0"]),
        np.array(["1", 2], dtype=object),
        pd.Series([1, 2], dtype="Int64"),
        pd.Series([1, 2], dtype="category"),
        pd.Series(["1", "2"], dtype="string"),
    ],
)
def test_numbers_are_the_same_in_any_dtype(column):
    assert read_numbers(column, Kind("number"), "a", "predict")[0].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.to_datetime(["1970-01-02", "1970-01-03"])),
        pd.Series(pd.to_datetime(["1970-01-02", "1970-01-03"])).dt.tz_localize("UTC"),
        pd.Series(["1970-01-02", "1970-01-03"]),
        pd.Series(["2.1.1970", "3.1.1970"]),
        pd.Series([datetime.date(1970, 1, 2), datetime.date(1970, 1, 3)]),
        pd.Series(pd.PeriodIndex(["1970-01-02", "1970-01-03"], freq="D")),
        np.array(["1970-01-02", "1970-01-03"], dtype="datetime64[D]"),
        np.array([np.datetime64("1970-01-02"), pd.Timestamp("1970-01-03")], dtype=object),
    ],
)
def test_dates_are_the_same_in_any_dtype(column):
    assert read_numbers(column, Kind("date", "year first"), "a", "predict")[0].tolist() == [1.0, 2.0]


def test_moments_of_a_zone_are_those_of_utc():
    moment = datetime.datetime(1970, 1, 2, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert read_numbers(np.array([moment]), Kind("date"), "a", "fit")[0].tolist() == [1.0]


def test_durations_and_times_are_days_and_hours():
    half = [datetime.timedelta(hours=12), np.timedelta64(12, "h"), pd.Timedelta(hours=12), None]
    days, _ = read_numbers(np.array(half, dtype=object), Kind("duration"), "a", "fit")
    np.testing.assert_array_equal(days, [0.5, 0.5, 0.5, np.nan])
    hours, _ = read_numbers(np.array([datetime.time(12, 30), "9:30"], dtype=object), Kind("time"), "a", "fit")
    assert hours.tolist() == [12.5, 9.5]


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("number", np.array(["2020-01-01"], dtype="datetime64[D]")),
        ("number", np.array(["a", "1"])),
        ("number", np.array([1j])),
        ("date", np.array([18000.0])),
        ("duration", np.array([1.5])),
        ("time", np.array(["noon"])),
        ("number", np.array([1.0, np.inf])),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_name_of_its_column(kind, column):
    with pytest.raises(InputError, match="predict: column 'when' must"):
        read_numbers(column, Kind(kind), "when", "predict")
