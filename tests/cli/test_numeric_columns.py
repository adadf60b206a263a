from __future__ import annotations

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
    found = numeric_columns(table)
    assert list(found.inputs) == ["a", "e"] and len(found.target) == len(found.weights) == 19
    assert 3.0 not in found.target
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
        numeric_columns(prepared({"b": ["x", "y"] * 10}, ["text"]))
    with pytest.raises(InputError, match="9 rows"):
        numeric_columns(prepared({"a": RANDOM.uniform(size=9)}, ["number"]))
