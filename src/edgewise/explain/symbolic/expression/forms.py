"""The functions of formula edges as sympy expressions, with all constants pulled out that can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np
import sympy
import torch
from numpy.polynomial import Polynomial

from ....functions import POLYNOMIALS, POWERS, Function
from .combination import Combination, Constants
from .numeric import Array
from .polynomials import multiplied

Form = Callable[[sympy.Expr], sympy.Expr]

_HALF = sympy.Rational(1, 2)
_FAR = 1e3  # a shift of so many times an argument's size leaves too few digits of what is multiplied out
_EXPONENTS: Mapping[str, sympy.Rational] = MappingProxyType(
    {
        **{f"x^{n}": sympy.Integer(n) for n in range(2, 7)},
        **{f"1/x^{n}": sympy.Integer(-n) for n in range(2, 6)},
        "1/x": sympy.Integer(-1),
        "sqrt": _HALF,
        "x^1.5": 3 * _HALF,
        "1/sqrt(x)": -_HALF,
        "1/x^1.5": -3 * _HALF,
    }
)


def _raised(t: sympy.Expr, exponent: sympy.Rational) -> sympy.Expr:
    return t**exponent


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "0": lambda t: sympy.Integer(0),
        "x": lambda t: t,
        **{name: partial(_raised, exponent=exponent) for name, exponent in _EXPONENTS.items()},
        "cbrt": lambda t: sympy.sign(t) * sympy.Abs(t) ** sympy.Rational(1, 3),
        "abs": sympy.Abs,
        "sgn": sympy.sign,
        "exp": sympy.exp,
        "log": sympy.log,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tan": sympy.tan,
        "arcsin": sympy.asin,
        "arccos": sympy.acos,
        "arctan": sympy.atan,
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": sympy.tanh,
        "arctanh": sympy.atanh,
        "sigmoid": lambda t: 1 / (1 + sympy.exp(-t)),
        "erf": sympy.erf,
        "gaussian": lambda t: sympy.exp(-(t**2)),
        "1/(1+x^2)": lambda t: 1 / (1 + t**2),
        "sinc": sympy.sinc,
    }
)
"""sympy form of every library function, by name."""

_ODD = frozenset({"tan", "arcsin", "arctan", "sinh", "tanh", "arctanh", "erf"})
_EVEN = frozenset({"cosh", "gaussian", "sinc", "1/(1+x^2)"})


def sympy_form(function: Function) -> Form:
    """The sympy form of a function: the library's, the user's own, or an undefined function of its name.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> sympy_form(LIBRARY["x^3"])(sympy.Symbol("t"))
        t**3
    """
    if function.name in FORMS:
        return FORMS[function.name]
    return function.sympy or sympy.Function(function.name)


def is_undefined(function: Function) -> bool:
    """Tell whether a function occurs in expressions by its name alone."""
    return function.name not in FORMS and function.sympy is None


def apply(function: Function, argument: Combination, constants: Constants) -> Combination:
    """f(argument), with scales, shifts and signs pulled out where the function allows.

    (a z + b)^n becomes a^n (z + b/a)^n, exp(z + b) becomes e^b exp(z), log(a z) becomes log a + log z, a
    sine's phase is reduced to a quarter turn, and odd and even functions get a leading plus sign, so that
    the numbers left are those that say something.
    """
    if function.kind == "zero":
        return Combination(0.0, {}, {})
    if function.kind == "linear":
        return argument
    if not any(argument.weights.values()):
        return Combination(_value(function, argument.offset), {}, {})
    if function.name in ("sin", "cos"):
        return _sine(function.name, argument, constants)
    if function.family is POLYNOMIALS:
        return _polynomial(function.numbers, argument, constants)
    rule = _power(function.numbers[0]) if function.family is POWERS else _RULES.get(function.name)
    factor, offset, inner = rule(argument) if rule else _by_parity(function, argument)
    # The values come from what is written, so that a form whose value is not f shows up as an error.
    values = np.asarray(function.fn(torch.as_tensor(inner.total)))
    term = sympy_form(function)(inner.written(constants))
    result = Combination.of(term, values, factor, offset)
    exponent = _EXPONENTS.get(function.name)
    if exponent is not None and exponent.is_Integer and exponent > 1:
        result = result.with_expanded(term, multiplied([inner] * int(exponent)))
    return result


_Pulled = tuple[float, float, Combination]  # f(argument) = factor * f(inner) + offset


def _value(function: Function, at: float) -> float:
    point = torch.tensor([at], dtype=torch.float64)
    value = float(function.fn(point))
    return value if math.isfinite(value) else float(function.safe(point))


def _power(exponent: float) -> Callable[[Combination], _Pulled]:
    def pull(argument: Combination) -> _Pulled:
        lead = argument.lead
        whole = float(exponent).is_integer()
        scale = lead if whole else abs(lead)
        try:
            factor = scale**exponent
        except OverflowError:
            factor = math.inf
        if not (1e-200 < abs(factor) < 1e200):
            return 1.0, 0.0, argument
        return factor, 0.0, argument.over(scale)

    return pull


def _cbrt(argument: Combination) -> _Pulled:
    lead = argument.lead
    return math.copysign(abs(lead) ** (1 / 3), lead), 0.0, argument.over(lead)


def _abs(argument: Combination) -> _Pulled:
    return abs(argument.lead), 0.0, argument.over(argument.lead)


def _sgn(argument: Combination) -> _Pulled:
    return math.copysign(1.0, argument.lead), 0.0, argument.over(argument.lead)


def _log(argument: Combination) -> _Pulled:
    scale = abs(argument.lead)
    return 1.0, math.log(scale), argument.over(scale)


def _exp(argument: Combination) -> _Pulled:
    if abs(argument.offset) > 300:
        return 1.0, 0.0, argument
    return math.exp(argument.offset), 0.0, argument.affine(1.0, -argument.offset)


def _sigmoid(argument: Combination) -> _Pulled:
    return (-1.0, 1.0, argument.over(-1.0)) if argument.lead < 0 else (1.0, 0.0, argument)


_RULES: Mapping[str, Callable[[Combination], _Pulled]] = MappingProxyType(
    {
        **{name: _power(float(exponent)) for name, exponent in _EXPONENTS.items()},
        "cbrt": _cbrt,
        "abs": _abs,
        "sgn": _sgn,
        "log": _log,
        "exp": _exp,
        "sigmoid": _sigmoid,
    }
)


def _polynomial(numbers: Sequence[float], argument: Combination, constants: Constants) -> Combination:
    """The polynomial multiplied out in the powers of the one term that the argument has; else in its own powers."""
    present = [term for term, weight in argument.weights.items() if weight != 0]
    term, values, shift, scale = present[0], argument.values[present[0]], argument.offset, argument.lead
    if len(present) > 1 or abs(shift) > _FAR * np.abs(scale * values + shift).max():
        inner = argument.over(scale)
        term, values, shift = inner.written(constants), np.asarray(inner.total), 0.0
    whole = Polynomial([0.0, *numbers, 1.0])(Polynomial([shift, scale])).coef
    powers = {place: float(factor) for place, factor in enumerate(whole) if place and factor}
    weights = {term**place: factor for place, factor in powers.items()}
    return Combination(float(whole[0]), weights, {term**place: values**place for place in powers})


def _by_parity(function: Function, argument: Combination) -> _Pulled:
    if function.name in _ODD | _EVEN and argument.lead < 0:
        return (-1.0 if function.name in _ODD else 1.0), 0.0, argument.over(-1.0)
    return 1.0, 0.0, argument


def _sine(name: str, argument: Combination, constants: Constants) -> Combination:
    """sin or cos with a leading plus, a phase of at most a quarter turn, and cos where that removes it."""
    factor = 1.0
    if argument.lead < 0:
        argument, factor = argument.over(-1.0), -1.0 if name == "sin" else 1.0
    half_turns = round(argument.offset / math.pi)
    phase = argument.offset - half_turns * math.pi
    factor *= -1.0 if half_turns % 2 else 1.0
    if abs(abs(phase) - math.pi / 2) < 1e-3:
        # sin(z + pi/2) = cos z, cos(z + pi/2) = -sin z
        side = math.copysign(1.0, phase)
        factor *= side if name == "sin" else -side
        phase -= side * math.pi / 2
        name = "cos" if name == "sin" else "sin"
    inner = Combination(phase, argument.weights, argument.values)
    values: Array = np.sin(inner.total) if name == "sin" else np.cos(inner.total)
    return Combination.of(FORMS[name](inner.written(constants)), values, factor)
