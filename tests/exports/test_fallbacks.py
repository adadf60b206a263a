"""Functions composed from others, in NumPy's arithmetic, beside NumPy's and SciPy's own."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from scipy import special

from edgewise.exports.arithmetic import Value, Writer
from edgewise.exports.fallbacks import FALLBACKS, apply

NATIVE = {name: getattr(np, name) for name in ("abs", "exp", "log", "sin", "tanh", "sqrt")}
ARITHMETIC = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negate": operator.neg, "less": operator.lt, "where": np.where,
}  # fmt: skip
# Where the library calls each function, and the function in another's words.
KNOWN = {
    "cos": ((-1e4, 1e4), np.cos),
    "log1p": ((-0.5, 1e3), np.log1p),
    "arctan": ((-50.0, 50.0), np.arctan),
    "arcsin": ((-1.0, 1.0), np.arcsin),
    "arccos": ((-1.0 + 1e-12, 1.0), np.arccos),
    "sinh": ((-20.0, 20.0), np.sinh),
    "cosh": ((-20.0, 20.0), np.cosh),
    "arctanh": ((-1.0 + 1e-12, 1.0 - 1e-12), np.arctanh),
    "sigmoid": ((-30.0, 30.0), special.expit),
    "erf": ((-8.0, 8.0), special.erf),
}


class Numbers(Writer):
    """Operations done at once, on arrays."""

    native = frozenset(NATIVE)

    def write(self, operation, *operands):
        return (ARITHMETIC.get(operation) or NATIVE[operation])(*operands)


def test_every_composed_function_is_checked_here():
    assert set(KNOWN) == set(FALLBACKS)


@pytest.mark.parametrize("name", KNOWN)
def test_a_composed_function_is_exact_to_a_few_roundings(name):
    (low, high), wanted = KNOWN[name]
    x = np.concatenate([np.linspace(low, high, 10_001), np.clip([-1e-9, 0.0, 1e-300, 1.0], low, high)])
    found = FALLBACKS[name](Value(Numbers(), x)).of
    np.testing.assert_allclose(found, wanted(x), rtol=2e-15, atol=5e-16)


def test_missing_values_stay_missing():
    for name in FALLBACKS:
        assert np.isnan(FALLBACKS[name](Value(Numbers(), np.array([np.nan]))).of).all()


def test_a_function_that_the_language_has_is_called():
    assert apply("sin", Value(Numbers(), np.array([1.0]))).of == np.sin(1.0)
