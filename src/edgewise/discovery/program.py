"""Expressions as programs: straight lines of operations on columns of numbers, quick to make and to run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from .operations import FUNCTIONS, Op

Step = tuple[Op, tuple[int, ...]]

_CHAINED: dict[type, Op] = {sympy.Max: Op.MAX, sympy.Min: Op.MIN}
_POWERS = {2: Op.SQUARE, 3: Op.CUBE}


@dataclass(frozen=True)
class Program:
    """Operations on numbered values: first the constants, then the columns, the numbers, and each step's result.

    Attributes:
        constants: How many constants there are.
        columns: How many columns.
        numbers: What else is read.
        steps: Operations, each with the numbers of its arguments.
        varying: For each value, whether the constants change it.
        result: Number of the value wanted.
    """

    constants: int
    columns: int
    numbers: tuple[float, ...]
    steps: tuple[Step, ...]
    varying: tuple[bool, ...]
    result: int


def program_of(
    form: sympy.Expr, places: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol]
) -> Program | None:
    """The program of an expression; None where it holds what programs do not know.

    Args:
        form: The expression.
        places: Parts of it that are constants: floats or symbols.
        symbols: Of the columns.

    Example:
        >>> x, c = sympy.symbols("x c")
        >>> [(op.name, at) for op, at in program_of(c * sympy.exp(2 * x), [c], [x]).steps]
        [('MUL', (2, 1)), ('EXP', (3,)), ('MUL', (4, 0))]
    """
    writer = _Writer(places, symbols)
    try:
        result = writer.number(form)
    except _UnknownError:
        return None
    return writer.program(result)


class _UnknownError(Exception):
    """An expression that programs do not know."""


class _Writer:
    """Writes each different value once, and knows it by its expression."""

    def __init__(self, places: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol]) -> None:
        self._constants, self._columns = len(places), len(symbols)
        self._values: list[float | Step | None] = [None] * (len(places) + len(symbols))
        self._varying = [True] * len(places) + [False] * len(symbols)
        self._known = {part: at for at, part in enumerate((*places, *symbols))}
        self._same: dict[float | Step, int] = {}

    def program(self, result: int) -> Program:
        """What was written, all numbers before all steps."""
        numbers = [at for at, value in enumerate(self._values) if isinstance(value, float)]
        steps = [at for at, value in enumerate(self._values) if isinstance(value, tuple)]
        order = [*range(self._constants + self._columns), *numbers, *steps]
        place = {at: n for n, at in enumerate(order)}
        return Program(
            self._constants,
            self._columns,
            tuple(value for value in self._values if isinstance(value, float)),
            tuple((v[0], tuple(map(place.__getitem__, v[1]))) for v in self._values if isinstance(v, tuple)),
            tuple(self._varying[at] for at in order),
            place[result],
        )

    def number(self, form: sympy.Expr) -> int:
        """The number of an expression's value."""
        found = self._known.get(form)
        if found is None:
            found = self._known[form] = self._written(form)
        return found

    def _written(self, form: sympy.Expr) -> int:
        if form.is_Number or form.is_NumberSymbol:
            return self._literal(float(form))
        if form.is_Add:
            return self._sum(form)
        if form.is_Mul:
            return self._product(form)
        if form.is_Pow:
            return self._power(form.base, form.exp)
        if form.func in _CHAINED:
            return self._chain(_CHAINED[form.func], [self.number(part) for part in form.args])
        if form.func in FUNCTIONS and len(form.args) == 1:
            return self._step(FUNCTIONS[form.func], self.number(form.args[0]))
        raise _UnknownError

    def _sum(self, form: sympy.Expr) -> int:
        """A sum; exp(v) - 1 keeps the digits of a small difference."""
        whole = [part for part in form.args if part.is_Rational]
        rest = float(sum(whole))
        terms = []
        for part in form.args:
            if part.is_Rational:
                continue
            factor, other = part.as_coeff_Mul()
            apart = factor.is_Rational and isinstance(other, sympy.exp)
            if apart and abs(rest + float(factor)) < abs(rest):
                rest += float(factor)
                difference = self._step(Op.EXPM1, self.number(other.args[0]))
                terms.append(self._times(float(factor), difference))
            else:
                terms.append(self.number(part))
        return self._chain(Op.ADD, terms if rest == 0 else [self._literal(rest), *terms])

    def _product(self, form: sympy.Expr) -> int:
        above, below = [], []
        for part in form.args:
            if part.is_Pow and part.exp.is_Rational and part.exp < 0:
                below.append(self._power(part.base, -part.exp))
            else:
                above.append(self.number(part))
        top = self._chain(Op.MUL, above) if above else self._literal(1.0)
        return self._step(Op.DIV, top, self._chain(Op.MUL, below)) if below else top

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> int:
        if base is sympy.E:
            return self._step(Op.EXP, self.number(exponent))
        if exponent.is_Rational and exponent < 0:
            return self._step(Op.DIV, self._literal(1.0), self._power(base, -exponent))
        if exponent is sympy.S.One:
            return self.number(base)
        if exponent is sympy.S.Half:
            return self._step(Op.SQRT, self.number(base))
        if exponent.is_Integer and int(exponent) in _POWERS:
            return self._step(_POWERS[int(exponent)], self.number(base))
        return self._step(Op.POW, self.number(base), self.number(exponent))

    def _times(self, factor: float, value: int) -> int:
        return value if factor == 1 else self._step(Op.MUL, self._literal(factor), value)

    def _chain(self, op: Op, values: list[int]) -> int:
        """First what the constants do not change, so that it is computed once."""
        first, *others = sorted(values, key=lambda at: self._varying[at])
        for other in others:
            first = self._step(op, first, other)
        return first

    def _literal(self, value: float) -> int:
        if not math.isfinite(value):
            raise _UnknownError
        return self._add(value, False)

    def _step(self, op: Op, *arguments: int) -> int:
        return self._add((op, arguments), any(self._varying[at] for at in arguments))

    def _add(self, value: float | Step, varying: bool) -> int:
        if value not in self._same:
            self._same[value] = len(self._values)
            self._values.append(value)
            self._varying.append(varying)
        return self._same[value]
