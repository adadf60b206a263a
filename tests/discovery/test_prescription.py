from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.prescription import Prescription
from edgewise.errors import InputError, UnknownName

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0.5, 3, (200, 3))
A, B, C = X.T


def found(y, **settings):
    return discover(X, y, names="abc", **{"networks": False, "seconds": 20, **settings})


def test_only_allowed_functions_occur():
    y = B * np.exp(-A)
    assert found(y).best.expression == sympy.sympify("b*exp(-a)")
    others = found(y, functions=["sin", "cos"], seconds=0.5)
    assert all(not law.expression.has(sympy.exp, sympy.log, sympy.sinh, sympy.tanh) for law in others.laws)
    assert "of functions only cos, sin" in str(others)


def test_required_and_forbidden_columns():
    assert found(A * B, forbidden="c").best.expression == sympy.sympify("a*b")
    law = found(A * B / C, required=["c"])
    assert law.best.expression == sympy.sympify("a*b/c")
    for one in found(A * B + 0.1 * C, forbidden=["c"], seconds=0.5).laws:
        assert sympy.Symbol("c") not in one.expression.free_symbols


def test_limits_choose_among_laws():
    kept = Prescription.of("abc", limits={"b -> oo": 0, "b -> 0": "a"})
    symbols = sympy.symbols("a b c")
    assert kept.is_kept_by(sympy.sympify("a*exp(-b)"), symbols, X)
    assert not kept.is_kept_by(sympy.sympify("a*exp(-b) + 0.01"), symbols, X)
    none = found(A * np.exp(-B), limits={"b -> oo": 1}, seconds=0.5)
    assert none.best is None
    assert "1 for b -> oo" in str(none)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"required": "z"}, UnknownName),
        ({"forbidden": ["z"]}, UnknownName),
        ({"required": "a", "forbidden": "a"}, InputError),
        ({"forbidden": ["a", "b", "c"]}, InputError),
        ({"guess": "a*c", "forbidden": "c"}, InputError),
        ({"form": "f(c)", "forbidden": "c"}, InputError),
        ({"guess": "sin("}, InputError),
        ({"functions": "sinus"}, UnknownName),
    ],
)
def test_contradictions_are_refused(settings, error):
    with pytest.raises(error, match="discover: "):
        Prescription.of(["a", "b", "c"], **settings)
