from __future__ import annotations

import numpy as np
import pytest

from edgewise.cli.ranking import described, half_width, ranking_table, verdict
from edgewise.estimators import Comparison


def comparison(name, *values, score="rmse"):
    return Comparison(name, {score: list(values)}, [0.1])


def test_the_verdict_says_when_another_is_better():
    found = [comparison("edgewise", 2.0, 3.0), comparison("linear", 1.0, 2.0)]
    assert verdict(found) == (
        "linear is best by rmse: 1.5; edgewise has 2.5, which is more than the folds differ."
    )


@pytest.mark.parametrize(
    ("ours", "other"),
    [
        ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
        ([1.0, 1.2, 0.9], [1.1, 0.9, 1.0]),
        ([0.9, 1.1, 1.0], [1.1, 0.9, 1.1]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [0.99, 1.02, 0.98, 1.01, 0.99]),
    ],
)
def test_a_tie_is_called_a_tie(ours, other):
    said = verdict(
        [
            comparison("edgewise", *ours),
            comparison("forest", *other),
            comparison("no input", *[9.0] * len(ours)),
        ]
    )
    assert said.startswith("A tie by rmse between edgewise") and "forest" in said and "no input" not in said


def test_small_gaps_that_every_fold_shows_are_no_tie():
    said = verdict([comparison("edgewise", 1.0, 2.0, 3.0), comparison("linear", 1.1, 2.1, 3.1)])
    assert said.startswith("edgewise is best by rmse: 2, the next (linear) 2.1")


def test_the_interval_allows_for_folds_that_share_rows():
    values = [1.0, 2.0, 4.0, 3.0, 2.5]
    assert half_width(values) == pytest.approx(2.78 * np.std(values, ddof=1) * np.sqrt(1 / 5 + 1 / 4))
    found = described(comparison("a", *values))["scores"]["rmse"]
    assert np.mean(found["interval"]) == pytest.approx(found["mean"])


def test_the_best_is_marked_by_what_is_better():
    found = [
        Comparison("a", {"auc": [0.9, 0.9], "log_loss": [1.0, 1.0]}, [0.0]),
        Comparison("b", {"auc": [0.8, 0.8], "log_loss": [0.5, 0.5], "more": [1.0, 1.0]}, [0.0]),
    ]
    heads, rows = ranking_table(found)
    assert heads == ["", "auc", "log loss", "more", "seconds"]
    assert [["*" in cell for cell in row[1:4]] for row in rows] == [[True, False, False], [False, True, True]]
