from __future__ import annotations

import pandas as pd
import pytest

from edgewise.cli.tables import RawTable, describe, prepare, read_table, task_of
from edgewise.errors import InputError


def test_dates_become_days_and_what_cannot_help_is_left_out_with_a_note(table, tmp_path):
    table(50).to_csv(tmp_path / "data.csv", index=False)
    found = prepare(read_table(tmp_path / "data.csv"), "price")
    assert list(found.inputs.columns) == ["width", "height", "colour", "day"]
    assert found.inputs["day"].between(19700, 20100).all()
    assert len(found.notes) == 3


def test_rows_without_a_target_go():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "y": [1.0, None, 3, 4, 5]})
    found = prepare(RawTable(frame, ()), "y")
    assert len(found.inputs) == len(found.target) == 4
    assert "1 rows without y" in found.notes[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5, 2.5, 3.5], "values"),
        ([0, 1, 1], "classes"),
        (["a", "b", "c"], "classes"),
        ([1, 2, 3], "values"),
    ],
)
def test_the_kind_of_a_target(values, kind):
    assert task_of(pd.Series(values)) == kind


def test_a_table_of_nothing_is_refused():
    with pytest.raises(InputError, match="does not vary"):
        prepare(RawTable(pd.DataFrame({"a": [1, 1, 1], "y": [1.0, 2, 3]}), ()), "y")


def test_columns_are_described():
    rows = describe(pd.DataFrame({"a": [1.0, 3.0, None], "b": ["x", "y", "x"]}))
    assert rows[0] == {"name": "a", "missing": 1, "kind": "number", "what": "1 to 3, mean 2"}
    assert rows[1]["what"] == "x (2), y (1)"
