"""JSON has no NaN and no infinity, whatever goes in, and nothing else writes any."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

import edgewise
from edgewise._json import json_text, plain_values

SOURCE = Path(edgewise.__file__).parent


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} in JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
def test_what_json_does_not_know_is_null(number):
    assert strict(json_text({"a": [1.5, (number, {"b": number})]})) == {"a": [1.5, [None, {"b": None}]]}
    assert plain_values(number) is None


def test_numbers_of_numpy_and_torch():
    values = {"n": np.int64(3), "x": np.float32(0.5), "t": torch.tensor(2.0), "yes": np.bool_(True)}
    assert strict(json_text(values)) == {"n": 3, "x": 0.5, "t": 2.0, "yes": True}


def test_letters_and_indents():
    assert json_text(["ä"]) == '["ä"]' and json_text(["ä"], ascii_only=True) == '["\\u00e4"]'
    assert json_text({"a": 1}, indent=1) == '{\n "a": 1\n}'


def test_what_is_no_value_is_an_error():
    with pytest.raises(TypeError):
        json_text({"a": object()})


def test_nothing_else_in_the_package_writes_json():
    writers = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("dump", "dumps")
        and isinstance(node.value, ast.Name) and node.value.id == "json"
    }  # fmt: skip
    # A fingerprint is computed from JSON, which is not kept.
    assert writers <= {"_json.py", "network/files/tensor_file.py", "testing/edge_layers.py"}
