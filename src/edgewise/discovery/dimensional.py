"""The dimensionless problem behind columns with units, and the units of constants in laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from ..errors import InputError
from .groups import Powers, Quantity, dimensionless, with_unit
from .problem import Array
from .units import CONSTANTS, NamedConstant, Unit, combined, read_constants, read_unit, unit_text
from .view import View

_MANY_ZEROS = 0.1
_VIEWS = 2
Dimensions = Mapping[str, Fraction]


@dataclass(frozen=True)
class Dimensional:
    """Units of a problem.

    Attributes:
        columns: Unit of each column.
        target: Unit of the targets.
        constants: Constants that a law may hold by name.
    """

    columns: Mapping[str, Unit]
    target: Unit
    constants: Mapping[str, NamedConstant]

    @classmethod
    def of(cls, names: Sequence[str], output: str, units: Any, constants: Any) -> Dimensional:
        """Read what the user gave.

        Args:
            names: Of the columns.
            output: Name of the targets in `units`.
            units: Unit of each column and of the targets, by name.
            constants: See `read_constants`.

        Raises:
            InputError: a unit is missing or cannot be read, or names clash.
        """
        if not isinstance(units, Mapping) or {*units} != {*names, output}:
            got = sorted(map(str, units)) if isinstance(units, Mapping) else units
            raise InputError(
                f"discover: units must name each column and the targets, {', '.join([*names, output])}; got {got}. Write "
                f"'1' for what has none."
            )
        known = read_constants(constants)
        taken = {*known} & {*names}
        if taken:
            raise InputError(
                f"discover: constants must have other names than columns; got {sorted(taken)} twice. Rename a column."
            )
        return cls(
            {name: read_unit(name, units[name]) for name in names}, read_unit(output, units[output]), known
        )

    @property
    def factors(self) -> dict[str, sympy.Expr]:
        """What columns that are not in base units are multiplied by, by the name that this number has in laws."""
        every = {**self.columns, "": self.target}
        return {f"unit_of_{name}": unit.factor for name, unit in every.items() if unit.factor != 1}

    @property
    def known(self) -> dict[str, float]:
        """Values of all that stands in laws by name and is no column."""
        factors = {name: float(factor) for name, factor in self.factors.items()}
        return {**{name: one.value for name, one in self.constants.items()}, **factors}

    def views(self, x: Array) -> list[View]:
        """Dimensionless coordinates, with one or two ways to take the unit from the targets; none where there is no way.

        Args:
            x: Samples (n, columns), for their signs and zeros.
        """
        quantities = self._quantities(x)
        groups = dimensionless(quantities)
        return [
            View(tuple(self._powers(powers) for powers in groups), self._powers(factor, target=Fraction(-1)))
            for factor in with_unit(quantities, self.target.powers)[:_VIEWS]
        ]

    def notes(self, x: Array) -> list[str]:
        """What the units tell before anything is fitted."""
        quantities = self._quantities(x)
        ways = with_unit(quantities, self.target.powers)
        if not ways:
            return [f"No product of powers of the columns{' and constants' if self.constants else ''} has the unit of the "
                    f"targets, {self.target}: the law needs a constant with a unit{self._suggested(quantities)}."]  # fmt: skip
        groups = dimensionless(quantities)
        used = {place for powers in [*ways, *groups] for place, power in enumerate(powers) if power}
        idle = [name for place, name in enumerate(self.columns) if place not in used]
        notes = [
            f"By its unit {name} plays no part, unless with a constant that has a unit." for name in idle
        ]
        if not groups:
            notes.append("Right units leave nothing open but a number.")
        return notes

    def units_in(self, law: sympy.Expr) -> list[str]:
        """Constants of a law that have a unit, each with it, in base units."""
        dimensions: dict[sympy.Symbol, Dimensions] = {
            sympy.Symbol(name): unit.powers for name, unit in self.columns.items()
        }
        dimensions.update({sympy.Symbol(name): one.powers for name, one in self.constants.items()})
        factors = {
            sympy.Symbol(name): sympy.Symbol(name) / unit.factor
            for name, unit in self.columns.items()
            if unit.factor != 1
        }
        base = law.xreplace(factors)
        base = base if self.target.factor == 1 else base * self.target.factor
        found = units_of_constants(base, dimensions, self.target.powers)
        return [f"{_short(number)} {unit}" for number, unit in found]

    def _suggested(self, quantities: Sequence[Quantity]) -> str:
        """Constants of nature each of which makes the target's unit."""
        fine = []
        for name, one in read_constants(CONSTANTS).items():
            if name not in self.constants:
                more = [*quantities, Quantity(one.powers, constant=True)]
                fine += [name] if with_unit(more, self.target.powers) else []
        return f"; of those of nature {', '.join(fine)} would do, each alone" if fine else ""

    def _quantities(self, x: Array) -> list[Quantity]:
        columns = [
            Quantity(unit.powers, bool((column == 0).mean() > _MANY_ZEROS), bool((column < 0).any()))
            for unit, column in zip(self.columns.values(), x.T, strict=True)
        ]
        return [*columns, *(Quantity(one.powers, constant=True) for one in self.constants.values())]

    def _powers(self, powers: Powers, target: Fraction = Fraction(0)) -> tuple[float, ...]:
        """Powers of columns, constants and factors of units."""
        by_name = dict(zip(self.columns, powers, strict=False))
        by_name[""] = target
        factors = [by_name[name.removeprefix("unit_of_")] for name in self.factors]
        return tuple(map(float, [*powers, *factors]))


def units_of_constants(
    law: sympy.Expr, dimensions: Mapping[sympy.Symbol, Dimensions], target: Dimensions
) -> list[tuple[sympy.Expr, str]]:
    """Numbers of a law that must have a unit for its sides to agree, each with its unit.

    Args:
        law: The right-hand side.
        dimensions: Of each symbol in it.
        target: Of the left-hand side.

    Example:
        >>> m, a = sympy.symbols("m a")
        >>> second = {"[time]": Fraction(1)}
        >>> units_of_constants(2.5 * sympy.exp(-m / 3.0), {m: second}, {})
        [(-0.333333333333333, 's^-1')]
    """
    found = dict(_needed(law, dict(target), dimensions))
    return [(number, unit_text(unit)) for number, unit in found.items()]


def _needed(
    part: sympy.Expr, unit: Dimensions, known: Mapping[sympy.Symbol, Dimensions]
) -> Iterator[tuple[sympy.Expr, Dimensions]]:
    """Numbers with a unit in a part that must have this unit."""
    if isinstance(part, sympy.Add):
        for term in part.args:
            yield from _needed(term, unit, known)
        return
    number, body = part.as_independent(*part.free_symbols, as_Add=False)
    factors = sympy.Mul.make_args(body) if part.free_symbols else ()
    number = number if part.free_symbols else part
    rest = combined([(unit, Fraction(1)), *((_natural(one, known), Fraction(-1)) for one in factors)])
    if rest:
        yield number, rest
    for one in factors:
        if isinstance(one, sympy.Pow) and one.exp.is_Rational:
            yield from _needed(one.base, _natural(one.base, known), known)
        elif isinstance(one, sympy.Add):
            yield from _needed(one, _natural(one, known), known)
        elif one.args:
            for argument in one.args:
                yield from _needed(argument, {}, known)


def _natural(part: sympy.Expr, known: Mapping[sympy.Symbol, Dimensions]) -> Dimensions:
    """The unit of a part whose numbers have none; of a sum, that of its first term that has no number of its own."""
    if part in known:
        return known[part]
    if isinstance(part, sympy.Mul):
        return combined([(_natural(one, known), Fraction(1)) for one in part.args])
    if isinstance(part, sympy.Pow) and part.exp.is_Rational:
        return combined([(_natural(part.base, known), Fraction(int(part.exp.p), int(part.exp.q)))])
    if isinstance(part, sympy.Add):
        varying = [term for term in part.args if term.free_symbols]
        plain = [
            term for term in varying if abs(term.as_independent(*term.free_symbols, as_Add=False)[0]) == 1
        ]
        return _natural((plain or varying or [part.args[0]])[0], known) if varying else {}
    return {}


def _short(number: sympy.Expr) -> str:
    return f"{float(number):.6g}" if number.has(sympy.Float) else str(number)
