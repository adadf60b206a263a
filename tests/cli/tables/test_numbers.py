from __future__ import annotations

import pytest

from edgewise.cli.tables.numbers import decide_decimal, read_number


@pytest.mark.parametrize(
    ("text", "point", "comma", "affix"),
    [
        ("12", 12, 12, ""),
        ("-3.5", -3.5, None, ""),
        ("+3,5", None, 3.5, ""),
        ("1e-3", 0.001, 0.001, ""),
        ("2.5E3", 2500, None, ""),
        (".5", 0.5, None, ""),
        (",5", None, 0.5, ""),
        ("5.", 5, None, ""),
        ("1,234", 1234, 1.234, ""),
        ("0,123", None, 0.123, ""),
        ("1,234,567", 1234567, None, ""),
        ("1.234.567,8", None, 1234567.8, ""),
        ("1,234.50", 1234.5, None, ""),
        ("1 234,5", None, 1234.5, ""),
        ("1\u00a0234,5", None, 1234.5, ""),
        ("1'234.5", 1234.5, None, ""),
        ("12,34,567.5", 1234567.5, None, ""),
        ("12%", 12, 12, "%"),
        ("12,5 %", None, 12.5, "%"),
        ("$1,234.00", 1234, None, "$"),
        ("€1,234", 1234, 1.234, "€"),
        ("1.234,00 €", None, 1234, "€"),
        ("CHF 1'200", 1200, 1200, "CHF"),
        ("-$5", -5, -5, "$"),
        ("$-5", -5, -5, "$"),
        ("(1,234.5)", -1234.5, None, ""),
        ("5.0-", -5, None, ""),
        ("−5", -5, -5, ""),
        ("72.5 kg", 72.5, None, "kg"),
        ("20°C", 20, 20, "°C"),
        ("9.81 m/s²", 9.81, None, "m/s²"),
    ],
)
def test_numbers_as_people_write_them(text, point, comma, affix):
    found = read_number(text)
    assert (found.point, found.comma, found.affix) == (point, comma, affix)


@pytest.mark.parametrize(
    "text",
    ["", "a", "007", "01234", "1.2.3", "1,23,4", "192.168.0.1", "2020-01-01", "12:30", "1-2", "--5", "(5", "k12", "5 apples and more", "1,2,3", "12345678901234567890", "+41 79 123 45 67", "€5€", "1 2"],
)  # fmt: skip
def test_what_is_no_number_is_none(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("cells", "usual", "mark", "sure"),
    [
        (["1.234", "1.5"], ",", ".", True),
        (["1.234", "1.234,5"], ".", ",", True),
        (["1.234", "1234"], ",", ".", True),
        (["1,234", "1234"], ".", ",", True),
        (["1,234", "12"], ".", ".", False),
        (["1,234", "12"], ",", ",", False),
        (["1.234", "0.123"], ",", ".", True),
        (["12", "13"], ".", ".", True),
    ],
)
def test_the_whole_column_decides(cells, usual, mark, sure):
    found = decide_decimal({text: read_number(text) for text in cells}, None, usual)
    assert (found.mark, found.sure) == (mark, sure)


def test_cells_that_need_another_mark_are_read_by_it():
    cells = {text: read_number(text) for text in ("1,5", "2.5", "3,5", "1.234")}
    found = decide_decimal(cells, None, ".")
    assert found.mixed and [cell.value(found.mark) for cell in cells.values()] == [1.5, 2.5, 3.5, 1234]


def test_what_the_user_says_counts():
    assert decide_decimal({"1.5": read_number("1.5")}, ",", ".").mark == ","
