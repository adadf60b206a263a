from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.errors import InputError
from edgewise.estimators.columns.encoder import MAX_CATEGORIES, LevelTargets, fit_encoder


def test_each_kind_of_column_has_its_rule():
    frame = pd.DataFrame(
        {
            "number": [1.0, np.nan, 3.0, 3.0],
            "text": ["a", "b", None, "a"],
            "flag": [True, False, True, True],
            "whole": [1, 2, 3, 4],
        }
    )
    rules = fit_encoder(frame, list(frame.columns)).encoder
    assert rules.names == [
        "number", "number=missing", "text=a", "text=b", "text=missing", "flag=True", "whole"
    ]  # fmt: skip
    np.testing.assert_array_equal(
        rules.transform(frame),
        [[1, 0, 1, 0, 0, 1, 1], [3, 1, 0, 1, 0, 0, 2], [3, 0, 0, 0, 1, 1, 3], [3, 0, 1, 0, 0, 1, 4]],
    )
    np.testing.assert_array_equal(rules.owners, [0, 0, 1, 1, 1, 2, 3])


def test_levels_never_seen_and_gaps_never_seen_are_no_error():
    frame = pd.DataFrame({"text": ["a", "b", "c"], "number": [1.0, 2.0, 9.0]})
    rules = fit_encoder(frame, ["text", "number"]).encoder
    new = pd.DataFrame({"text": ["z", None], "number": [np.nan, 1.0]})
    np.testing.assert_array_equal(rules.transform(new), [[0, 0, 0, 2], [0, 0, 0, 1]])


def test_rare_levels_are_all_zero_beyond_the_most_frequent():
    frame = pd.DataFrame({"text": [f"level {n}" for n in range(50) for _ in range(50 - n)]})
    rules = fit_encoder(frame, ["text"]).encoder
    assert len(rules.names) == MAX_CATEGORIES
    assert "text=level 0" in rules.names and "text=level 49" not in rules.names


def test_numbers_named_as_categories_become_levels():
    rules = fit_encoder(np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]), ["a", "b"], categories=[0]).encoder
    assert rules.names == ["a=1", "a=2", "a=3", "b"]


@pytest.mark.parametrize("values", [[1.0, np.inf], ["2020-01-01", "x"]])
def test_what_is_no_number_is_refused_with_the_name_of_its_column(values):
    with pytest.raises(InputError, match="'when'"):
        fit_encoder(pd.DataFrame({"when": values}), ["when"], categories=[])


def test_text_that_reads_as_numbers_is_told_and_categories_are_not():
    texts = [f"{number / 7:.3f}" for number in range(60)]
    targets = LevelTargets(np.arange(60.0)[:, None], ("mean",))
    told = fit_encoder(pd.DataFrame({"a": texts}), ["a"], targets=targets).remarks.lines
    assert any("reads as numbers" in line for line in told)
    for frame, categories in (
        (pd.DataFrame({"a": pd.Categorical(texts)}), "auto"),
        (pd.DataFrame({"a": texts}), ["a"]),
    ):
        told = fit_encoder(frame, ["a"], categories, targets=targets).remarks.lines
        assert not any("reads as numbers" in line for line in told)


def test_gaps_are_filled_with_the_weighted_median():
    frame = pd.DataFrame({"a": [1.0, 2.0, 10.0, np.nan]})
    repeated = pd.DataFrame({"a": [1.0, 2.0, 2.0, 10.0, 10.0, 10.0, 10.0, np.nan]})
    weighed = fit_encoder(frame, ["a"], weights=np.array([1.0, 2.0, 4.0, 1.0]))
    assert weighed.encoder == fit_encoder(repeated, ["a"]).encoder
