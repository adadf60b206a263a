from __future__ import annotations

from edgewise.cli.encoding_code import input_lines, output_line, table_code
from edgewise.cli.model_folder import ModelFolder
from edgewise.estimators.columns import CategoryRule, NumericRule, TableEncoder
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
