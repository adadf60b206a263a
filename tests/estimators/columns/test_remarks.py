from __future__ import annotations

import numpy as np
import pytest

from edgewise.errors import TableWarning
from edgewise.estimators.columns.remarks import Remarks, shown_date
from edgewise.estimators.columns.rules import NumericRule

RULE = NumericRule("a", 1.0, False, low=0.0, high=2.0)


@pytest.mark.parametrize(
    "values", [[-1.01, 1.0, 1.0], [0.0, 3.5], [2.3], [2.3, 2.3, *[1.0] * 17], [-0.3, 1.0, np.nan]]
)
def test_values_far_outside_are_counted_and_so_are_many_that_are_less_far(values):
    remarks = Remarks()
    remarks.outside(RULE, np.array(values))
    assert "outside the range of training, 0 to 2, and as far as" in remarks.lines[0]


@pytest.mark.parametrize("values", [[0.0, 2.0], [2.1], [2.9, *[1.0] * 9], [np.nan, np.nan], []])
def test_values_near_the_range_are_no_remark(values):
    remarks = Remarks()
    remarks.outside(RULE, np.array(values, dtype=float))
    assert remarks.lines == []


def test_dates_are_shown_as_dates_whether_or_not_they_come_as_numbers():
    for rule, remarks in (
        (RULE, Remarks({"a": "date"})),
        (NumericRule("a", 1, False, "date", low=0, high=2), Remarks()),
    ):
        remarks.outside(rule, np.array([400.0]))
        assert "1970-01-01 to 1970-01-03" in remarks.lines[0]
    assert shown_date(1e9) == "1e+09 days since 1970"


def test_gaps_where_there_were_none_are_counted():
    remarks = Remarks()
    remarks.gaps(RULE, 1, 3)
    assert remarks.lines == ["a: 1 of 3 rows has a gap, and training had none; 1 stands in"]


def test_one_warning_says_it_all_and_is_cut():
    remarks = Remarks()
    remarks.warn("predict")
    remarks.lines = [f"column {number}" for number in range(9)]
    with pytest.warns(TableWarning, match="predict: column 0; .*column 5; and 3 more columns") as caught:
        remarks.warn("predict")
    assert caught[0].filename == __file__
