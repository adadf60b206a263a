"""Powers with any exponent and polynomials: functions with numbers of their own, which are part of their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from math import inf, isfinite, nextafter
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from . import derivatives, safe_functions
from .function import WHOLE_LINE, Family, Function
from .library import LIBRARY

_LARGEST_DENOMINATOR = 12
_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_POWER_NAME = re.compile(rf"x\^\(?(-?{_NUMBER})(?:/(\d+))?\)?")
_TERM = re.compile(rf"([+-]?)(?:({_NUMBER})\*)?x(?:\^(\d+))?")
_HIGHEST_DEGREE = 8
_HALVES = {0.5: "sqrt", 1.5: "x^1.5", -0.5: "1/sqrt(x)", -1.5: "1/x^1.5"}


class _Member(Function):
    def __reduce__(self) -> tuple[Callable[[str], Function | None], tuple[str]]:
        return family_member, (self.name,)


def power(exponent: float) -> Function:
    """x to a power that is no whole number, for positive x.

    Args:
        exponent: Any number but a whole one; where it is a fraction of small numbers, the function is called by that.

    Returns:
        The function, "x^0.6" or "x^(2/3)"; for half exponents that the library has, the library's.

    Raises:
        InputError: When the exponent is whole or not finite.

    Example:
        >>> power(0.6), power(2 / 3), power(0.5)
        (Function('x^0.6'), Function('x^(2/3)'), Function('sqrt'))
        >>> round(power(0.6).fn(torch.tensor(32.0)).item(), 4)
        8.0
    """
    exponent = float(exponent)
    if not isfinite(exponent) or exponent.is_integer():
        raise InputError(
            f"power: exponent must be a number that is not whole; got {exponent}. "
            "Use get_function('x^2') and the like for whole exponents."
        )
    near = simple_fraction(exponent)
    exponent = exponent if near is None else float(near)
    half = _HALVES.get(exponent)
    return _power(exponent) if half is None else LIBRARY[half]


def polynomial(coefficients: Sequence[float]) -> Function:
    """A polynomial of x without a constant term, and with 1 in front of its highest power.

    Args:
        coefficients: Of x, x^2, ... up to the power below the highest.

    Returns:
        The function, such as "x^3+2*x".

    Raises:
        InputError: When there is no coefficient, more than 7, or one that is not finite.

    Example:
        >>> polynomial([2, 0]), polynomial([1, -0.5, 0])
        (Function('x^3+2*x'), Function('x^4-0.5*x^2+x'))
    """
    numbers = tuple(float(number) + 0.0 for number in coefficients)
    if not 1 <= len(numbers) < _HIGHEST_DEGREE or not all(map(isfinite, numbers)):
        raise InputError(
            f"polynomial: coefficients must be 1 to {_HIGHEST_DEGREE - 1} finite numbers; got {list(numbers)}. "
            "Give those of x, x^2, ... below the highest power."
        )
    return _polynomial(numbers)


def family_member(name: str) -> Function | None:
    """The power or polynomial of a name; None where it is no such name.

    Example:
        >>> family_member("x^0.6"), family_member("sin")
        (Function('x^0.6'), None)
    """
    found = _POWER_NAME.fullmatch(name)
    if found is not None and int(found[2] or 1):
        exponent = float(found[1]) / int(found[2] or 1)
        return None if exponent.is_integer() else power(exponent)
    numbers = _coefficients(name)
    return None if numbers is None else polynomial(numbers)


def _coefficients(name: str) -> list[float] | None:
    """Coefficients below the highest power from a name such as "x^3-0.5*x"."""
    terms = list(_TERM.finditer(name))
    if "".join(term[0] for term in terms) != name or len(terms) < 2:
        return None
    powers = [int(term[3] or 1) for term in terms]
    factors = [float(f"{term[1]}{term[2] or 1}") for term in terms]
    if not 2 <= powers[0] <= _HIGHEST_DEGREE or factors[0] != 1 or powers[-1] < 1:
        return None
    if any(low >= high for high, low in pairwise(powers)):
        return None
    known = dict(zip(powers[1:], factors[1:], strict=True))
    return [known.get(place, 0.0) for place in range(1, powers[0])]


@lru_cache(maxsize=4096)
def _power(exponent: float) -> Function:
    fn = partial(torch.pow, exponent=exponent)
    safe = (
        partial(safe_functions.half_line_power, p=exponent)
        if exponent > 0
        else partial(safe_functions.half_line_reciprocal, p=-exponent)
    )
    slope = partial(derivatives.of_power, exponent=exponent)
    return _Member(
        f"x^{_exponent_text(exponent)}", fn, safe, ((0.0, inf),), _exponent_complexity(exponent), "power",
        sympy=partial(_raised, exponent=simple_fraction(exponent) or exponent), slope=slope, family=POWERS, numbers=(exponent,),
    )  # fmt: skip


def simple_fraction(number: float) -> Fraction | None:
    """The fraction of small numbers that a number is to rounding, if there is one.

    Example:
        >>> simple_fraction(2 / 3), simple_fraction(0.6180339887)
        (Fraction(2, 3), None)
    """
    near = Fraction(number).limit_denominator(_LARGEST_DENOMINATOR)
    return near if near and abs(float(near) - number) <= 1e-15 * abs(number) else None


def _exponent_text(exponent: float) -> str:
    near = simple_fraction(exponent)
    if near is None or len(repr(exponent)) <= 6:
        return repr(exponent)
    return f"({near})"


def _exponent_complexity(exponent: float) -> float:
    """A fraction costs what its denominator does, a number that is none as much as two constants more."""
    near = simple_fraction(exponent)
    return 9.0 if near is None else 3.0 + min(near.denominator, 5) / 2


@lru_cache(maxsize=4096)
def _polynomial(numbers: tuple[float, ...]) -> Function:
    degree = len(numbers) + 1
    name = f"x^{degree}"
    for place in range(degree - 1, 0, -1):
        number = numbers[place - 1]
        if number:
            factor = "" if abs(number) == 1 else f"{_plain(abs(number))}*"
            name += f"{'-' if number < 0 else '+'}{factor}x" + (f"^{place}" if place > 1 else "")
    if "+" not in name[1:] and "-" not in name[1:]:
        name += "+0*x"
    return _Member(
        name,
        partial(_horner, numbers=numbers),
        partial(_safe_polynomial, numbers=numbers),
        WHOLE_LINE,
        2.0 * degree - 2,
        "polynomial",
        sympy=partial(_polynomial_expression, numbers=numbers),
        slope=partial(_polynomial_slope, numbers=numbers),
        family=POLYNOMIALS,
        numbers=numbers,
    )


def _raised(t: Any, exponent: Fraction | float) -> Any:
    return t**exponent


def _polynomial_expression(t: Any, numbers: Sequence[float]) -> Any:
    terms = [number * t ** (place + 1) for place, number in enumerate(numbers) if number]
    return sum(terms, t ** (len(numbers) + 1))


def _plain(number: float) -> str:
    return repr(int(number)) if number == int(number) and number < 1e6 else repr(number)


def _horner(x: Tensor, numbers: Sequence[float]) -> Tensor:
    value = x + numbers[-1]
    for number in reversed(numbers[:-1]):
        value = value * x + number
    return value * x


def _safe_polynomial(x: Tensor, numbers: tuple[float, ...]) -> Tensor:
    largest = torch.finfo(x.dtype).max / 16 / (1 + sum(map(abs, numbers)))
    top = largest ** (1 / (len(numbers) + 1))
    return _horner(x.clamp(-top, top), numbers)


def _polynomial_slope(x: Tensor, y: Tensor, numbers: tuple[float, ...]) -> Tensor:
    degree = len(numbers) + 1
    value = torch.full_like(x, degree)
    for place in range(degree - 1, 0, -1):
        value = value * x + place * numbers[place - 1]
    return value


def _power_curve(x: Tensor, numbers: Tensor) -> Tensor:
    """Powers, NaN where they are not defined."""
    return torch.where(x > 0, x, torch.nan).pow(numbers[..., 0])


def _polynomial_curve(x: Tensor, numbers: Tensor) -> Tensor:
    value = x + numbers[..., -1]
    for place in range(numbers.shape[-1] - 2, -1, -1):
        value = value * x + numbers[..., place]
    return value * x


def _nearest_power(numbers: Sequence[float]) -> Function:
    exponent = float(numbers[0])
    return power(nextafter(exponent, inf) if exponent.is_integer() else exponent)


POWERS = Family("x^p", _power_curve, _nearest_power)
POLYNOMIALS = Family("polynomial", _polynomial_curve, polynomial)
