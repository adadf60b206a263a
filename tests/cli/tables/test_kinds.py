from __future__ import annotations

from datetime import datetime, time

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.tables.kinds import ColumnKind, Usual, convert, decide
from edgewise.errors import InputError

MANY = [str(number) for number in range(20)]


def kind_of(values, **usual):
    return decide(pd.Series(values, dtype=object), Usual(**usual))


def values_of(values, **usual):
    column = pd.Series(values, dtype=object)
    return convert(column, decide(column, Usual(**usual)), Usual(**usual), "a")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3e2"], "number"),
        (["1,5", "2,25"], "number"),
        (["1,234", "12,345"], "number"),
        (["€1,234", "€12"], "number"),
        (["12%", "7%"], "number"),
        ([*MANY, "unknown"], "number"),
        (["1", "NA", "NA", "2"], "number"),
        ([1.5, "n/a", 2], "number"),
        (["007", "012"], "text"),
        (["01234", "56789", "10115"], "text"),
        (["12345678901234567890", "1"], "text"),
        (["NA", "None", "a"], "text"),
        (["None", "None"], "text"),
        (["1", "2", "3", "4+", "5+"], "text"),
        (["12 kg", "500 g", "3 t"], "text"),
        (["€5", "$5", "£5", "€6"], "text"),
        (["12%", "0.5", "0.4"], "text"),
        (["true", "False", "TRUE"], "bool"),
        ([True, False, None], "bool"),
        (["yes", "no"], "text"),
        (["2020-01-01", "2020-12-31"], "date"),
        (["31.12.2020", "01.01.2021"], "date"),
        (["20200101", "20201231", "20210630"], "date"),
        (["20200101", "20201399", "20210630"], "number"),
        (["20200101", "99999999", "12345678"], "number"),
        ([datetime(2020, 1, 1), datetime(2020, 1, 2)], "date"),
        (["12:30", "14:00"], "time"),
        (["2019", "2020"], "number"),
        (["1.2.3", "1.2.4"], "text"),
        (["192.168.0.1", "10.0.0.1"], "text"),
        ([], "number"),
    ],
)
def test_all_entries_decide_together(values, kind):
    assert kind_of(values).kind == kind


@pytest.mark.parametrize(
    ("values", "usual", "numbers", "said"),
    [
        (["1.234", "1.5"], ".", [1.234, 1.5], ""),
        (["1.234", "1.5"], ",", [1.234, 1.5], ""),
        (["1.234", "5.678"], ".", [1.234, 5.678], '"1.234" was read as 1.234'),
        (["1.234", "5.678"], ",", [1234, 5678], '"1.234" was read as 1234'),
        (["1,234", "5,678"], ".", [1234, 5678], '"1,234" was read as 1234'),
        (["1,234", "567"], ",", [1.234, 567], '"1,234" was read as 1.234'),
        (["1,234", "1,234,567"], ",", [1234, 1234567], ""),
        (["1.234", "1234"], ",", [1.234, 1234], ""),
        (["1,5", "2.5", "3,5"], ".", [1.5, 2.5, 3.5], "some of its numbers have a decimal point and some a decimal comma"),
        (["€1,234", "€ 5"], ".", [1234, 5], "€ was taken off"),
        (["5 kg", "6kg", "7"], ".", [5, 6, 7], "kg was taken off"),
        (["(5)", "6"], ".", [-5, 6], ""),
    ],
)  # fmt: skip
def test_ambiguous_numbers_are_decided_by_the_column_or_said(values, usual, numbers, said):
    found = values_of(values, decimal=usual)
    assert found.values.tolist() == numbers
    assert any(said in note for note in found.notes) if said else found.notes == ()


def test_the_others_are_gaps_and_named():
    found = values_of([*MANY, "unknown", "unknown", None])
    assert found.strange == {"unknown": 2} and int(found.values.isna().sum()) == 3


@pytest.mark.parametrize(
    ("kind", "values", "expected", "strange"),
    [
        (ColumnKind("text"), [7, 7.5, "007", None, True], ["7", "7.5", "007", None, "True"], {}),
        (ColumnKind("text"), [7.0, 8.0], ["7", "8"], {}),
        (ColumnKind("bool"), ["1", "0", 1, 0.0, "yes", "TRUE", "maybe"], [True, False, True, False, True, True, None], {"maybe": 1}),
        (ColumnKind("number", "."), ["1,5", "2,5"], [1.5, 2.5], {}),
        (ColumnKind("number", "."), ["a", "1"], [None, 1], {"a": 1}),
        (ColumnKind("number", ".", given=True), ["€5", "6 kg"], [5, 6], {}),
        (ColumnKind("date", "day first"), ["02.01.1970", "1970-01-03"], [1, None], {"1970-01-03": 1}),
        (ColumnKind("date", "day first"), ["1970-01-02", "1970-01-03"], [1, 2], {}),
        (ColumnKind("date", "year first"), [datetime(1970, 1, 2), None], [1, None], {}),
        (ColumnKind("date", "%Y/%d"), ["1970/02"], [1], {}),
        (ColumnKind("date", "yyyymmdd"), [19700102.0], [1], {}),
        (ColumnKind("time"), ["1:30", time(2, 15), 3], [1.5, 2.25, 3], {}),
    ],
)  # fmt: skip
def test_another_file_is_read_in_the_kinds_of_the_fit(kind, values, expected, strange):
    found = convert(pd.Series(values, dtype=object), kind, Usual(), "a")
    assert [
        None if value is None or value is pd.NA or value != value else value for value in found.values
    ] == expected
    assert found.strange == strange


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        (pd.Series([1, 0]), ColumnKind("bool"), [True, False]),
        (pd.Series([True, False]), ColumnKind("number"), [1, 0]),
        (pd.Series([7, 8]), ColumnKind("text"), ["7", "8"]),
        (pd.Series(pd.to_datetime(["1970-01-02"])), ColumnKind("date"), [1]),
        (pd.Series(pd.to_datetime(["1970-01-02T00:00Z"])), ColumnKind("date"), [1]),
        (pd.Series(["a", "b"], dtype="category"), ColumnKind("text"), ["a", "b"]),
        (pd.Series(pd.to_timedelta(["1D", "36h"])), ColumnKind("number"), [1, 1.5]),
        (pd.Series([1.5, 2], dtype="Float64"), ColumnKind("number"), [1.5, 2]),
    ],
)
def test_columns_that_have_a_type_are_read_too(column, kind, expected):
    assert convert(column, kind, Usual(), "a").values.tolist() == expected


def test_infinities_are_gaps():
    found = convert(pd.Series([1.0, np.inf, -np.inf]), ColumnKind("number"), Usual(), "a")
    assert found.values.isna().tolist() == [False, True, True] and found.strange == {"infinity": 2}


def test_dates_where_numbers_were_are_refused():
    with pytest.raises(InputError, match="--kind"):
        convert(pd.Series(pd.to_datetime(["2020-01-01"])), ColumnKind("number"), Usual(), "a")


def test_an_open_order_of_day_and_month_is_said():
    found = values_of(["01/02/2020", "05/03/2020", "02/02/2020", "09/01/2020"])
    assert any('"01/02/2020" was read month first' in note for note in found.notes)
    assert values_of(["13/02/2020", "05/03/2020"]).notes == ()
