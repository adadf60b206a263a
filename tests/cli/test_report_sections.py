from __future__ import annotations

import pytest

from edgewise.cli.folds import Folds
from edgewise.cli.report_sections import matters_section, tiles

SUMMARY = {
    "classes": None,
    "rows": {"train": 1200, "held_out": 300},
    "scores": {
        "held_out": {"mae": 1.5, "r2": 0.875},
        "baseline": {"mae": 4.0},
        "train": {},
    },
    "importances": {"a": 0.75, "b": 0.25},
}
FOLDS = Folds(
    scores={"mae": [1.0, 3.0], "r2": [0.5, 0.7]},
    baseline={"mae": [5.0]},
    importances={"a": [0.6, 0.9], "b": [0.1, 0.4]},
)


def values(summary, folds=FOLDS):
    return [tile["value"] for tile in tiles(summary, folds)]


def test_the_few_numbers_at_the_top():
    assert values(SUMMARY) == ["1.5", "4", "87.5 %", "1,200 + 300"]


def test_without_rows_set_aside_they_are_those_of_the_folds():
    nothing = {**SUMMARY, "scores": {"held_out": {}, "baseline": {}, "train": {}}}
    assert values(nothing)[:3] == ["2", "5", "60.0 %"]
    assert values(nothing, Folds(reason="too few"))[:3] == ["not known"] * 3


def test_of_classes():
    classes = {
        **SUMMARY,
        "classes": ["a", "b"],
        "scores": {"held_out": {"accuracy": 0.9}, "baseline": {"accuracy": 0.5}, "train": {}},
    }
    assert values(classes)[:3] == ["90.0 %", "50.0 %", "not known"]


@pytest.mark.parametrize("folds", [FOLDS, Folds(reason="too few")])
def test_importances_with_their_range(folds):
    found = matters_section(None, SUMMARY, folds)
    first = found["rows"][0]
    assert (first["name"], first["share"]) == ("a", "75.0 %")
    assert first["spread"] == ("60.0 to 90.0" if folds is FOLDS else "")
    assert ("low" in first["bar"]) == (folds is FOLDS)


def test_many_columns_are_not_all_drawn_and_that_is_said():
    many = {**SUMMARY, "importances": {f"c{n}": 1 / 30 for n in range(30)}}
    found = matters_section(None, many, Folds(reason="too few"))
    assert len(found["rows"]) == 20 and found["others_title"] == "10 columns that matter less"
