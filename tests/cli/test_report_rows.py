from __future__ import annotations

import re

import numpy as np
import pandas as pd

from edgewise.cli.report_rows import rows_section
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow


def run_of(frame):
    return run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.25, 0, False, {"hidden": 0}))


def test_rows_are_the_lowest_a_middle_one_the_highest_and_the_furthest_off():
    x = np.random.default_rng(0).uniform(0, 1, 120)
    run = run_of(pd.DataFrame({"x": x, "y": 10 * x}))
    cards = rows_section(run, "y")["cards"]
    rows = [int(re.findall(r"row (\d+)", card["title"])[0]) - 1 for card in cards]
    assert set(rows) <= set(run.test) and x[rows[0]] == x[run.test].min() and x[rows[2]] == x[run.test].max()
    assert cards[0]["steps"][0]["bar"]["tone"] == "down" and cards[2]["steps"][0]["bar"]["tone"] == "up"
    assert "actual" in cards[0]["line"] and "mean prediction" in cards[0]["line"]


def test_of_classes_probabilities():
    x = np.random.default_rng(0).uniform(0, 1, 120)
    run = run_of(pd.DataFrame({"x": x, "y": np.where(x > 0.5, "yes", "no")}))
    cards = rows_section(run, "y")["cards"]
    assert cards[0]["title"].startswith("Least like yes") and "actual no" in cards[0]["line"]
