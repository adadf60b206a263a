from __future__ import annotations

import pytest
import sympy

from edgewise.discovery.allowed_functions import functions_of, is_allowed, read_functions
from edgewise.errors import UnknownName

X = sympy.Symbol("x")


@pytest.mark.parametrize(
    ("law", "names"),
    [
        (X**2 / (1 + X), set()),
        (sympy.sqrt(2) * X, set()),
        (X**1.5, {"sqrt"}),
        (X ** sympy.Rational(1, 3), {"power"}),
        (2**X, {"exp"}),
        (sympy.Abs(X) ** 0.3, {"power", "abs"}),
        (sympy.asin(sympy.exp(X)), {"arcsin", "exp"}),
    ],
)
def test_names_of_functions(law, names):
    assert functions_of(law) == names


def test_allowed_names():
    assert read_functions(None) is None
    assert read_functions("asin") == {"arcsin"}
    assert read_functions(["power"]) == {"power", "sqrt"}
    assert is_allowed(sympy.sin, read_functions(["sin"]))
    assert not is_allowed(sympy.sqrt, read_functions([]))
    for wrong in ("sinus", [3]):
        with pytest.raises(UnknownName, match="functions must be one of"):
            read_functions(wrong)
