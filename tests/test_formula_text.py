from __future__ import annotations

import math

import pytest

from edgewise._formula_text import FormulaReader, as_read

READER = FormulaReader(float, {"x": 2.0, "y": 3.0}.__getitem__, vars(math).__getitem__)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x^2 + y/4", 4.75),
        ("-x**-1", -0.5),
        ("+sqrt(x*8)", 4.0),
        ("2e3", 2000.0),
        ("atan2(x, x)", math.pi / 4),
        ("2*`x`^2", 8.0),
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


def test_names_that_are_no_words_stand_in_backquotes_and_words_of_python_are_names():
    reader = FormulaReader(float, {"a b": 2.0, "x^2": 3.0, "lambda": 4.0, "in": 5.0}.__getitem__, None)
    assert reader.read("`a b`*`x^2` - lambda/in") == 5.2
    for text in ("`a b", "``", "`a b``x^2`", "lambda: 1", "`a b`.real"):
        with pytest.raises(SyntaxError):
            reader.read(text)
    with pytest.raises(SyntaxError, match="a b.real"):
        reader.read("`a b`.real")


def test_letters_that_look_alike_are_one():
    micro, mu = "\u00b5", "\u03bc"
    assert as_read(micro) == mu
    assert FormulaReader(float, {mu: 2.0}.__getitem__, None).read(micro) == 2.0
