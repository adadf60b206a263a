from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.estimators.columns.levels import Levels, truth_of


@pytest.mark.parametrize("value", [7, 7.0, np.int64(7), np.float32(7), "7", "7.0", "007", " 7 "])
def test_a_code_is_found_however_it_is_written(value):
    assert Levels(["008", "007"]).place(value) == 1


@pytest.mark.parametrize("value", [9, "9", "a", "7e0", "", None, np.nan, pd.NA])
def test_what_is_no_level_is_none(value):
    assert Levels(["008", "007"]).place(value) == -1


def test_codes_of_one_number_are_told_apart_by_how_they_are_written_only():
    known = Levels(["7", "07"])
    assert [known.place(value) for value in ("7", "07", 7, "007")] == [0, 1, 0, -1]


def test_long_codes_stay_apart():
    assert Levels(["12345678901234567"]).place("12345678901234568") == -1


@pytest.mark.parametrize("value", [True, np.True_, 1, 1.0, "True", "true", "TRUE", "1", "yes"])
def test_a_truth_is_found_however_it_is_written(value):
    assert Levels(["True", "False"]).place(value) == 0


@pytest.mark.parametrize("value", [2, "maybe", 0.5])
def test_what_is_no_truth_is_none(value):
    assert Levels(["True", "False"]).place(value) == -1


def test_truths_mean_the_levels_0_and_1():
    known = Levels(["0", "1", "2"])
    assert [known.place(value) for value in (True, False, "true")] == [1, 0, 1]


def test_gaps_are_a_level_where_there_were_gaps():
    assert Levels(["a", "missing"]).place(None) == 1
    assert truth_of("n/a") == "missing"
