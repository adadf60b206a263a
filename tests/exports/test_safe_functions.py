"""The functions of the exports, in NumPy's arithmetic, beside the library's own."""

from __future__ import annotations

import operator

import numpy as np
import pytest
import torch

from edgewise.exports.arithmetic import Limits, Value, Writer
from edgewise.exports.safe_functions import SAFE_FUNCTIONS, safe_function
from edgewise.functions import LIBRARY, get_function

NATIVE = {name: getattr(np, name) for name in ("abs", "exp", "log", "sin", "tanh", "sqrt")}
ARITHMETIC = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negate": operator.neg, "less": operator.lt, "where": np.where, "power": operator.pow,
}  # fmt: skip
MEMBERS = ["x^0.6", "x^-0.7", "x^(2/3)", "x^2.7", "x^-3.3", "x^3+x^2+x", "x^4-2.5*x^2+0.3*x"]


class Numbers(Writer):
    """Operations done at once, on arrays of one data type."""

    native = frozenset(NATIVE)

    def __init__(self, dtype):
        self.dtype = dtype

    def write(self, operation, *operands):
        cast = [part if np.asarray(part).dtype == np.bool_ else self.dtype(part) for part in operands]
        with np.errstate(all="ignore"):
            return (ARITHMETIC.get(operation) or NATIVE[operation])(*cast)


def places(dtype):
    near = np.array(
        [0.0, 1e-30, 1e-12, 1e-6, 1e-3, 0.25, 0.5, 0.999, 1 - 1e-9, 1.0, 1.001, 3.0, 50.0, 800.0, 1e9]
    )
    return np.concatenate([-near[::-1], near, np.linspace(-4, 4, 401)]).astype(dtype)


def test_every_function_of_the_library_is_there():
    assert set(SAFE_FUNCTIONS) == set(LIBRARY)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", [*SAFE_FUNCTIONS, *MEMBERS])
def test_a_function_is_the_library_s_inside_and_outside_its_domain(name, dtype):
    x = places(dtype)
    wanted = get_function(name).safe(torch.from_numpy(x)).numpy()
    limits = Limits(torch.float64 if dtype is np.float64 else torch.float32)
    found = safe_function(name)(Value(Numbers(dtype), x), limits).of
    assert np.isfinite(found).all()
    unit = float(np.finfo(dtype).eps)
    # Beside a pole or far out the argument's own rounding counts: compare with what that may move.
    room = 64 * unit * (1 + np.abs(wanted)) + _moved(name, x, dtype)
    assert (np.abs(found - wanted) <= room).all(), x[np.abs(found - wanted) > room]


def _moved(name, x, dtype):
    steps = [np.nextafter(x, dtype(sign) * dtype(np.inf)) for sign in (-1, 1)]
    here = get_function(name).safe(torch.from_numpy(x)).numpy()
    ends = [get_function(name).safe(torch.from_numpy(step)).numpy() for step in steps]
    return 8 * np.maximum(*(np.abs(end - here) for end in ends))


def test_missing_values_stay_missing():
    x, limits = np.array([np.nan]), Limits(torch.float64)
    for name in {*SAFE_FUNCTIONS, *MEMBERS} - {"0"}:
        assert np.isnan(safe_function(name)(Value(Numbers(np.float64), x), limits).of).all(), name


def test_a_users_function_has_no_text():
    assert safe_function("softplus") is None
