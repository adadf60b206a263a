"""A sine and a cosine of one argument as one wave with a phase."""

from __future__ import annotations

import math

import sympy
from sympy.simplify.fu import TR8

from .judge import complexity

_LONG = 60  # parts, from which no short sum is to be hoped for
_LOST = 1e-9  # of the largest number, which rounding leaves where waves cancel


def with_phases(law: sympy.Expr) -> sympy.Expr | None:
    """A law with a sin(v) + b cos(v) written as c sin(v + d); None where no such two terms are in it.

    Args:
        law: Any expression.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> with_phases(3.0 * u * sympy.sin(2.0 * v) + 4.0 * u * sympy.cos(2.0 * v))
        5.0*u*sin(2.0*v + 0.927295218001612)
        >>> with_phases(3.0 * sympy.sin(u) + 4.0 * sympy.cos(v))
    """
    if not law.has(sympy.sin, sympy.cos) or complexity(law) > _LONG:
        return None
    terms = [_term(term) for term in sympy.Add.make_args(sympy.expand(TR8(law)))]
    least = _LOST * max(abs(number) for number, *_ in terms)
    waves: dict[tuple[sympy.Expr, sympy.Expr], dict[type, float]] = {}
    rest: list[sympy.Expr] = []
    for number, factor, wave in terms:
        if abs(number) <= least:
            continue
        if wave is None:
            rest.append(number * factor)
        else:
            both = waves.setdefault((factor, wave.args[0]), {})
            both[wave.func] = both.get(wave.func, 0.0) + float(number)
    if all(len(both) == 1 for both in waves.values()):
        return None
    return sympy.Add(*rest, *(_wave(*place, both) for place, both in waves.items()))


def _term(term: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr | None]:
    """The number, the factors and the wave of a term; no wave where it has none, or several."""
    number, factors = term.as_coeff_Mul()
    waves = [one for one in sympy.Mul.make_args(factors) if isinstance(one, (sympy.sin, sympy.cos))]
    rest = sympy.Mul(*(one for one in sympy.Mul.make_args(factors) if one not in waves))
    if len(waves) != 1 or rest.has(sympy.sin, sympy.cos):
        return number, factors, None
    return number, rest, waves[0]


def _wave(factor: sympy.Expr, argument: sympy.Expr, both: dict[type, float]) -> sympy.Expr:
    if len(both) == 1:
        ((kind, number),) = both.items()
        return sympy.Float(number) * factor * kind(argument)
    size = sympy.Float(math.hypot(*both.values()))
    phase = sympy.Float(math.atan2(both[sympy.cos], both[sympy.sin]))
    return size * factor * sympy.sin(argument + phase)
