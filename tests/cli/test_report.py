from __future__ import annotations

from edgewise.cli.report import score_table


def summary(**scores):
    return {"scores": {"train": {"rmse": 1.0}, "held_out": {}, "baseline": {}, **scores}, "formula": None}


def test_what_was_not_measured_has_no_column():
    assert score_table(summary()) == (["", "training"], [["rmse", "1"]])


def test_every_score_has_a_row_and_gaps_where_it_was_not_measured():
    found = summary(
        train={"rmse": 1.0, "r2": 0.5}, held_out={"rmse": 2.0, "r2": 0.25}, baseline={"rmse": 3.0}
    )
    found["formula"] = {"held_out": {"rmse": 2.5, "r2": 0.1}}
    heads, rows = score_table(found)
    assert heads == ["", "training", "held out", "without inputs", "formula, held out"]
    assert rows == [["rmse", "1", "2", "3", "2.5"], ["r2", "0.5", "0.25", "", "0.1"]]


def test_intervals_stand_beside_what_was_held_out():
    found = summary(train={"rmse": 1.0}, held_out={"rmse": 2.0, "quantile_loss": 0.5})
    found["intervals"] = {"rmse": [1.5, 2.5]}
    heads, rows = score_table(found)
    assert heads == ["", "training", "held out (95 % interval)"]
    assert rows == [["rmse", "1", "2 (1.5 to 2.5)"], ["quantile loss", "", "0.5"]]
