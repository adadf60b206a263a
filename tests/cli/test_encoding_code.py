from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.encoding_code import input_lines, output_line, table_code
from edgewise.cli.model_folder import ModelFolder
from edgewise.errors import TableWarning
from edgewise.estimators.columns import CategoryRule, ColumnTransform, MeansRule, NumericRule, TableEncoder
from edgewise.network import build

RULES = TableEncoder((NumericRule("a", 2.0, True), CategoryRule("b", ("x", "missing"))))

READING = {
    "columns": {
        "a": {"kind": "date", "style": "", "given": False},
        "b": {"kind": "text", "style": "", "given": False},
    }
}


def saved(classes):
    return ModelFolder(build([4, 1]), RULES, {"classes": classes, "target": "y", "reading": READING})


def test_every_input_has_its_line():
    assert input_lines(saved(None)) == [
        "a: days since 1970; 2 where it is missing",
        "a=missing: 1 where a is missing, else 0",
        "b=x: 1 where b is 'x', else 0",
        "b=missing: 1 where b is 'missing', else 0",
    ]


def test_outputs_are_named_for_what_they_are():
    assert output_line(saved(None)) == "y: y"
    assert "odds of 'q' to 'p'" in output_line(saved(["p", "q"]))
    assert "softmax" in output_line(saved(["p", "q", "r"]))


def test_code_for_tables_does_as_the_rules_do():
    names = {"np": __import__("numpy")}
    exec(table_code(saved(None)), names)
    table = {"a": [1, None, ""], "b": ["x", "z", None]}
    assert names["encode"](table).tolist() == [[1, 0, 1, 0], [2, 1, 0, 0], [2, 1, 0, 1]]


WIDE = TableEncoder(
    (
        NumericRule("size", 1.0, True, "ordered", levels=("low", "mid", "high"), low=0.0, high=2.0),
        MeansRule("tail", ("007", "N1", "missing"), ((0.1,), (1 / 3,), (5.0,)), (2.0,), ("mean",)),
        CategoryRule("flag", ("True",), ("False",)),
    )
)
KINDS = {name: {"kind": "text", "style": "", "given": False} for name in ("size", "tail", "flag")}


def test_code_for_tables_carries_orders_and_means_exactly():
    names = {"np": np}
    folder = ModelFolder(build([4, 1]), WIDE, {"classes": None, "target": "y", "reading": {"columns": KINDS}})
    exec(table_code(folder), names)
    table = {
        "size": ["high", "low", None, "huge", "mid", "mid"],
        "tail": ["N1", 7.0, "7", None, "N2", "007"],
        "flag": [True, 0, "yes", "FALSE", 1.0, "perhaps"],
    }
    with pytest.warns(TableWarning):
        encoded, remarks = WIDE.encode(pd.DataFrame(table))
        remarks.warn("predict")
    np.testing.assert_array_equal(names["encode"](table), encoded)
    assert encoded[:, 2].tolist() == [1 / 3, 0.1, 0.1, 5.0, 2.0, 0.1]


def test_lines_of_inputs_carry_orders_and_means_with_all_digits():
    folder = ModelFolder(build([4, 1]), WIDE, {"classes": None, "target": "y", "reading": {"columns": KINDS}})
    size, _, tail, _ = input_lines(folder)
    assert size == "size: 0 for 'low', 1 for 'mid', 2 for 'high'; 1 where it is missing"
    assert tail.startswith(
        "mean by tail: by tail 2 but for '007': 0.10000000000000001, 'N1': 0.33333333333333331"
    )


READ = TableEncoder(
    (
        NumericRule("a", 2.0, True, codes=(-999.0,), transform=ColumnTransform("log", low=0.5)),
        NumericRule("b", 1.0, False, transform=ColumnTransform(low=-3.0, high=0.1 + 0.2)),
        NumericRule("c", 1.0, False, transform=ColumnTransform("asinh", high=50.0, centre=3.0, width=0.7)),
    )
)
NUMBERS = {name: {"kind": "number", "style": "", "given": False} for name in "abc"}


def test_code_reads_numbers_exactly_as_the_rules_do():
    names = {"np": __import__("numpy")}
    folder = ModelFolder(
        build([4, 1]), READ, {"classes": None, "target": "y", "reading": {"columns": NUMBERS}}
    )
    exec(table_code(folder), names)
    table = pd.DataFrame(
        {"a": [1e-9, 7.0, -999.0, None], "b": [9.0, 0.1, -4.0, 0], "c": [1e9, -40.0, 3.0, 0]}
    )
    found = names["encode"]({name: table[name].tolist() for name in table})
    np.testing.assert_array_equal(found, READ.transform(table))
    assert found[2].tolist()[:2] == [np.log(2.0), 1.0]


def test_lines_say_exactly_how_numbers_are_read():
    folder = ModelFolder(
        build([4, 1]), READ, {"classes": None, "target": "y", "reading": {"columns": NUMBERS}}
    )
    assert input_lines(folder) == [
        "log(a): a number; 2 where it is missing or -999; made at least 0.5; of that the natural logarithm",
        "a=missing: 1 where a is missing, else 0",
        "clip(b, -3, 0.3): a number; 1 where it is missing; made at least -3 and at most 0.30000000000000004",
        "asinh((min(c, 50) - 3)/0.7): a number; 1 where it is missing; made at most 50; of that asinh((x - 3) / "
        "0.69999999999999996)",
    ]
