from __future__ import annotations

import pytest

from edgewise.cli.schema import ANY_NAME, violation


@pytest.mark.parametrize(
    ("value", "shape", "said"),
    [
        (1, float, None),
        (True, float, " must be float"),
        (True, bool, None),
        (1, bool, " must be bool"),
        (None, (None, str), None),
        (3, (None, [str]), " must be a list"),
        ({"a": 1}, {"a": int, "b": str}, ".b is missing"),
        ({"a": "x"}, {ANY_NAME: float}, ".a must be float"),
        ({}, {ANY_NAME: float}, None),
        ([], {"a": int}, " must be an object"),
        ([[1]], [[str]], "[0][0] must be str"),
    ],
)
def test_what_departs_from_its_shape_is_named(value, shape, said):
    assert violation(value, shape) == said
