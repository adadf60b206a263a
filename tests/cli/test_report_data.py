from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.report_data import data_section, formula_section
from edgewise.cli.summary import summarise
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow


@pytest.fixture(scope="module")
def run():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": random.uniform(0, 1, 100),
            "day": pd.Timestamp("2021-03-01") + pd.to_timedelta(np.arange(100) % 50, "D"),
        }
    )
    frame["y"] = 2 * frame["x"]
    frame["same"] = 1
    return run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.2, 0, True, {"hidden": 0}))


def test_notes_columns_and_findings(run):
    found = data_section(run, {**summarise(run, "y"), "read": "x.csv: 100 rows"})
    assert found["notes"][0] == "Read: x.csv: 100 rows."
    assert any("same was left out" in note for note in found["notes"])
    columns = {row[0]: row[1:] for row in found["columns"]["rows"]}
    assert columns["day"] == ["date", "none", "1 Mar 2021 to 19 Apr 2021"] and columns["x"][0] == "number"
    assert all(len(row) == 3 and all(row) for row in found["findings"]["rows"])


def test_the_formula_with_its_verdict_and_symbols(run):
    found = formula_section(run, summarise(run, "y"))
    assert found["lines"][0].startswith("Verdict: ") and found["text"].startswith("y = ")
    assert ["x", "the column x, in its own units"] in found["symbols"]["rows"]


def test_why_there_is_none(run):
    found = formula_section(run, {**summarise(run, "y"), "formula": None, "no_formula": "too many edges"})
    assert found == {"lines": ["There is no formula: too many edges."], "text": ""}
