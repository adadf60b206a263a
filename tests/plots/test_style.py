from __future__ import annotations

import pytest

from edgewise.plots.style import date_text, number_text, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1234.5, "1,234"), (-1234567, "−1,235,000"), (0.00123456, "0.001235"), (1e-7, "1e-07"),
        (2.5e12, "2.5e+12"), (float("inf"), "undefined"), (99999, "100,000"), (0.5, "0.5"), (-3e-9, "−3e-09"),
    ],
)  # fmt: skip
def test_numbers_for_people(value, text):
    assert number_text(value) == text


def test_digits_that_count():
    assert number_text(3.14159, 2) == "3.1" and number_text(31415.9, 2) == "31,000"


def test_names_stay_on_one_line_and_are_no_mathematics():
    assert plain("a\n b") == "a b" and plain("$x$") == r"\$x\$" and len(plain("x" * 99)) == 22


def test_dates_with_the_time_of_day_where_that_matters():
    assert date_text(0.0) == "1 Jan 1970" and date_text(0.25, span=0.5) == "1 Jan 1970 06:00"
    assert date_text(-1.0) == "31 Dec 1969"
