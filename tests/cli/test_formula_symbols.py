from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.formula_symbols import bracketed, symbols_of, with_brackets
from edgewise.cli.summary import summarise
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a", "a"), ("größe", "größe"), ("city=Bern", "[city = Bern]"), ("a b", "[a b]"), ("x=missing", "[x = missing]"),
     ("a*b", "[a*b]"), ("r=a=b", "[r = a=b]")],
)  # fmt: skip
def test_more_than_a_word_stands_in_brackets(name, shown):
    assert bracketed(name) == shown


def test_symbols_are_told_apart_from_each_other_and_from_numbers():
    shown = {name: bracketed(name) for name in ("a", "a b", "price in $", "k=1.5")}
    assert (
        with_brackets("a b = 2*a b + a - 1.5*price in $ + k=1.5\nx", shown)
        == "a b = 2*[a b] + a - 1.5*[price in $] + [k = 1.5]\nx"
    )


def test_every_symbol_of_a_formula_is_defined():
    random = np.random.default_rng(0)
    rows = 200
    frame = pd.DataFrame(
        {
            "floor area": random.uniform(0, 1, rows),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 500, rows), "D"),
            "city": random.choice(["Bern", "Zug", "Basel"], rows),
            "age": random.uniform(0, 9, rows),
        }
    )
    frame["y"] = 3 * frame["floor area"] + 2 * (frame["city"] == "Bern") + frame["age"]
    frame["y"] += (frame["day"] - pd.Timestamp("2020-01-01")).dt.days / 100
    frame.loc[::6, "age"] = np.nan
    run = run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.2, 0, True, {"hidden": 0}))
    text = summarise(run, "y")["formula"]["text"]
    meanings = {row["symbol"]: row["meaning"] for row in symbols_of(run, text)}
    assert "[floor area]" in meanings and "city=" not in text and "[city = " in text
    assert meanings["day"] == "the column day, in days since 1 January 1970"
    assert any(said == "1 where city is Bern, else 0" for said in meanings.values())
    assert (
        meanings.get("[age = missing]", "1 where age is missing, else 0") == "1 where age is missing, else 0"
    )
    left = text.partition(" = ")[2]
    for symbol in meanings:
        left = left.replace(symbol.removesuffix("(…)"), "")
    assert not set("abcdefghijklmnopqrstuvwxyz[]") & set(left.replace("e-", "").replace("e+", ""))


def test_transformed_columns_are_explained():
    random = np.random.default_rng(0)
    income = np.exp(random.normal(10, 1.5, 300))
    frame = pd.DataFrame({"income in $": income, "y": np.log(income) + 0.1 * random.normal(size=300)})
    run = run_workflow(prepare(RawTable(frame, ()), "y"), Choices(0.2, 0, True, {"hidden": 0}))
    text = summarise(run, "y")["formula"]["text"]
    (row,) = symbols_of(run, text)
    assert row["symbol"] == "log([income in $])" and row["symbol"] in text
    assert row["meaning"].endswith("of which the natural logarithm is taken")
