"""Units of columns and constants, read by pint, as powers of base dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from tokenize import TokenError
from typing import Any

import sympy

from .._checks import is_number
from .._optional import optional
from ..errors import InputError, unknown_name

_SYMBOLS = {
    "[mass]": "kg",
    "[length]": "m",
    "[time]": "s",
    "[current]": "A",
    "[temperature]": "K",
    "[substance]": "mol",
    "[luminosity]": "cd",
}
_LONGEST = 200
_LARGEST_POWER = 60
_EXACT = 4e-16
_MOST_DIGITS = 10**9

CONSTANTS: Mapping[str, str] = {
    "c": "299792458 m/s",
    "G": "6.67430e-11 m^3/kg/s^2",
    "g": "9.80665 m/s^2",
    "h": "6.62607015e-34 J s",
    "hbar": "1.054571817646156e-34 J s",
    "k_B": "1.380649e-23 J/K",
    "N_A": "6.02214076e23 1/mol",
    "R": "8.31446261815324 J/mol/K",
    "e": "1.602176634e-19 C",
    "eps_0": "8.8541878188e-12 F/m",
    "mu_0": "1.25663706127e-6 N/A^2",
    "sigma": "5.670374419184429e-8 W/m^2/K^4",
    "m_e": "9.1093837139e-31 kg",
    "m_p": "1.67262192595e-27 kg",
    "mu_B": "9.2740100657e-24 J/T",
}
"""Constants of nature that are known by name, CODATA 2022."""


@dataclass(frozen=True)
class Unit:
    """A unit.

    Attributes:
        powers: Of base dimensions such as "[mass]"; none of them is 0.
        factor: What one of it is in base units.
    """

    powers: Mapping[str, Fraction]
    factor: sympy.Expr = sympy.S.One

    def __str__(self) -> str:
        return unit_text(self.powers)


@dataclass(frozen=True)
class NamedConstant:
    """A constant with a name: its value in base units, and its dimensions."""

    value: float
    powers: Mapping[str, Fraction]


def unit_text(powers: Mapping[str, Fraction]) -> str:
    """Powers of dimensions in base units.

    Example:
        >>> unit_text({"[mass]": Fraction(1), "[time]": Fraction(-2)})
        'kg s^-2'
    """
    parts = [
        _SYMBOLS.get(name, name.strip("[]"))
        + ("" if power == 1 else f"^{power}" if power.denominator == 1 else f"^({power})")
        for name, power in sorted(
            powers.items(), key=lambda one: (one[1] < 0, [*_SYMBOLS, one[0]].index(one[0]))
        )
        if power
    ]
    return " ".join(parts) or "1"


def combined(powers: Iterable[tuple[Mapping[str, Fraction], Fraction]]) -> dict[str, Fraction]:
    """Dimensions of a product of powers.

    Example:
        >>> combined([({"[length]": Fraction(1)}, Fraction(2)), ({"[length]": Fraction(2)}, Fraction(-1))])
        {}
    """
    found: dict[str, Fraction] = {}
    for dimensions, power in powers:
        for name, one in dimensions.items():
            found[name] = found.get(name, Fraction(0)) + one * power
    return {name: power for name, power in found.items() if power}


def read_unit(name: str, unit: Any) -> Unit:
    """Read the unit of a column.

    Args:
        name: Of the column, for errors.
        unit: Text such as "m/s", "kg m^2", "1" or "", or a unit of pint's.

    Raises:
        InputError: it is no unit, or none that a number is multiplied by.
        MissingExtra: pint is not installed.
    """
    text = unit if isinstance(unit, str) else str(unit) if hasattr(unit, "dimensionality") else None
    if text is None or len(text) > _LONGEST or "__" in text or not text.isprintable():
        raise _refused(name, unit, "such as 'm/s', or '1' for none")
    quantity = _quantity(name, text.strip() or "1")
    if quantity[0] != 1:
        raise _refused(name, unit, "without a number in front")
    return Unit(quantity[2], quantity[1])


def read_constants(constants: Any) -> dict[str, NamedConstant]:
    """Read constants that a law may hold by name.

    Args:
        constants: Names of `CONSTANTS`, or a mapping of names to text such as "9.81 m/s^2", to numbers, or to None for
            the value in `CONSTANTS`.

    Raises:
        InputError: a value cannot be read.
        UnknownName: a name is not known, and no value is given.
    """
    if isinstance(constants, str):
        constants = [constants]
    named = constants if isinstance(constants, Mapping) else dict.fromkeys(constants)
    for name, value in named.items():
        if value is None and name not in CONSTANTS:
            raise unknown_name("discover", "constants", name, CONSTANTS)
    return {str(n): _constant(str(n), CONSTANTS[n] if v is None else v) for n, v in named.items()}


def _constant(name: str, value: Any) -> NamedConstant:
    if is_number(value):
        number, powers = float(value), dict[str, Fraction]()
    elif isinstance(value, str) and len(value) <= _LONGEST and "__" not in value:
        amount, factor, powers = _quantity(name, value.strip())
        number = amount * float(factor)
    else:
        raise _refused(name, value, "a number with a unit, such as '9.81 m/s^2'")
    if not math.isfinite(number) or number == 0:
        raise _refused(name, value, "a number other than 0")
    return NamedConstant(number, powers)


@lru_cache(maxsize=1)
def _registry() -> Any:
    return optional("pint", "units", "discover with units").UnitRegistry()


def _quantity(name: str, text: str) -> tuple[float, sympy.Expr, dict[str, Fraction]]:
    """Number, factor of the unit, and dimensions of what a text says."""
    registry = _registry()
    pint = optional("pint", "units", "discover with units")
    try:
        quantity = registry.Quantity(text)
        base = registry.Quantity(1, quantity.units).to_base_units()
        twice = registry.Quantity(2, quantity.units).to_base_units()
        number, factor = float(quantity.magnitude), float(base.magnitude)
        dimensions = {key: _fraction(power) for key, power in base.dimensionality.items() if power}
    except (
        pint.PintError, AssertionError, AttributeError, TokenError, TypeError, ValueError, ArithmeticError,
        SyntaxError, KeyError, IndexError, RecursionError,
    ) as error:  # fmt: skip
        raise _refused(
            name,
            text,
            f"one that pint reads ({str(error).splitlines()[0][:80] if str(error) else type(error).__name__})",
        ) from error
    if abs(twice.magnitude - 2 * factor) > 1e-9 * abs(factor):
        raise _refused(name, text, "one that numbers are multiplied by: temperatures in K")
    if any(abs(power) > _LARGEST_POWER for power in dimensions.values()) or not 0 < factor < math.inf:
        raise _refused(name, text, "of small powers")
    return number, exact_factor(factor), dimensions


def _fraction(power: Any) -> Fraction:
    return Fraction(float(power)).limit_denominator(24)


def exact_factor(factor: float) -> sympy.Expr:
    """The fraction, or the fraction of pi, that a factor between units is to rounding; else the number.

    Example:
        >>> exact_factor(1 / 3.6), exact_factor(0.017453292519943295)
        (5/18, pi/180)
    """
    for unit, size in ((sympy.Integer(1), 1.0), (sympy.pi, math.pi)):
        for scale in (1, 10**6, 10**-6, 10**12, 10**-12):
            ratio = factor / size / scale
            near = Fraction(ratio).limit_denominator(10**5)
            small = near.numerator * near.denominator < _MOST_DIGITS  # others meet any number
            if near and small and abs(float(near) - ratio) <= _EXACT * ratio:
                power = Fraction(scale).limit_denominator(10**12)
                whole = near * power
                return sympy.Rational(whole.numerator, whole.denominator) * unit
    return sympy.Float(factor)


def _refused(name: str, unit: Any, rule: str) -> InputError:
    return InputError(
        f"discover: the unit of {name!r} must be {rule}; got {str(unit)[:60]!r}. For example 'kg m/s^2'."
    )
