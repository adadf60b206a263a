"""Exact numbers in place of floats, where they hold within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import sympy

from .combination import Constant

Exact = Mapping[sympy.Dummy, sympy.Expr]

_LARGEST_DENOMINATOR = 12
_PI_DENOMINATORS = (1, 2, 3, 4, 6)


def exact_number(value: float, tolerance: float) -> sympy.Expr | None:
    """Find the simplest exact number within a relative tolerance of a float.

    Tried in this order: integers, fractions with denominators up to 12, multiples of pi by simple fractions,
    square roots of simple fractions, e and 1/e, decimals of three digits. They are sparse: an arbitrary
    number is within 1e-6 of one of them with a chance of about one in a thousand, within 1e-10 never.

    Args:
        value: The float.
        tolerance: Largest relative difference; for numbers above 1 also the largest absolute difference
            to an integer or fraction, as otherwise every large number would be near an integer.

    Returns:
        The exact number, or None where there is none.

    Example:
        >>> exact_number(3.14159265, 1e-6), exact_number(-0.66666667, 1e-6), exact_number(0.7390851, 1e-6)
        (pi, -2/3, None)
    """
    if not math.isfinite(value) or value == 0:
        return None
    size = abs(value)
    for rule in (_fraction, _multiple_of_pi, _root, _power_of_e, _decimal):
        number = rule(size, tolerance)
        if number is not None:
            return number if value > 0 else -number
    return None


def snap(
    constants: Mapping[sympy.Dummy, Constant], tolerance: float, fits: Callable[[Exact], bool]
) -> dict[sympy.Dummy, sympy.Expr]:
    """Replace as many constants by exact numbers as the data allow.

    A constant is dropped where its share of its sum is within the tolerance, and otherwise becomes the
    exact number next to it. All are replaced together; where the result does not fit, the set is halved
    until the constants that cannot be replaced are found.

    Args:
        constants: The constants of a formula by their dummy symbols.
        tolerance: Relative tolerance, as in `exact_number`.
        fits: Tells whether the formula with these replacements still equals the network.

    Returns:
        The replacements that fit together.
    """
    proposed = {dummy: _proposal(constant, tolerance) for dummy, constant in constants.items()}
    wanted = [dummy for dummy, number in proposed.items() if number is not None]
    accepted: dict[sympy.Dummy, sympy.Expr] = {}
    pending: list[Sequence[sympy.Dummy]] = [wanted] if wanted else []
    while pending:
        group = pending.pop()
        trial = {**accepted, **{dummy: proposed[dummy] for dummy in group}}
        if fits(trial):
            accepted = trial
        elif len(group) > 1:
            half = len(group) // 2
            pending += [group[half:], group[:half]]
    return accepted


def _proposal(constant: Constant, tolerance: float) -> sympy.Expr | None:
    if constant.share <= tolerance:
        return sympy.Integer(0)
    return exact_number(constant.value, tolerance)


def _near(size: float, number: float, tolerance: float) -> bool:
    return abs(size - number) <= tolerance * number


def _fraction(size: float, tolerance: float) -> sympy.Expr | None:
    for denominator in range(1, _LARGEST_DENOMINATOR + 1):
        numerator = round(size * denominator)
        if numerator and abs(size - numerator / denominator) <= tolerance * min(1.0, size):
            return sympy.Rational(numerator, denominator)
    return None


def _multiple_of_pi(size: float, tolerance: float) -> sympy.Expr | None:
    for denominator in _PI_DENOMINATORS:
        numerator = round(size * denominator / math.pi)
        if 0 < numerator <= 100 and _near(size, numerator * math.pi / denominator, tolerance):
            return sympy.Rational(numerator, denominator) * sympy.pi
    inverse = Fraction(size * math.pi).limit_denominator(_PI_DENOMINATORS[-1])
    if 0 < inverse.numerator <= 12 and _near(size * math.pi, float(inverse), tolerance):
        return sympy.Rational(inverse.numerator, inverse.denominator) / sympy.pi
    return None


def _root(size: float, tolerance: float) -> sympy.Expr | None:
    square = Fraction(size * size).limit_denominator(_LARGEST_DENOMINATOR)
    if 0 < square.numerator <= 50 and _near(size, math.sqrt(square), tolerance):
        return sympy.sqrt(sympy.Rational(square.numerator, square.denominator))
    return None


def _power_of_e(size: float, tolerance: float) -> sympy.Expr | None:
    for power in (1, -1, 2, -2):
        if _near(size, math.exp(power), tolerance):
            return sympy.E**power
    return None


def _decimal(size: float, tolerance: float) -> sympy.Expr | None:
    rounded = float(f"{size:.2e}")
    return sympy.Float(rounded) if _near(size, rounded, tolerance) else None
