"""Columns and targets far from 0, such as years and timestamps: laws are looked for beside a round number near to these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy
from sympy.core.parameters import distribute

from .judge import law_bits
from .law import Law
from .limits import Limit
from .polish import Fit, fitted
from .prescription import Prescription
from .problem import Array
from .snapping import Constant
from .split import Split
from .tidy import tidied

_FAR, _FAR_TARGETS, _FARTHEST = 4.0, 1e3, 1e14  # of the width of values, that they are away from 0
_CHOICE = 3.0  # bits of an origin
_APART = 1e-9  # a number that is fitted must not be equal to another


@dataclass(frozen=True)
class Origins:
    """A round number near to each column that is far from 0, and to the targets if they are.

    Attributes:
        names: Of all columns.
        numbers: One for each; 0 where there is none.
        target: That of the targets.
    """

    names: tuple[str, ...]
    numbers: tuple[sympy.Rational, ...]
    target: sympy.Rational = sympy.S.Zero

    @classmethod
    def of(cls, x: Array, y: Array, names: Sequence[str]) -> Origins | None:
        """Those of columns (n, columns) and targets (n,); None where none is far from 0.

        Example:
            >>> x = np.array([[1991.3, 1.0, 300.0], [2021.5, 2.0, 400.0]])
            >>> Origins.of(x, np.array([3.0, 5.0]), ["year", "a", "b"]).numbers
            (1990, 0, 0)
        """
        numbers = tuple(_origin(column, _FAR) for column in x.T)
        target = _origin(y, _FAR_TARGETS)
        return cls(tuple(names), numbers, target) if any(numbers) or target else None

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """A symbol for each column."""
        return tuple(map(sympy.Symbol, self.names))

    @property
    def values(self) -> Array:
        """The numbers as floats, (columns,)."""
        return np.array(self.numbers, dtype=np.float64)

    @property
    def names_beside(self) -> tuple[str, ...]:
        """What columns are called once their origins are taken off."""
        found: list[str] = []
        for symbol, number in zip(self.symbols, self.numbers, strict=True):
            name = f"({symbol - number})" if number else symbol.name
            while number and name in self.names:
                name = f"({name})"
            found.append(name)
        return tuple(found)

    def taken_off(self, samples: Split) -> Split:
        """The same samples with origins taken off."""
        target = float(self.target)
        return replace(
            samples,
            x=samples.x - self.values,
            y=samples.y - target,
            held_x=samples.held_x - self.values,
            held_y=samples.held_y - target,
        )

    def prescribed(self, prescription: Prescription) -> Prescription:
        """What laws beside the origins have to be like; a guess is for the columns themselves."""
        pairs = list(zip(self.symbols, map(sympy.Symbol, self.names_beside), self.numbers, strict=True))
        new = {symbol: beside for symbol, beside, _ in pairs}
        whole = {symbol: beside + number for symbol, beside, number in pairs if number}
        at = {symbol: number for symbol, _, number in pairs}
        limits = tuple(
            Limit(new[one.symbol], one.point - at[one.symbol], one.value.xreplace(whole) - self.target)
            for one in prescription.limits
        )
        required = frozenset(new[symbol] for symbol in prescription.required)
        forbidden = frozenset(new[symbol] for symbol in prescription.forbidden)
        return replace(prescription, required=required, forbidden=forbidden, limits=limits, guess=None)

    def back(self, law: Law, samples: Split, noise: float = 0.0) -> Law:
        """A law that was found beside the origins as one of the columns.

        Args:
            law: In columns without their origins.
            samples: In the columns themselves.
            noise: Deviation of the targets' noise where it is known.
        """
        moved: dict[sympy.Expr, sympy.Expr] = {}
        places = {
            sympy.Symbol(beside): (symbol, number)
            for beside, symbol, number in zip(self.names_beside, self.symbols, self.numbers, strict=True)
            if number
        }
        expression = _put_back(law.expression, places, moved)
        with np.errstate(all="ignore"):  # powers expanded far from 0 overflow
            shorter = tidied(expression, self.symbols, samples.x)
        if shorter.atoms(sympy.Float) == expression.atoms(sympy.Float):
            expression = shorter
        expression = _raised(expression, self.target, moved)
        fit = self._fitted(expression, samples, noise) or law.fit
        exact = [one for one in law.constants if not one.value.is_Float]
        for number, other in moved.items():
            if number.is_Float:
                continue
            exact = _with_moved(exact, number, self._exact(expression, other, samples, noise))
        pairs = [] if fit is None else zip(fit.values.tolist(), fit.errors.tolist(), strict=True)
        free = [Constant(value, error, sympy.Float(value)) for value, error in pairs]
        return replace(law, expression=expression, symbols=self.symbols, constants=(*exact, *free), fit=fit)

    def _fitted(self, law: sympy.Expr, samples: Split, noise: float) -> Fit | None:
        return fitted(law, self.symbols, samples.x, samples.y, weights=samples.weights, noise=noise)

    def _exact(self, law: sympy.Expr, number: sympy.Expr, samples: Split, noise: float) -> Constant | None:
        """An exact number of a law as a constant: what a fit makes of it."""
        start = sympy.Float(number) * (1 + _APART)
        fit = self._fitted(law.xreplace({number: start}), samples, noise)
        if fit is None or start not in fit.numbers:
            return None
        place = fit.numbers.index(start)
        return Constant(float(fit.values[place]), float(fit.errors[place]), number)

    def beside(self, expression: sympy.Expr) -> sympy.Expr:
        """A law of the columns with each symbol standing for what is beside its column's origin.

        Example:
            >>> year = sympy.Symbol("year")
            >>> Origins(("year",), (sympy.Integer(1990),)).beside(sympy.exp(year - 2001))
            exp(year - 11)
        """
        pairs = zip(self.symbols, self.numbers, strict=True)
        return expression.xreplace({symbol: symbol + number for symbol, number in pairs if number})

    def bits(self, expression: sympy.Expr, constants: float) -> float:
        """Bits of a law, whose numbers beside such columns tell no more than how far they are from the origin.

        Args:
            expression: Of the columns.
            constants: Bits of its constants.
        """
        used = sum(
            symbol in expression.free_symbols and number != 0
            for symbol, number in zip(self.symbols, self.numbers, strict=True)
        )
        plain = law_bits(expression, constants)
        return min(plain, law_bits(self.beside(expression), constants) + _CHOICE * used) if used else plain


def _origin(values: Array, far: float) -> sympy.Rational:
    least, width = float(values.min()), float(np.ptp(values))
    middle = abs(least + width / 2)
    if not (width > 0 and far * width < middle < _FARTHEST * width):
        return sympy.Integer(0)
    step = sympy.Integer(10) ** math.floor(math.log10(width))
    return math.floor(sympy.Rational(least) / step) * step


def _put_back(
    part: sympy.Expr,
    places: dict[sympy.Symbol, tuple[sympy.Symbol, sympy.Rational]],
    moved: dict[sympy.Expr, sympy.Expr],
) -> sympy.Expr:
    """Write columns less their origins, and keep numbers in front of these apart; `moved` tells which numbers are others now.

    Functions are not evaluated: where numbers stay in front of sums, sympy may turn the signs of arguments for ever.
    """
    if part in places:
        symbol, number = places[part]
        return symbol - number
    if not part.free_symbols & set(places):
        return part
    if part.is_Add:
        return _sum_put_back(part, places, moved)
    args = [_put_back(one, places, moved) for one in part.args]
    if isinstance(part, sympy.Function):
        return part.func(*args, evaluate=False)
    with distribute(False):
        return part.func(*args)


def _sum_put_back(
    total: sympy.Add,
    places: dict[sympy.Symbol, tuple[sympy.Symbol, sympy.Rational]],
    moved: dict[sympy.Expr, sympy.Expr],
) -> sympy.Expr:
    """In sums the origin of a column is added to the number that stands there."""
    number = next((one for one in total.args if one.is_Number), sympy.Integer(0))
    offset, terms = number, []
    for one in total.args:
        if one in places or -one in places:
            sign = 1 if one in places else -1
            symbol, origin = places[sign * one]
            offset -= sign * origin
            terms.append(sign * symbol)
        elif one != number:
            terms.append(_put_back(one, places, moved))
    if number and offset != number:
        moved[number] = offset
    return sympy.Add(offset, *terms)


def _raised(law: sympy.Expr, target: sympy.Rational, moved: dict[sympy.Expr, sympy.Expr]) -> sympy.Expr:
    """The law of targets whose origin is put back."""
    number = next((one for one in sympy.Add.make_args(law) if one.is_Number), sympy.Integer(0))
    if target == 0:
        return law
    if number:
        moved[number] = number + target
    return sympy.Add(law, target)


def _with_moved(constants: list[Constant], number: sympy.Expr, other: Constant | None) -> list[Constant]:
    """Constants with another in place of one that is such a number."""
    if other is None:
        return constants
    off = other.fitted - float(other.value)

    def miss(place: int) -> float:
        one = constants[place]
        return min(abs(sign * (one.fitted - float(one.value)) - off) for sign in (1, -1))

    near = [place for place, one in enumerate(constants) if abs(one.value) == abs(number)]
    replaced = min(near, key=miss, default=None)
    return [*(one for place, one in enumerate(constants) if place != replaced), other]
