from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators.columns.kinds import is_categorical, kind_of, kind_of_text, ordered_levels


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([1, 2], "number"),
        ([1.5, None], "number"),
        ([True, False], "bool"),
        (["True", "false"], "bool"),
        (["a", "b"], "text"),
        (["1", "2"], "text"),
        (["007", "008"], "text"),
        (["2020-01-31", "2020-02-28"], "date"),
        (["31.12.2020", "1.1.2021", "unknown"], "date"),
        (["12:30", "9:05"], "time"),
        ([datetime.date(2020, 1, 31), None], "date"),
        ([datetime.datetime(2020, 1, 31), None], "date"),
        ([datetime.timedelta(1), None], "duration"),
        ([datetime.time(12, 30), None], "time"),
        ([None, None], "number"),
        (["a", 1], "text"),
    ],
)
def test_the_entries_decide(values, name):
    assert kind_of(pd.Series(values, dtype=object)).name == name


@pytest.mark.parametrize(
    ("dtype", "values", "name"),
    [
        ("datetime64[ns, UTC]", ["2020-01-31"], "date"),
        ("timedelta64[ns]", ["1 day"], "duration"),
        ("boolean", [True, None], "bool"),
        ("Int64", [1, None], "number"),
        ("category", ["2020-01-31", "2020-02-01"], "text"),
        ("category", [1, 2], "text"),
    ],
)
def test_types_of_pandas_say_what_they_hold(dtype, values, name):
    assert kind_of(pd.Series(values, dtype=dtype)).name == name


def test_ordered_levels_keep_their_order():
    column = pd.Series(pd.Categorical(["low", "high"], ["low", "mid", "high"], ordered=True))
    assert kind_of(column).name == "ordered"
    assert ordered_levels(column) == ("low", "mid", "high")
    assert is_categorical(column)


def test_types_of_polars_say_what_they_hold():
    polars = pytest.importorskip("polars")
    sizes = polars.Series(["low", "high"], dtype=polars.Enum(["low", "mid", "high"]))
    assert ordered_levels(sizes) == ("low", "mid", "high")
    found = {
        "date": polars.Series([datetime.date(2020, 1, 31), None]),
        "duration": polars.Series([datetime.timedelta(1), None]),
        "time": polars.Series([datetime.time(12, 30), None]),
        "bool": polars.Series([True, None]),
        "text": polars.Series(["a", None], dtype=polars.Categorical),
    }
    assert {name: kind_of(column).name for name, column in found.items()} == {name: name for name in found}


def test_few_strange_entries_do_not_decide_and_many_do():
    dates = {f"2020-01-{day:02}": 1 for day in range(1, 29)}
    assert kind_of_text({**dates, "soon": 1}).name == "date"
    assert kind_of_text({**dates, "soon": 20}).name == "text"


def test_numbers_are_no_categories():
    assert not is_categorical(np.array([1.0, 2.0]))
