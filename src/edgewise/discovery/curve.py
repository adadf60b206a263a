"""An expression of constants and columns as a function of the constants, with its slopes in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import sympy

from .compiled import compiled
from .operations import RULES, times
from .problem import Array
from .program import Program

_FAULTS = (TypeError, ValueError, ZeroDivisionError, OverflowError, AttributeError, NameError)


class Curve(Protocol):
    """Values and slopes on samples; not finite where there is no real value."""

    def values(self, constants: Array) -> Array:
        """At each sample, (n,)."""
        ...

    def slopes(self, constants: Array) -> Array:
        """Of each value in the constants, (n, constants)."""
        ...


class ProgramCurve:
    """A program on samples; what the constants do not change is computed once.

    Args:
        program: What is computed.
        x: Samples (n, columns).

    Example:
        >>> from .program import program_of
        >>> a, c = sympy.symbols("a c")
        >>> curve = ProgramCurve(program_of(a * c**2, [c], [a]), np.array([[1.0], [2.0]]))
        >>> curve.values(np.array([3.0])).tolist(), curve.slopes(np.array([3.0])).tolist()
        ([9.0, 18.0], [[6.0], [12.0]])
    """

    def __init__(self, program: Program, x: Array) -> None:
        self._program, self._count = program, len(x)
        self._first = program.constants + program.columns + len(program.numbers)
        self._kept: dict[int, Array] = dict(enumerate(x.T, program.constants))
        numbers = enumerate(map(np.float64, program.numbers), program.constants + program.columns)
        self._kept.update(numbers)
        self._run(self._kept, varying=False)

    def values(self, constants: Array) -> Array:
        """At each sample, (n,)."""
        return np.broadcast_to(self._forward(constants)[self._program.result], (self._count,)).copy()

    def slopes(self, constants: Array) -> Array:
        """Of each value in the constants, (n, constants), from the last step back to the first."""
        program, found = self._program, self._forward(constants)
        pulls = dict[int, Array]()
        if program.varying[program.result]:
            pulls[program.result] = np.ones(self._count)
        with np.errstate(all="ignore"):
            for at, (op, places) in reversed([*enumerate(program.steps, self._first)]):
                pull = pulls.get(at)
                if pull is None:
                    continue
                rule = RULES[op].slopes(*(found[place] for place in places), found[at])
                for place, slope in zip(places, rule, strict=True):
                    if program.varying[place]:
                        pulls[place] = pulls.get(place, 0.0) + times(pull, slope)
        result = np.zeros((self._count, program.constants))
        for place in range(program.constants):
            result[:, place] = pulls.get(place, 0.0)
        return result

    def _forward(self, constants: Array) -> dict[int, Array]:
        found = {**self._kept, **dict(enumerate(constants))}
        self._run(found, varying=True)
        return found

    def _run(self, found: dict[int, Array], *, varying: bool) -> None:
        with np.errstate(all="ignore"):
            for at, (op, places) in enumerate(self._program.steps, self._first):
                if self._program.varying[at] == varying:
                    found[at] = RULES[op].value(*(found[place] for place in places))


class SympyCurve:
    """Any expression that sympy can differentiate and NumPy can compute.

    Args:
        form: The expression.
        places: Symbols of the constants.
        symbols: Of the columns.
        x: Samples (n, columns).

    Example:
        >>> a, c = sympy.symbols("a c")
        >>> SympyCurve(a * c**2, [c], [a], np.array([[1.0], [2.0]])).slopes(np.array([3.0])).tolist()
        [[6.0], [12.0]]
    """

    def __init__(
        self, form: sympy.Expr, places: Sequence[sympy.Symbol], symbols: Sequence[sympy.Symbol], x: Array
    ) -> None:
        self._x = x
        self._value = compiled([*places, *symbols], [form])
        self._slopes = compiled([*places, *symbols], [form.diff(place) for place in places])

    def values(self, constants: Array) -> Array:
        """At each sample, (n,)."""
        return self._table(self._value, constants, 1)[:, 0]

    def slopes(self, constants: Array) -> Array:
        """Of each value in the constants, (n, constants)."""
        return self._table(self._slopes, constants, len(constants))

    def _table(self, curve: Callable[..., list[Any]], constants: Array, width: int) -> Array:
        """NaN where there is no real value."""
        count = len(self._x)
        with np.errstate(all="ignore"):
            try:
                found = curve(*constants.tolist(), *self._x.T)
            except _FAULTS:
                found = [np.nan] * width
        columns = [np.broadcast_to(np.asarray(one), (count,)) for one in found]
        table = np.stack(columns, 1) if columns else np.empty((count, 0))
        return np.full(table.shape, np.nan) if table.dtype.kind in "cO" else table.astype(np.float64)
