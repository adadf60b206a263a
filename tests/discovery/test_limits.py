from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.limits import read_limits
from edgewise.errors import InputError

SYMBOLS = sympy.symbols("x a")
X = np.random.default_rng(0).uniform(1, 2, (50, 2))


@pytest.mark.parametrize(
    ("limits", "law", "holds"),
    [
        ({"x -> oo": 0, "x->0": "a"}, "a*exp(-x)", True),
        ({"x -> oo": 0}, "a*exp(-x) + 0.01", False),
        ({"x -> oo": 0}, "a*x**-0.3", True),
        ({"x -> oo": 0}, "a*x**0.3", False),
        ({"x -> 0": "a*x"}, "a*tanh(x)", True),
        ({"x -> 0": "2*a*x"}, "a*tanh(x)", False),
        ({"x -> oo": "a"}, "a*x/(2.5 + x)", True),
        ({"x -> oo": "oo", "x -> 0": "-oo"}, "a*log(x)", True),
        ({"x -> oo": "oo"}, "a*log(x)/x", False),
        ({"x -> 0": 0}, "a*sin(x)/x", False),
        ({"x -> 0": "a"}, "a*sin(x)/x", True),
        ({"x -> oo": 0}, "sin(x)", False),
        ({"x -> 1": float("inf")}, "1/(x - 1)", True),
        ({"a -> 0": 1}, "exp(a*x)*sqrt(1 + a)", True),
        ({"x -> -oo": 0}, "a*exp(x)", True),
        ({"x -> oo": 0}, "a", False),
    ],
)
def test_limits_hold_or_not(limits, law, holds):
    found = read_limits(limits, ["x", "a"])
    assert all(one.holds(sympy.sympify(law), SYMBOLS, X) for one in found) == holds


@pytest.mark.parametrize(
    "limits",
    [{"x": 0}, {"z -> 0": 0}, {"x -> q": 0}, {"x -> 0": "z"}, {"x -> 0": float("nan")}, "x -> 0", {3: 0}, {"x -> 0": None}],
)  # fmt: skip
def test_what_is_no_limit_is_refused(limits):
    with pytest.raises(InputError, match="discover: limits must be "):
        read_limits(limits, ["x", "a"])
