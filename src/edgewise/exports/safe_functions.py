"""Safe versions of the library's functions, for any language: the counterpart of `functions/safe_functions.py`.

As there, where the safe version departs from the plain function depends on the dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from ..functions import POWERS, family_member
from .arithmetic import Limits, Value, clamp, signed
from .fallbacks import apply

SafeFunction = Callable[[Value, Limits], Value]

_SINC_SERIES = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(7))


def _natural(x: Value, n: int) -> Value:
    if n == 1:
        return x
    half = _natural(x, n // 2)
    return half * half * x if n % 2 else half * half


def _power(x: Value, limits: Limits, n: int) -> Value:
    top = (limits.largest / 16) ** (1 / n)
    return _natural(clamp(x, -top, top), n)


def _reciprocal(x: Value, limits: Limits, n: int) -> Value:
    margin = limits.pole(n + 2)
    size = x.call("abs")
    if n % 2 == 0:
        return 1.0 / _natural(clamp(size, low=margin), n)
    near = size < margin
    return near.where(x * margin ** -(n + 1), 1.0 / _natural(near.where(1.0, x), n))


def _half_line_power(x: Value, limits: Limits, p: float) -> Value:
    margin = limits.pole(2 - p)
    top = (limits.largest / 16) ** (1 / max(1.0, p))
    near = x < margin
    line = clamp(near.where(x, 0.0), low=0.0) * margin ** (p - 1)
    inside = clamp(near.where(1.0, x), high=top)
    root = inside.call("sqrt")
    return near.where(line, root if p < 1 else root * inside)


def _half_line_reciprocal(x: Value, limits: Limits, p: float) -> Value:
    inside = clamp(x, low=limits.pole(p + 2))
    root = inside.call("sqrt")
    return 1.0 / (root if p < 1 else root * inside)


def _cbrt(x: Value, limits: Limits) -> Value:
    margin = limits.pole(5 / 3)
    near = x.call("abs") < margin
    plain = near.where(1.0, x)
    return near.where(x * margin ** (-2 / 3), signed(plain.call("abs").power(1 / 3), plain))


def _log(x: Value, limits: Limits) -> Value:
    margin = limits.pole(2)
    below = x < margin
    y = below.where(2 * margin - x, x).call("log")
    return below.where(2 * math.log(margin) - y, y)


def _growth(excess: Value) -> Value:
    return 1.0 + apply("log1p", clamp(excess, low=0.0))


def _exp(x: Value, limits: Limits) -> Value:
    return clamp(x, high=limits.exp).call("exp") * _growth(x - limits.exp)


def _hyperbolic(x: Value, limits: Limits, name: str) -> Value:
    return apply(name, clamp(x, -limits.exp, limits.exp)) * _growth(x.call("abs") - limits.exp)


def _tan(x: Value, limits: Limits) -> Value:
    margin = max(2 * limits.unit, limits.pole(3))
    cosine = apply("cos", x)
    near = cosine.call("abs") < margin
    return x.call("sin") * near.where(cosine / margin**2, 1.0 / near.where(1.0, cosine))


def _ramp(x: Value, limit: float) -> Value:
    slope = math.acos(limit) / (1 - limit)
    return signed(slope * (clamp(x.call("abs"), limit, 1.0) - limit), x)


def _arcsin(x: Value, limits: Limits) -> Value:
    limit = 1 - limits.unit
    return apply("arcsin", clamp(x, -limit, limit)) + _ramp(x, limit)


def _arccos(x: Value, limits: Limits) -> Value:
    limit = 1 - limits.unit
    return apply("arccos", clamp(x, -limit, limit)) - _ramp(x, limit)


def _arctanh(x: Value, limits: Limits) -> Value:
    limit = 1 - limits.unit
    scale = (1 - limit) * (1 + limit) / 2
    bound = min(1e6, scale * limits.largest / 2)
    excess = clamp(x.call("abs"), limit, bound) - limit
    return apply("arctanh", clamp(x, -limit, limit)) + signed(0.5 * apply("log1p", excess / scale), x)


def _gaussian(x: Value, limits: Limits) -> Value:
    inside = clamp(x, -100.0, 100.0)
    return (-(inside * inside)).call("exp")


def _erf(x: Value, limits: Limits) -> Value:
    return apply("erf", clamp(x, -100.0, 100.0))


def _lorentzian(x: Value, limits: Limits) -> Value:
    top = limits.largest**0.25
    inside = clamp(x, -top, top)
    return 1.0 / (1.0 + inside * inside)


def _sgn(x: Value, limits: Limits) -> Value:
    return (x < 0).where(-1.0, (x > 0).where(1.0, x))


def _sinc(x: Value, limits: Limits) -> Value:
    near = x.call("abs") < 0.25
    inside = near.where(x, 0.0)
    square = inside * inside
    series = square * 0.0 + _SINC_SERIES[-1]
    for coefficient in reversed(_SINC_SERIES[:-1]):
        series = series * square + coefficient
    far = near.where(1.0, x)
    return near.where(series, far.call("sin") / far)


def _plain(x: Value, limits: Limits, name: str) -> Value:
    return apply(name, x)


SAFE_FUNCTIONS: Mapping[str, SafeFunction] = MappingProxyType(
    {
        "0": lambda x, limits: 0.0 * x,
        "x": lambda x, limits: x,
        **{f"x^{n}": partial(_power, n=n) for n in range(2, 7)},
        "1/x": partial(_reciprocal, n=1),
        **{f"1/x^{n}": partial(_reciprocal, n=n) for n in range(2, 6)},
        "sqrt": partial(_half_line_power, p=0.5),
        "x^1.5": partial(_half_line_power, p=1.5),
        "1/sqrt(x)": partial(_half_line_reciprocal, p=0.5),
        "1/x^1.5": partial(_half_line_reciprocal, p=1.5),
        "cbrt": _cbrt,
        "sgn": _sgn,
        "exp": _exp,
        "log": _log,
        "tan": _tan,
        "arcsin": _arcsin,
        "arccos": _arccos,
        "sinh": partial(_hyperbolic, name="sinh"),
        "cosh": partial(_hyperbolic, name="cosh"),
        "arctanh": _arctanh,
        "erf": _erf,
        "gaussian": _gaussian,
        "1/(1+x^2)": _lorentzian,
        "sinc": _sinc,
        **{name: partial(_plain, name=name) for name in ("abs", "sin", "cos", "arctan", "tanh", "sigmoid")},
    }
)
"""Every function of the library by name."""


def safe_function(name: str) -> SafeFunction | None:
    """The text of a function by its name: of the library, a power or a polynomial; None for a user's own.

    Example:
        >>> safe_function("x^0.6") is not None
        True
    """
    member = None if name in SAFE_FUNCTIONS else family_member(name)
    if member is None:
        return SAFE_FUNCTIONS.get(name)
    if member.family is POWERS:
        return partial(_any_power, p=member.numbers[0])
    return partial(_polynomial, numbers=member.numbers)


def _any_power(x: Value, limits: Limits, p: float) -> Value:
    if p < 0:
        return clamp(x, low=limits.pole(2 - p)).power(p)
    margin = limits.pole(max(2 - p, 0.5))
    near = x < margin
    line = clamp(near.where(x, 0.0), low=0.0) * margin ** (p - 1)
    return near.where(
        line, clamp(near.where(1.0, x), high=(limits.largest / 16) ** (1 / max(1.0, p))).power(p)
    )


def _polynomial(x: Value, limits: Limits, numbers: Sequence[float]) -> Value:
    top = (limits.largest / 16 / (1 + sum(map(abs, numbers)))) ** (1 / (len(numbers) + 1))
    inside = clamp(x, -top, top)
    value = inside + numbers[-1]
    for number in reversed(numbers[:-1]):
        value = value * inside + number
    return value * inside
