from __future__ import annotations

import math

import pytest

from edgewise._formula_text import FormulaReader

READER = FormulaReader(float, {"x": 2.0, "y": 3.0}.__getitem__, vars(math).__getitem__)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x^2 + y/4", 4.75),
        ("-x**-1", -0.5),
        ("+sqrt(x*8)", 4.0),
        ("2e3", 2000.0),
        ("atan2(x, x)", math.pi / 4),
    ],
)
def test_the_usual_rules_hold(text, value):
    assert READER.read(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "x y", "x = 1", "x.real", "[x]", "True", "'x'", "1j", "x if y else x", "\0", "(" * 9999]
)
def test_what_is_no_formula_is_a_syntax_error(text):
    with pytest.raises(SyntaxError):
        READER.read(text)
