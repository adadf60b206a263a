"""Exact numbers in place of floats, where they are simpler than the digits that they explain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial

import sympy

from .combination import Constant

Exact = Mapping[sympy.Dummy, sympy.Expr]
_Candidate = tuple[float, float, Callable[[], sympy.Expr]]  # bits, value, the number itself

_MARGIN = 2.0  # bits by which a number must be shorter than what it explains
_ZERO_BITS = 2.0  # as many as 1 has
_PI_BITS, _ROOT_BITS, _E_BITS, _DECIMAL_BITS = 2.0, 3.0, 4.0, 2.0
_LARGEST_DENOMINATOR = 128
_LARGEST_WRITTEN = 12  # denominator of a decimal that becomes a fraction
_DECIMAL_DIGITS = 6
_FINEST = 2.0**-52  # a float holds no more than this
_PROPOSALS = 6  # exact numbers tried in place of one constant


def exact_numbers(value: float, tolerance: float) -> list[sympy.Expr]:
    """List the exact numbers within a relative tolerance of a float that are simple for it, simplest first.

    A float known to one part in 2^n says n bits. A number within the tolerance is listed if its own bits, and two
    more, are at most that: otherwise it may well be a coincidence. Its bits are

    - for integers and fractions p/q those of p and q, each in Elias's gamma code: 1 for 1; 3 for 2 and 3; 5 for 4 to
      7; 2 floor(log2 n) + 1 for n;
    - for p/q times pi 2 more, and for p/q over pi 3 more; for the square root of p/q 3 more;
    - for e^n those of n and its sign, and 4 more;
    - for decimals of up to six digits log2(10) + 1 for each digit, those of the power of ten, and 2 more.

    So 1 is taken at 6 %; 2, 1/2, 3 and pi at 1.5 %; 4, 5 and 3/2 at 0.3 %; the root of 2 at 0.1 %; 10, 0.1 and 100 at
    0.03 %; 9.81 at 3e-6. Of random numbers about 1 (uniform, normal, log-uniform) fewer than one in fifteen are
    taken for exact at any tolerance, one in fifty from 1e-3 on, and one in two hundred from 1e-5 on.

    Args:
        value: The float.
        tolerance: Largest relative difference.

    Returns:
        Integers, fractions and what is made of them as sympy has them; other decimals as floats.

    Example:
        >>> exact_numbers(3.14159265, 1e-6)[0], exact_numbers(-0.66666667, 1e-6)[0], exact_numbers(0.7390851, 1e-6)
        (pi, -2/3, [])
        >>> exact_numbers(2.004, 1e-2), exact_numbers(2.15, 1e-1)
        ([2], [])
    """
    if not math.isfinite(value) or value == 0:
        return []
    size = abs(value)
    found = [
        candidate
        for rule in (_fractions, _multiples_of_pi, _roots, _powers_of_e, _decimals)
        for candidate in rule(size, tolerance)
        if abs(size - candidate[1]) <= tolerance * candidate[1] and _is_simple(candidate[0], tolerance)
    ]
    unique = dict.fromkeys(number() for _, _, number in sorted(found, key=lambda candidate: candidate[0]))
    return [number if value > 0 else -number for number in unique]


def snap(
    constants: Mapping[sympy.Dummy, Constant],
    tolerance: float,
    distance: Callable[[Exact], float],
    bound: float,
) -> dict[sympy.Dummy, sympy.Expr]:
    """Replace as many constants by exact numbers as the data allow.

    A constant is dropped where its share of its sum is within the tolerance, and otherwise becomes the simplest
    exact number next to it. All are replaced together, as one may make up for another. While the result is too
    far from the network, an eighth of the replacements are given up, those without which it is nearest; at last
    those given up are tried one by one, each with its next simplest numbers.

    Args:
        constants: The constants of a formula by their dummy symbols.
        tolerance: Relative tolerance, as in `exact_numbers`.
        distance: How far the formula with these replacements is from the network.
        bound: Largest distance allowed.

    Returns:
        The replacements that are together within the bound.
    """
    proposed = {dummy: _proposals(constant, tolerance) for dummy, constant in constants.items()}
    accepted = {dummy: numbers[0] for dummy, numbers in proposed.items() if numbers}
    given_up: list[sympy.Dummy] = []
    while accepted and not distance(accepted) <= bound:
        left = {dummy: distance(_without(accepted, dummy)) for dummy in accepted}
        worst = sorted(accepted, key=lambda dummy: left[dummy])[: max(1, len(accepted) // 8)]
        given_up += worst
        for dummy in worst:
            del accepted[dummy]
    for dummy in reversed(given_up):
        fitting = (number for number in proposed[dummy] if distance({**accepted, dummy: number}) <= bound)
        number = next(fitting, None)
        if number is not None:
            accepted[dummy] = number
    return accepted


def _without(exact: Exact, dummy: sympy.Dummy) -> Exact:
    return {other: number for other, number in exact.items() if other != dummy}


def is_negligible(share: float, tolerance: float) -> bool:
    """Whether a term may be left out: no term is an exact number too, of as many bits as 1.

    Args:
        share: Its share of the sum it stands in.
        tolerance: Relative tolerance, as in `exact_numbers`.

    Example:
        >>> is_negligible(1e-3, 1e-2), is_negligible(1e-1, 1e-2), is_negligible(1e-1, 0.5)
        (True, False, False)
    """
    return share <= tolerance and _is_simple(_ZERO_BITS, tolerance)


def _proposals(constant: Constant, tolerance: float) -> list[sympy.Expr]:
    dropped = [sympy.Integer(0)] if is_negligible(constant.share, tolerance) else []
    return (dropped + exact_numbers(constant.value, tolerance))[:_PROPOSALS]


def _is_simple(bits: float, tolerance: float) -> bool:
    """Whether a number of so many bits is shorter than what is known of the float that it stands for."""
    return bits + _MARGIN <= -math.log2(max(tolerance, _FINEST))


def _gamma(number: int) -> int:
    """Bits of a positive integer in Elias's gamma code."""
    return 2 * number.bit_length() - 1


def _ratios(size: float, tolerance: float) -> Iterator[tuple[float, Fraction]]:
    """Fractions within the tolerance, one for each denominator, with their bits."""
    for denominator in range(1, _LARGEST_DENOMINATOR + 1):
        if not _is_simple(_gamma(denominator), tolerance):
            return
        numerator = round(size * denominator)
        near = abs(size * denominator - numerator) <= 3 * tolerance * numerator
        if numerator and near and math.gcd(numerator, denominator) == 1:
            yield _gamma(numerator) + _gamma(denominator), Fraction(numerator, denominator)


def _fractions(size: float, tolerance: float) -> Iterator[_Candidate]:
    for bits, ratio in _ratios(size, tolerance):
        yield bits, float(ratio), partial(_rational, ratio)


def _multiples_of_pi(size: float, tolerance: float) -> Iterator[_Candidate]:
    for bits, ratio in _ratios(size / math.pi, tolerance):
        yield bits + _PI_BITS, ratio * math.pi, partial(_times_pi, ratio)
    for bits, ratio in _ratios(size * math.pi, tolerance):
        yield bits + _PI_BITS + 1, ratio / math.pi, partial(_over_pi, ratio)


def _roots(size: float, tolerance: float) -> Iterator[_Candidate]:
    for bits, ratio in _ratios(size * size, tolerance):
        yield bits + _ROOT_BITS, math.sqrt(ratio), partial(_root, ratio)


def _powers_of_e(size: float, tolerance: float) -> Iterator[_Candidate]:
    power = round(math.log(size))
    if power:
        yield _E_BITS + _gamma(abs(power)) + 1, math.exp(power), lambda: sympy.E**power


def _decimals(size: float, tolerance: float) -> Iterator[_Candidate]:
    for digits in range(1, _DECIMAL_DIGITS + 1):
        if not _is_simple(digits, tolerance):
            return
        text = f"{size:.{digits - 1}e}"
        power = int(text.partition("e")[2])
        bits = _DECIMAL_BITS + digits * (1 + math.log2(10)) + _gamma(abs(power) + 1)
        yield bits, float(text), partial(_decimal, text)


def _rational(ratio: Fraction) -> sympy.Expr:
    return sympy.Rational(ratio.numerator, ratio.denominator)


def _times_pi(ratio: Fraction) -> sympy.Expr:
    return _rational(ratio) * sympy.pi


def _over_pi(ratio: Fraction) -> sympy.Expr:
    return _rational(ratio) / sympy.pi


def _root(ratio: Fraction) -> sympy.Expr:
    return sympy.sqrt(_rational(ratio))


def _decimal(text: str) -> sympy.Expr:
    """A decimal as people write it: 3/10 and 25 as fractions, 9.81 as it is."""
    exact = sympy.Rational(text)
    return exact if exact.q <= _LARGEST_WRITTEN else sympy.Float(float(text))
