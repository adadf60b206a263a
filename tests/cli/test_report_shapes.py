from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.report_shapes import how_section, interactions_section, rows_text, signed, unit_of
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow


@pytest.fixture(scope="module")
def run():
    random = np.random.default_rng(0)
    columns = {f"c{n:02}": random.uniform(-1, 1, 120) for n in range(3)}
    frame = pd.DataFrame({**columns, "level": random.choice(["b", "a"], 120, p=[0.7, 0.3])})
    frame["y"] = frame["c00"] - frame["c01"] + (frame["level"] == "a")
    frame.loc[::10, "c01"] = np.nan
    frame["y"] = frame["y"].fillna(0.0)
    return run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.2, 0, False, {"hidden": 0}))


def test_curves_as_pictures_and_levels_as_bars_those_that_matter_most_first(run):
    cards = {card["name"]: card for card in how_section(run, "y")["cards"]}
    assert cards["c00"]["picture"].alt.startswith("Curve of c00") and not cards["c00"]["levels"]
    assert [level["name"] for level in cards["level"]["levels"]] == ["b", "a"]
    assert cards["level"]["picture"] is None
    low, high = (float(level["bars"][0]["width"]) for level in cards["level"]["levels"])
    assert 0 < low < high
    assert any("Missing in" in note for note in cards["c01"]["notes"])


def test_a_sum_of_curves_has_no_interactions(run):
    found = interactions_section(run, "y")
    assert found["pictures"] == [] and "asked to be a sum" in found["lines"][0]


def test_units(run):
    assert unit_of(run, "rent") == "rent"


@pytest.mark.parametrize(("value", "text"), [(1.234, "+1.23"), (-0.5, "−0.5"), (float("nan"), "undefined")])
def test_numbers_with_their_sign(value, text):
    assert signed(value) == text


def test_numbers_of_rows():
    assert rows_text(0) == "0 rows" and rows_text(1234567) == "1,234,567 rows"
