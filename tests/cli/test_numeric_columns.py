from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.numeric_columns import numeric_columns
from edgewise.cli.tables import Prepared
from edgewise.cli.tables.kinds import ColumnKind
from edgewise.errors import InputError

RANDOM = np.random.default_rng(0)


def prepared(columns, kinds, weights=None):
    frame = pd.DataFrame(columns)
    known = {name: ColumnKind(kind) for name, kind in zip(frame, kinds, strict=True)}
    return Prepared(frame, np.arange(float(len(frame))), "values", ("one note",), known, weights=weights)


def test_text_gaps_and_their_rows_are_left_out_and_said():
    a, holes = RANDOM.uniform(size=20), np.full(20, np.nan)
    a[3], holes[:5] = np.nan, 1.0
    table = prepared(
        {"a": a, "b": ["x", "y"] * 10, "c": holes, "d": [True, False] * 10, "e": np.arange(20)},
        ["number", "text", "number", "bool", "date"],
        np.arange(20.0),
    )
    found = numeric_columns(table, "y")
    assert list(found.inputs) == ["a", "e"] and len(found.targets) == len(found.weights) == 19
    assert 3.0 not in found.targets["y"].to_numpy() and found.errors is None
    said = "; ".join(found.notes)
    for part in (
        "one note",
        "b was left out: it holds text",
        "c was left out: 75%",
        "d was left out",
        "1 rows with gaps",
    ):
        assert part in said


def test_too_little_is_refused():
    with pytest.raises(InputError, match="0 such columns"):
        numeric_columns(prepared({"b": ["x", "y"] * 10}, ["text"]), "y")
    with pytest.raises(InputError, match="9 rows"):
        numeric_columns(prepared({"a": RANDOM.uniform(size=9)}, ["number"]), "y")


def test_more_targets_and_errors_stand_apart():
    table = prepared({"a": RANDOM.uniform(size=20)}, ["number"])
    other = np.where(np.arange(20) == 4, np.nan, 2.0)
    found = numeric_columns(replace(table, apart={"z": other, "s": np.full(20, 0.1)}), "y", "s")
    assert list(found.targets) == ["y", "z"] and len(found.targets) == len(found.errors) == 19
    assert 4.0 not in found.targets["y"].to_numpy()
