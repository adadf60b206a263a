"""Full-precision fallbacks for functions that some languages lack.

They use exp, log, sin, tanh, sqrt and abs, which all languages have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from .arithmetic import Value, clamp, signed

_HALVINGS, _ARCTAN_TERMS, _ERF_TERMS, _ERFC_DEGREE = 3, 10, 24, 26
_ERFC_LOW, _ERFC_HIGH, _ERFC_CENTRE = 1.0, 6.5, 3.75


def apply(name: str, x: Value) -> Value:
    """A function by our name: the language's own if it has one, else composed."""
    return x.call(name) if name in x.writer.native else FALLBACKS[name](x)


def _polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    total = x * 0.0 + coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def _cos(x: Value) -> Value:
    # Halving is exact, where a sine shifted by pi / 2 would round a large argument.
    half = (0.5 * x).call("sin")
    return 1.0 - 2.0 * half * half


def _log1p(x: Value) -> Value:
    # What rounding takes from 1 + x is put back as a factor.
    near = 1.0 + x
    kept = near - 1.0
    some = kept.call("abs") > 0.0
    scaled = near.call("log") * (x / some.where(kept, 1.0))
    return some.where((x > 1e30).where(near.call("log"), scaled), x)


def _arctan(x: Value) -> Value:
    size = x.call("abs")
    beyond = size > 1.0
    t = beyond.where(1.0 / beyond.where(size, 1.0), size)
    for _ in range(_HALVINGS):
        t = t / (1.0 + (1.0 + t * t).call("sqrt"))
    series = [(-1) ** n / (2 * n + 1) for n in range(_ARCTAN_TERMS)]
    angle = 2.0**_HALVINGS * t * _polynomial(t * t, series)
    return signed(beyond.where(math.pi / 2 - angle, angle), x)


def _arcsin(x: Value) -> Value:
    return 2.0 * apply("arctan", x / (1.0 + ((1.0 - x) * (1.0 + x)).call("sqrt")))


def _arccos(x: Value) -> Value:
    # (1 + x) is never 0 where this is used: arguments are kept off -1.
    return 2.0 * apply("arctan", ((1.0 - x) / (1.0 + x)).call("sqrt"))


def _sinh(x: Value) -> Value:
    half = (0.5 * clamp(x, -1.0, 1.0)).call("tanh")
    near = 2.0 * half / (1.0 - half * half)
    far = 0.5 * (x.call("exp") - (-x).call("exp"))
    return (x.call("abs") < 1.0).where(near, far)


def _cosh(x: Value) -> Value:
    return 0.5 * (x.call("exp") + (-x).call("exp"))


def _arctanh(x: Value) -> Value:
    size = x.call("abs")
    return signed(0.5 * apply("log1p", 2.0 * size / (1.0 - size)), x)


def _sigmoid(x: Value) -> Value:
    return 1.0 / (1.0 + (-x).call("exp"))


@cache
def _erfc_coefficients() -> tuple[float, ...]:
    """Chebyshev coefficients of exp(x^2) erfc(x), over t(x) brought to [-1, 1]."""
    first, last = (_erfc_place(end) for end in (_ERFC_LOW, _ERFC_HIGH))

    def scaled(places: Any) -> Any:
        t = first + (places + 1) * (last - first) / 2
        x = _ERFC_CENTRE * (1 + t) / (1 - t)
        return np.array([math.erfc(value) * math.exp(value * value) for value in x])

    found = np.polynomial.chebyshev.chebinterpolate(scaled, _ERFC_DEGREE)
    return tuple(float(value) for value in found)


def _erfc_place(x: float) -> float:
    return (x - _ERFC_CENTRE) / (x + _ERFC_CENTRE)


def _erf(x: Value) -> Value:
    size = x.call("abs")
    near = clamp(size, high=1.0)
    terms = [(-1) ** n * 2 / math.sqrt(math.pi) / math.factorial(n) / (2 * n + 1) for n in range(_ERF_TERMS)]
    inner = near * _polynomial(near * near, terms)
    far = clamp(size, _ERFC_LOW, _ERFC_HIGH)
    first, last = (_erfc_place(end) for end in (_ERFC_LOW, _ERFC_HIGH))
    t = (far - _ERFC_CENTRE) / (far + _ERFC_CENTRE)
    place = (t - first) * (2 / (last - first)) - 1.0
    outer = 1.0 - (-(far * far)).call("exp") * _chebyshev(place, _erfc_coefficients())
    return signed((size > 1.0).where(outer, inner), x)


def _chebyshev(x: Value, coefficients: Sequence[float]) -> Value:
    """Clenshaw's recursion."""
    later, latest = x * 0.0, x * 0.0
    for coefficient in reversed(coefficients[1:]):
        later, latest = latest, 2.0 * x * latest - later + coefficient
    return x * latest - later + coefficients[0]


FALLBACKS: Mapping[str, Callable[[Value], Value]] = MappingProxyType(
    {
        "cos": _cos,
        "log1p": _log1p,
        "arctan": _arctan,
        "arcsin": _arcsin,
        "arccos": _arccos,
        "sinh": _sinh,
        "cosh": _cosh,
        "arctanh": _arctanh,
        "sigmoid": _sigmoid,
        "erf": _erf,
    }
)
