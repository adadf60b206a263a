from __future__ import annotations

import pytest

from edgewise.cli.tables.layout import find_layout
from edgewise.cli.tables.rows import read_rows
from edgewise.errors import FileError


def read(text):
    found = read_rows(text, find_layout(text), "x.csv")
    return found.frame.values.tolist(), found.notes


@pytest.mark.parametrize(
    ("text", "rows", "said"),
    [
        ("a,b\n1,2\n3,4\n", [["1", "2"], ["3", "4"]], ""),
        ("a,b\n1,\n3,4\n", [["1", ""], ["3", "4"]], ""),
        ('a,b\n1,"x\n# y"\n3,4\n', [["1", "x\n# y"], ["3", "4"]], ""),
        ("a,b\n1,2\n# why, not\n3,4\n", [["1", "2"], ["3", "4"]], "1 line of comment was"),
        ("a,b\n1,2\na,b\n3,4\n", [["1", "2"], ["3", "4"]], "1 line that repeats the names was"),
        (
            "a,b,c\n1,2,3\n4,5\n6,7,8\n",
            [["1", "2", "3"], ["4", "5", ""], ["6", "7", "8"]],
            "1 row has too few cells (line 3)",
        ),
        (
            "a,b,c\n1,2,3\n4,5,6\nTotal,,9\n",
            [["1", "2", "3"], ["4", "5", "6"]],
            '1 line below the rows was left out: "Total 9"',
        ),
        ("a,b\n1,2\n3,4,\n", [["1", "2"], ["3", "4"]], ""),
        ("above\na,b\n1,2\n3\n4,5\n", [["1", "2"], ["3", ""], ["4", "5"]], "(line 4)"),
        ("a b\n1  2\n 3 4\n", [["1", "2"], ["3", "4"]], ""),
    ],
)
def test_what_is_no_row_is_left_out_and_said(text, rows, said):
    found, notes = read(text)
    assert found == rows
    assert (said in "; ".join(notes)) if said else notes == ()


def test_a_row_too_long_is_named_by_its_line():
    with pytest.raises(FileError, match=r"must have 2 cells; line 4 has 3"):
        read("above\na,b\n1,2\n1,2,3\n3,4\n")
