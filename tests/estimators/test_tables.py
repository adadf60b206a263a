from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators.tables import _has_columns, _numbers_of_text, _plain, names_of_targets, numbered


def test_text_in_lists_keeps_its_numbers():
    found = _plain([["a", 1.5], ["b", 2.5]], "fit")
    assert found.dtype == object and found[:, 1].tolist() == [1.5, 2.5] and _has_columns(found)


def test_arrays_of_text_hold_numbers_where_all_entries_are_but_codes():
    found = _numbers_of_text(np.array([["a", "1.5", "007"], ["b", "2", "008"]]))
    assert found.tolist() == [["a", 1.5, "007"], ["b", 2.0, "008"]]


@pytest.mark.parametrize("values", [[[1.0, 2.0]], [[True]], np.array([[1, None]], dtype=object)])
def test_numbers_are_checked_as_numbers(values):
    assert not _has_columns(np.asarray(values))


def test_targets_are_named_by_frames_and_series():
    assert names_of_targets(pd.DataFrame({"a": [1], "b": [2]})) == ("a", "b")
    assert names_of_targets(pd.Series([1], name="price")) == ("price",)
    assert names_of_targets(pd.Series([1])) is None and numbered(1) == ("y",)
