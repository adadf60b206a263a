from __future__ import annotations

from datetime import datetime

import pytest

from edgewise.estimators.columns.dates import days, decide_dates, hours


def since_1970(*moment):
    return (datetime(*moment) - datetime(1970, 1, 1)).total_seconds() / 86400


@pytest.mark.parametrize(
    ("text", "style", "moment"),
    [
        ("31.12.2020", "day first", (2020, 12, 31)),
        ("1.2.20", "day first", (2020, 2, 1)),
        ("01-02-1999", "day first", (1999, 2, 1)),
        ("01/02/2020", "month first", (2020, 1, 2)),
        ("01/02/2020 5:30 PM", "month first", (2020, 1, 2, 17, 30)),
        ("2020/3/1", "year first", (2020, 3, 1)),
        ("2020-03", "year first", (2020, 3, 1)),
        ("2020-03-01T10:00:00+02:00", "year first", (2020, 3, 1, 8)),
        ("2020-03-01 10:00:00.5Z", "year first", (2020, 3, 1, 10, 0, 0, 500000)),
        ("31 Dec 2020", "named months", (2020, 12, 31)),
        ("31-Dec-20", "named months", (2020, 12, 31)),
        ("December 31, 2020", "named months", (2020, 12, 31)),
        ("Thu, 31 Dec 2020", "named months", (2020, 12, 31)),
        ("Dec 2020", "named months", (2020, 12, 1)),
        ("20201231", "yyyymmdd", (2020, 12, 31)),
        ("2020~31~12", "%Y~%d~%m", (2020, 12, 31)),
    ],
)
def test_dates_are_days(text, style, moment):
    assert days(text, style) == pytest.approx(since_1970(*moment), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("31.02.2020", "day first"),
        ("12/13/2020", "day first"),
        ("2020", "year first"),
        ("1.2", "day first"),
        ("march", "named months"),
        ("May", "named months"),
        ("20201301", "yyyymmdd"),
        ("", "year first"),
        ("1.2-2020", "day first"),
    ],
)
def test_what_is_no_date_is_none(text, style):
    assert days(text, style) is None


@pytest.mark.parametrize(
    ("texts", "name", "sure"),
    [
        (["31.12.2020", "01.02.2020"], "day first", True),
        (["12/31/2020", "01/02/2020"], "month first", True),
        (["31/12/2020", "01/02/2020"], "day first", True),
        (["01/02/2020", "05/03/2020"], "month first", False),
        (["01.02.2020", "05.03.2020"], "day first", True),
        (["01/02/2020", "02/02/2020", "03/02/2020", "01/03/2020"], "day first", True),
        (["01/01/2020", "02/02/2020"], "day first", True),
        (["20200101", "20191231"], "yyyymmdd", True),
        (["2020-01-01", "2020-01-02 10:00"], "year first", True),
    ],
)
def test_the_whole_column_decides(texts, name, sure):
    found = decide_dates(texts)
    assert (found.name, found.sure, found.share) == (name, sure, 1.0)


def test_where_the_column_leaves_it_open_others_decide():
    assert decide_dates(["01/02/2020", "05/03/2020"], usual="day first").name == "day first"


@pytest.mark.parametrize("texts", [[], ["a", "b"], ["1", "2"], ["1.5", "2.25"], ["12:30"]])
def test_what_holds_no_dates_has_no_style(texts):
    assert decide_dates(texts) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30", 12.5),
        ("1:30:36", 1.51),
        ("12:00 am", 0),
        ("12:15 PM", 12.25),
        ("100:00", 100),
        ("12:75", None),
        ("1", None),
    ],
)
def test_times_are_hours(text, value):
    assert hours(text) == (None if value is None else pytest.approx(value))
