from __future__ import annotations

import pytest

from edgewise.cli.tables.layout import find_layout

ROWS = [("12", "Bern", "1.5"), ("13", "Köln", "2.5"), ("14", "Ulm", "3.25")]


def table(sep, rows=ROWS, names=("a", "city", "x")):
    return "".join(sep.join(row) + "\n" for row in (names, *rows))


@pytest.mark.parametrize("sep", [",", ";", "\t", "|", " "])
def test_the_separator_is_found(sep):
    found = find_layout(table(sep))
    assert (found.sep, found.names, found.width, found.skipped) == (sep, ("a", "city", "x"), 3, ())
    assert table(sep)[found.body :].startswith("12")


@pytest.mark.parametrize(
    ("text", "sep", "names"),
    [
        ("a;b\n1,5;2,5\n2,5;3,5\n", ";", ("a", "b")),
        ("a;b\n1.234,5;2\n2,5;3\n", ";", ("a", "b")),
        ("name;age\nSmith, John;12\nDoe, Jane;13\n", ";", ("name", "age")),
        ('a,b\n"1,5","2;3"\n"2,5","4;5"\n', ",", ("a", "b")),
        ('a,b\n"x\ny, z",2\n"it""s",3\n', ",", ("a", "b")),
        ("a,b\n'x, y',2\n'z',3\n'u, v, w',4\n", ",", ("a", "b")),
        ("a\tb\n1,5\t2;3\n2,5\t3;4\n", "\t", ("a", "b")),
        ("a,date,b\n1,2020-01-02 10:30:00,5\n2,2020-01-03 10:31:00,6\n", ",", ("a", "date", "b")),
        ("a;date\n1;01.02.2020, 10:30\n2;02.02.2020, 10:31\n", ";", ("a", "date")),
        ("price;town\n€ 1.234,50;A\n€ 12,00;B\n", ";", ("price", "town")),
        ("   a   b\n 1.0   2\n 3.0  40\n", " ", ("a", "b")),
        ("sep=;\na;b\n1;2\n", ";", ("a", "b")),
        ("what it's\tb, c\nit's a, b\t1\nthat's c\t2\n", "\t", ("what it's", "b, c")),
    ],
)  # fmt: skip
def test_what_is_inside_cells_does_not_separate_them(text, sep, names):
    found = find_layout(text)
    assert (found.sep, found.names) == (sep, names)


@pytest.mark.parametrize(
    ("above", "skipped"),
    [
        ("Report of May\n", ("Report of May",)),
        ("# made by x\n# on Monday, at 5\n", ("# made by x", "# on Monday at 5")),
        ("\n\nExport;2020\n\n", ("Export 2020",)),
        ("Customer:,Smith\nDate:,2020-01-01\n", ("Customer: Smith", "Date: 2020-01-01")),
    ],
)
def test_lines_above_the_names_are_no_rows(above, skipped):
    sep = ";" if ";" in above else ","
    found = find_layout(above + table(sep))
    assert (found.names, found.skipped) == (("a", "city", "x"), skipped)


@pytest.mark.parametrize(
    ("text", "names", "width", "first"),
    [
        ("1,2\n3,4\n", None, 2, "1,2"),
        ("# x y\n1 2\n3 4\n", ("x", "y"), 2, "1 2"),
        ("# x,y\n1,2\n3,4\n", ("x", "y"), 2, "1,2"),
        ("# two columns of numbers\n1,2\n3,4\n", None, 2, "1,2"),
        ('"a" "b"\n"1" 2 3\n"2" 4 5\n'.replace(" ", ","), ("", "a", "b"), 3, '"1",2,3'),
        ("a,b\n1,2,\n3,4,\n", ("a", "b", ""), 3, "1,2,"),
        ("a,b,note\n1,2\n3,4\n5,6,x\n", ("a", "b", "note"), 3, "1,2"),
        ("country,2019,2020\nCH,1,2\nDE,3,4\n", ("country", "2019", "2020"), 3, "CH"),
    ],
)
def test_names_are_told_from_rows(text, names, width, first):
    found = find_layout(text)
    assert (found.names, found.width) == (names, width)
    assert text[found.body :].startswith(first)


def test_what_the_user_says_counts():
    assert find_layout("a;b,c\n1;2,3\n", sep=",").names == ("a;b", "c")
    assert find_layout("a,b\n1,2\n", header=False).names is None
    assert find_layout("2019,2020\n1,2\n", header=True).names == ("2019", "2020")
    assert find_layout("").width == 0
