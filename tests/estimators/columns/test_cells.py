from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators.columns.cells import as_array, columns_of, days_of, distinct, naming


def test_columns_of_one_name_stay_apart():
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    assert [column.tolist() for column in columns_of(frame)] == [[1, 3], [2, 4]]


def test_polars_columns_are_arrays():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1.5, None], "b": ["x", None]})
    first, second = map(as_array, columns_of(frame))
    assert first.dtype.kind == "f" and second.tolist() == ["x", None]


@pytest.mark.parametrize("values", [[2.5, 1.0, 2.5], ["b", "a", "b"], [None, "a", None], [True, False, True]])
def test_entries_are_found_again_by_their_places(values):
    entries, places = distinct(np.array(values, dtype=object))
    assert [entries[place] for place in places] == values
    assert len(entries) == 2


def test_containers_are_refused_with_the_name_of_their_column():
    with pytest.raises(InputError, match="fit: column 'a' .*unhashable type: 'list'"), naming("a", "fit"):
        distinct(pd.Series([[1], [2]]))


def test_moments_are_those_of_utc_in_any_unit():
    zone = pd.Series(pd.to_datetime(["1970-01-02 01:00"])).dt.tz_localize("Europe/Zurich")
    assert days_of(as_array(zone)).tolist() == [1.0]
    for unit in ("s", "ms", "ns"):
        moments = np.array(["1970-01-03", "NaT"], dtype=f"datetime64[{unit}]")
        np.testing.assert_array_equal(days_of(moments), [2.0, np.nan])
    assert days_of(np.array([datetime.timedelta(hours=12)], dtype="timedelta64[us]")).tolist() == [0.5]
