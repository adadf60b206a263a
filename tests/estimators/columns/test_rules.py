from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators.columns.remarks import Remarks
from edgewise.estimators.columns.rules import CategoryRule, MeansRule, NumericRule

SIZES = NumericRule("size", 1.0, False, "ordered", levels=("low", "mid", "high"), low=0.0, high=2.0)


def test_ordered_levels_are_their_places():
    remarks = Remarks()
    assert SIZES.encode(np.array(["high", "low", None], dtype=object), remarks).tolist() == [[2], [0], [1]]
    assert SIZES.encode(pd.Series(["mid"], dtype="category"), remarks).tolist() == [[1]]
    assert remarks.lines == ['size: 1 of 3 rows has a gap, and training had none; "mid" stands in']


def test_a_level_that_is_not_in_the_order_is_a_gap_and_counted():
    remarks = Remarks()
    assert SIZES.encode(np.array(["huge"]), remarks).tolist() == [[1]]
    assert remarks.lines[0] == 'size: 1 of 1 rows has a level never seen in training: "huge" (1)'


def test_levels_without_a_column_are_known_all_the_same():
    remarks = Remarks()
    rule = CategoryRule("flag", ("True",), ("False",))
    assert rule.encode(np.array([0, 1, 1]), remarks).tolist() == [[0], [1], [1]]
    assert rule.encode(pd.Series(["true", "FALSE"]), remarks).tolist() == [[1], [0]]
    assert remarks.lines == []
    rule.encode(np.array([2]), remarks)
    assert len(remarks.lines) == 1


def test_levels_never_seen_have_the_overall_mean():
    rule = MeansRule("tail", ("N1", "N2"), ((1.0,), (3.0,)), (2.0,), ("mean",))
    remarks = Remarks()
    assert rule.encode(np.array(["N2", "N3", "N1"]), remarks).tolist() == [[3], [2], [1]]
    assert rule.names == ["mean by tail"]
    assert remarks.lines == ['tail: 1 of 3 rows has a level never seen in training: "N3" (1)']


def test_booleans_are_no_numbers_but_0_and_1():
    wide, narrow = (NumericRule("a", 0.0, False, low=0.0, high=high) for high in (9.0, 1.0))
    assert narrow.encode(np.array([True, False]), Remarks()).tolist() == [[1], [0]]
    for column in (np.array([True]), np.array(["True"])):
        with pytest.raises(InputError, match="booleans"):
            wide.encode(column, Remarks())


def test_no_rows_are_no_error():
    empty = np.array([], dtype=object)
    for rule in (SIZES, CategoryRule("b", ("x",)), NumericRule("a", 0.0, True)):
        assert rule.encode(empty, Remarks()).shape == (0, len(rule.names))
