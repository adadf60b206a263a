"""An expression as a function of its numbers and of the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from .curve import Curve, ProgramCurve, SympyCurve
from .polish import constants_of
from .problem import Array
from .program import program_of
from .split import with_known


class Template:
    """An expression with its floats taken out: what it gives for any values of them, in real numbers.

    Args:
        expression: What is written.
        symbols: Of the columns.
        known: Values of constants that are written by name.

    Example:
        >>> x = sympy.Symbol("x")
        >>> Template(0.5 * x, [x]).values([0.25], np.array([[4.0]])).tolist()
        [1.0]
    """

    def __init__(
        self,
        expression: sympy.Expr,
        symbols: Sequence[sympy.Symbol],
        known: Mapping[str, float] | None = None,
    ) -> None:
        self.floats = constants_of(expression)
        self._expression, self._known = expression, list((known or {}).values())
        self._columns = (*symbols, *map(sympy.Symbol, known or {}))
        self._program = program_of(expression, self.floats, self._columns)

    @property
    def numbers(self) -> Array:
        """The floats, in ascending order."""
        return np.array([float(number) for number in self.floats])

    def values(self, numbers: Sequence[float] | Array, x: Array) -> Array:
        """Values (n,) at inputs (n, columns) with these numbers in place of the floats; NaN where they are not real."""
        return self._curve(x).values(np.asarray(numbers, dtype=np.float64))

    def slopes(self, x: Array) -> Array:
        """Of each value in the floats, (n, floats)."""
        return self._curve(x).slopes(self.numbers)

    def _curve(self, x: Array) -> Curve:
        full = with_known(x, self._known)
        if self._program is not None:
            return ProgramCurve(self._program, full)
        places = [sympy.Dummy(f"c{n}", real=True) for n in range(len(self.floats))]
        form = self._expression.xreplace(dict(zip(self.floats, places, strict=True)))
        return SympyCurve(form, places, self._columns, full)
