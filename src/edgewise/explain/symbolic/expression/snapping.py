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
_PROPOSALS = 6  # exact numbers tried in place of one constant


def exact_numbers(value: float, tolerance: float) -> list[sympy.Expr]:
    """List the exact numbers within a relative tolerance of a float, simplest first.

    Integers, fractions with denominators up to 12, multiples of pi and 1/pi by simple fractions, square
    roots of simple fractions, powers of e, decimals of three digits. They are sparse: an arbitrary number
    is within 1e-6 of one of them with a chance of about one in a thousand, within 1e-10 never.

    Args:
        value: The float.
        tolerance: Largest relative difference; for numbers above 1 also the largest absolute difference
            to an integer or fraction, as otherwise every large number would be near an integer.

    Returns:
        Exact numbers; a number is simple when its numerator and denominator are small, a root costs more
        than an integer, and pi a little more than that.

    Example:
        >>> exact_numbers(3.14159265, 1e-6), exact_numbers(-0.66666667, 1e-6), exact_numbers(0.7390851, 1e-6)
        ([pi], [-2/3], [])
    """
    if not math.isfinite(value) or value == 0:
        return []
    found: list[tuple[float, sympy.Expr]] = []
    for rule in (_fractions, _multiples_of_pi, _roots, _powers_of_e, _decimals):
        found += rule(abs(value), tolerance)
    order = sorted(range(len(found)), key=lambda place: (found[place][0], place))
    unique = dict.fromkeys(found[place][1] for place in order)
    return [number if value > 0 else -number for number in unique]


def snap(
    constants: Mapping[sympy.Dummy, Constant], tolerance: float, fits: Callable[[Exact], bool]
) -> dict[sympy.Dummy, sympy.Expr]:
    """Replace as many constants by exact numbers as the data allow.

    A constant is dropped where its share of its sum is within the tolerance, and otherwise becomes the
    simplest exact number next to it. All are replaced together; where the result does not fit, the set is
    halved until the constants at fault are found, and these try their next simplest numbers.

    Args:
        constants: The constants of a formula by their dummy symbols.
        tolerance: Relative tolerance, as in `exact_numbers`.
        fits: Tells whether the formula with these replacements still equals the network.

    Returns:
        The replacements that fit together.
    """
    proposed = {dummy: _proposals(constant, tolerance) for dummy, constant in constants.items()}
    wanted = [dummy for dummy, numbers in proposed.items() if numbers]
    accepted: dict[sympy.Dummy, sympy.Expr] = {}
    pending: list[Sequence[sympy.Dummy]] = [wanted] if wanted else []
    while pending:
        group = pending.pop()
        trial = {**accepted, **{dummy: proposed[dummy][0] for dummy in group}}
        if fits(trial):
            accepted = trial
        elif len(group) > 1:
            half = len(group) // 2
            pending += [group[half:], group[:half]]
        else:
            # Alone and unfit: its next simplest number, if there is one.
            proposed[group[0]] = proposed[group[0]][1:]
            pending += [group] if proposed[group[0]] else []
    return accepted


def _proposals(constant: Constant, tolerance: float) -> list[sympy.Expr]:
    dropped = [sympy.Integer(0)] if constant.share <= tolerance else []
    return (dropped + exact_numbers(constant.value, tolerance))[:_PROPOSALS]


def _near(size: float, number: float, tolerance: float) -> bool:
    return abs(size - number) <= tolerance * number


def _fractions(size: float, tolerance: float) -> list[tuple[float, sympy.Expr]]:
    found = []
    for denominator in range(1, _LARGEST_DENOMINATOR + 1):
        numerator = round(size * denominator)
        close = abs(size - numerator / denominator) <= tolerance * min(1.0, size)
        if numerator and close and math.gcd(numerator, denominator) == 1:
            found.append((math.log2(numerator * denominator), sympy.Rational(numerator, denominator)))
    return found


def _multiples_of_pi(size: float, tolerance: float) -> list[tuple[float, sympy.Expr]]:
    found = []
    for denominator in _PI_DENOMINATORS:
        numerator = round(size * denominator / math.pi)
        if 0 < numerator <= 100 and _near(size, numerator * math.pi / denominator, tolerance):
            multiple = sympy.Rational(numerator, denominator) * sympy.pi
            found.append((3 + math.log2(numerator * denominator), multiple))
        numerator = round(size * denominator * math.pi)
        if 0 < numerator <= 12 and _near(size, numerator / denominator / math.pi, tolerance):
            multiple = sympy.Rational(numerator, denominator) / sympy.pi
            found.append((5 + math.log2(numerator * denominator), multiple))
    return found


def _roots(size: float, tolerance: float) -> list[tuple[float, sympy.Expr]]:
    square = Fraction(size * size).limit_denominator(_LARGEST_DENOMINATOR)
    if 0 < square.numerator <= 50 and _near(size, math.sqrt(square), tolerance):
        root = sympy.sqrt(sympy.Rational(square.numerator, square.denominator))
        return [(2.5 + math.log2(square.numerator * square.denominator), root)]
    return []


def _powers_of_e(size: float, tolerance: float) -> list[tuple[float, sympy.Expr]]:
    powers = [power for power in (1, -1, 2, -2) if _near(size, math.exp(power), tolerance)]
    return [(5.0 + abs(power), sympy.E**power) for power in powers]


def _decimals(size: float, tolerance: float) -> list[tuple[float, sympy.Expr]]:
    found = []
    for digits in range(3):
        rounded = float(f"{size:.{digits}e}")
        if _near(size, rounded, tolerance):
            found.append((9.0 + digits, sympy.Float(rounded)))
    return found[:1]
