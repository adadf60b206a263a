"""Limits that a law has to keep, such as {"x -> oo": 0}: checked by numbers and, where that is quick, by sympy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from .._checks import is_number
from .._tensors import even_places
from ..errors import InputError
from .compiled import compiled, complex_values
from .deadline import TimeUpError, within
from .formula_text import read_formula
from .problem import Array

_ROWS = 12
_STEPS = np.geomspace(1e-2, 1e-10, 9)
_CLOSE = 1e-4
_SECONDS = 0.5
_GROWS = 3.0
_NEARER = 0.95


@dataclass(frozen=True)
class Limit:
    """What a law does as a column goes somewhere.

    Attributes:
        symbol: The column.
        point: Where it goes: a number, oo or -oo.
        value: What the law comes to: of the other columns; or what it becomes equal to, if the column itself is in it.
    """

    symbol: sympy.Symbol
    point: sympy.Expr
    value: sympy.Expr

    def holds(self, law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> bool:
        """Whether a law keeps it at the samples' other columns.

        Args:
            law: The right-hand side.
            symbols: Of the columns.
            x: Samples (n, columns).
        """
        rows = x[even_places(len(x), _ROWS).numpy()]
        if self.symbol in self.value.free_symbols:
            law, value = law / self.value, sympy.Integer(1)
        else:
            value = self.value
        near = self._by_numbers(law, value, symbols, rows)
        if near is False:
            return False
        try:
            exact = within(_SECONDS, lambda: sympy.limit(law, self.symbol, self.point))
        except (
            TimeUpError,
            NotImplementedError,
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
            ArithmeticError,
        ):
            return bool(near)
        if exact.has(sympy.Limit, sympy.AccumBounds, sympy.nan, sympy.Piecewise, sympy.sign):
            return bool(near)
        return _equal(exact, value, symbols, rows)

    def _by_numbers(
        self, law: sympy.Expr, value: sympy.Expr, symbols: Sequence[sympy.Symbol], rows: Array
    ) -> bool | None:
        """Whether it is reached; None where it is only come nearer to, as by slow powers."""
        place = list(symbols).index(self.symbol)
        size = float(np.abs(rows[:, place]).max()) or 1.0
        curve, seen = compiled(symbols, [law]), []
        for step in _STEPS:
            there = rows.copy()
            there[:, place] = _approached(self.point, size, step, rows[:, place])
            seen.append(complex_values(curve, there))
        values = np.array(seen)
        if value in (sympy.oo, -sympy.oo):
            return _diverges(values.real, value == sympy.oo)
        wanted = complex_values(compiled(symbols, [value]), rows)
        with np.errstate(all="ignore"):
            start = np.abs(complex_values(curve, rows) - wanted)
            rest = np.abs(values - wanted)
        scale = np.maximum(np.abs(wanted), np.where(np.isfinite(start), start, 0.0)) + 1e-300
        with np.errstate(all="ignore"):
            share = rest / scale  # the last steps may drown in rounding, or overflow
        share = np.where(np.isfinite(share), share, np.inf)
        if (share.min(0) < _CLOSE).all():
            return True
        return None if (share[-1] < _NEARER * share[len(share) // 2]).all() else False


def read_limits(limits: Any, names: Sequence[str]) -> tuple[Limit, ...]:
    """Limits as the user gives them.

    Args:
        limits: Text "column -> point" to what the law comes to there: a number, or a formula of columns.
        names: Of the columns.

    Raises:
        InputError: they cannot be read.

    Example:
        >>> read_limits({"x -> oo": 0, "x -> 0": "a"}, ["x", "a"])[0]
        Limit(symbol=x, point=oo, value=0)
    """
    if limits is None:
        return ()
    if not isinstance(limits, Mapping):
        raise _refused(limits)
    return tuple(_read(place, value, names) for place, value in limits.items())


def _read(place: Any, value: Any, names: Sequence[str]) -> Limit:
    column, arrow, point = str(place).partition("->")
    if not isinstance(place, str) or not arrow or column.strip() not in names:
        raise _refused(place)
    symbol = sympy.Symbol(column.strip())
    where = _read_value(point.strip(), (), place)
    wanted = _read_value(value, names, place)
    if not where.is_extended_real or (symbol in wanted.free_symbols and wanted.has(sympy.oo)):
        raise _refused(place)
    return Limit(symbol, where, wanted)


def _read_value(value: Any, names: Sequence[str], place: str) -> sympy.Expr:
    if isinstance(value, str):
        sign, text = (-1, value.strip()[1:]) if value.strip().startswith("-") else (1, value.strip())
        if text.strip() in ("oo", "inf"):
            return sign * sympy.oo
        return read_formula(value, names, "limits")
    if not is_number(value) or np.isnan(float(value)):
        raise _refused({place: value})
    if np.isinf(float(value)):
        return sympy.oo if value > 0 else -sympy.oo
    return (
        sympy.nsimplify(value, rational=True) if float(value) == round(float(value)) else sympy.Float(value)
    )


def _approached(point: sympy.Expr, size: float, step: float, start: Array) -> Array:
    """Values on the way to a point, from the samples' side."""
    if point in (sympy.oo, -sympy.oo):
        return np.full(len(start), (1.0 if point == sympy.oo else -1.0) * size / step)
    goal = float(point)
    side = np.where(start >= goal, 1.0, -1.0)
    return goal + side * size * step


def _diverges(values: Array, up: bool) -> bool:
    real = np.where(np.isnan(values), np.inf if up else -np.inf, values)
    way = real if up else -real
    with np.errstate(all="ignore"):
        grows = (way[-1] > _GROWS * np.maximum(way[0], 0)) | np.isinf(way[-1])
    return bool((grows & (way[-1] > 0) & (way[-1] >= way[-2])).all())


def _equal(one: sympy.Expr, other: sympy.Expr, symbols: Sequence[sympy.Symbol], rows: Array) -> bool:
    if one.has(sympy.oo, -sympy.oo, sympy.zoo) or other.has(sympy.oo, -sympy.oo):
        return bool(one == other or (one.has(other) if other.has(sympy.oo) else False))
    found, wanted = (complex_values(compiled(symbols, [part]), rows) for part in (one, other))
    scale = np.abs(wanted).max() or 1.0
    return bool(np.isfinite(found).all() and np.abs(found - wanted).max() <= 1e-6 * scale)


def _refused(got: Any) -> InputError:
    return InputError(
        f"discover: limits must be a mapping of 'column -> point' to a number or a formula; got {str(got)[:80]!r}. For "
        f"example limits={{'x_1 -> oo': 0}}."
    )
