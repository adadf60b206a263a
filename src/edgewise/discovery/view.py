"""Coordinates that a search works in: the columns themselves, or products of their powers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from .monomials import Exponents, monomial_form, monomial_values
from .problem import Array, Problem


@dataclass(frozen=True)
class View:
    """Products of powers of the columns in place of columns, and the targets over such a product.

    Attributes:
        exponents: Of the columns in each coordinate.
        factor: Exponents of the columns in what the targets are divided by; 0 throughout for 1.
    """

    exponents: tuple[Exponents, ...]
    factor: Exponents

    @classmethod
    def of_columns(cls, columns: int, kept: Sequence[int]) -> View:
        """Some of so many columns as they are."""
        units = tuple(tuple(float(place == one) for place in range(columns)) for one in kept)
        return cls(units, (0.0,) * columns)

    def names(self, columns: Sequence[str]) -> tuple[str, ...]:
        """A name for each coordinate: the column's where it is one."""
        found: list[str] = []
        taken = set(columns)
        for exponents in self.exponents:
            used = [(name, power) for name, power in zip(columns, exponents, strict=True) if power]
            column = len(used) == 1 and used[0][1] == 1
            name = used[0][0] if column else f"group_{len(found) + 1}"
            while name in taken and not column:
                name += "_"
            found.append(name)
            taken.add(name)
        return tuple(found)

    def coordinates(self, x: Array) -> Array:
        """Values (n, coordinates) at columns (n, columns)."""
        return monomial_values(x, self.exponents) if self.exponents else np.empty((len(x), 0))

    def problem(
        self, x: Array, y: Array, columns: Sequence[str], noise: float, weights: Array | None
    ) -> Problem:
        """Samples in these coordinates; errors count as those of the targets do. Those that have none are left out.

        Args:
            x: Columns (n, columns).
            y: Targets (n,).
            columns: Their names.
            noise: Deviation of the noise as a share of the targets'.
            weights: What each squared error of the targets counts, (n,), 1 in the mean; None for all alike.
        """
        if not any(self.factor):
            deviation = None if weights is None else float(y.std())
            return Problem.of(
                self.coordinates(x), y, self.names(columns), noise, weights=weights, deviation=deviation
            )
        factor = monomial_values(x, [self.factor])[:, 0]
        with np.errstate(all="ignore"):
            there, targets = self.coordinates(x), y / factor
            fine = np.isfinite(there).all(1) & np.isfinite(targets)
        size = float(np.abs(factor[fine]).max())  # squares of it may leave the range of numbers
        squares = (factor / size) ** 2 * (1.0 if weights is None else weights)
        deviation = float((y / size).std() / np.sqrt(squares[fine].mean()))
        names = self.names(columns)
        return Problem.of(
            there[fine], targets[fine], names, noise, weights=squares[fine], deviation=deviation
        )

    def back(self, form: sympy.Expr, columns: Sequence[str]) -> sympy.Expr:
        """A form of the coordinates as one of the columns.

        Example:
            >>> View(((1.0, -1.0),), (2.0, 0.0)).back(sympy.cos(sympy.Symbol("group_1")), ["a", "b"])
            a**2*cos(a/b)
        """
        symbols = [sympy.Symbol(name) for name in columns]
        places = [sympy.Symbol(name) for name in self.names(columns)]
        known = {
            place: monomial_form(symbols, exponents)
            for place, exponents in zip(places, self.exponents, strict=True)
        }
        return monomial_form(symbols, self.factor) * form.xreplace(known)
