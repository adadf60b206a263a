"""Formulas of one number: functions of a line, with a constant or factor outside, for the targets or a change of them.

Logistic curves, roots of 1 + exp(s), exponentials of 1/s, softplus and the like: what sums of parts may stand behind. No
constant is one that the parts' own make up for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import sympy

from .._tensors import even_places
from .allowed_functions import is_allowed
from .judge import data_bits, law_bits
from .polish import fitted_all
from .problem import Array, Problem
from .transforms import Transform, transforms

TOTAL = sympy.Dummy("total")
_ROWS, _FITTED, _KEPT = 200, 60, 3
_CONSTANT = 12.0  # bits
_FREQUENCIES = (0.5, 1.0, 2.0, 3.0, 4.5, 6.0, 9.0, 12.0)
_RATES = tuple(np.geomspace(0.3, 24, 20).tolist())
_BEYOND = tuple(np.geomspace(0.003, 10, 18).tolist())
_PLACES = tuple(np.linspace(-0.6, 1.6, 12).tolist())
_POWERS = (2.0, 0.5, -1.0, 1.5, -0.5, -2.0, 3.0, -1.5)


@dataclass(frozen=True)
class _Kind:
    """A function of k s + m, and how it is written with a factor and a constant outside."""

    curve: Callable[[Array], Array]
    lines: tuple[tuple[float, float], ...]
    written: Callable[[float, float, float, float], sympy.Expr]


def outer_functions(total: Array, problem: Problem, missed: float) -> list[sympy.Expr]:
    """The best few formulas y = F(total), in the symbol `TOTAL`, by their bits.

    Args:
        total: Values of the sum, (n,).
        problem: Its targets, as they are scaled there.
        missed: What the best F may be expected to miss of the targets, as a share of their deviation.
    """
    rows = even_places(len(total), _ROWS).numpy()
    some, s = problem.rows(rows), total[rows]
    low, size = float(s.min()), float(np.ptp(s)) or 1.0
    starts = [
        start
        for change in transforms(some)
        for kind in _kinds()
        if (start := _start((s - low) / size, some, change, kind)) is not None
    ]
    starts.sort(key=lambda start: start.missed)
    every = [start.form(low, size) for start in starts[:_FITTED]]
    forms = [form for form in every if form is not None and _may_be(form, some.functions)]
    scored = []
    for fit in fitted_all(forms, [TOTAL], s[:, None], some.y, weights=some.weights):
        if fit is not None:
            rmse = max(fit.rmse, missed * some.spread)
            # Constants at their precision cost less the more of them make up for each other: all count alike.
            bits = law_bits(fit.source, _CONSTANT * len(fit.values)) + data_bits(
                rmse, some.spread, len(s), 0.0
            )
            scored.append((bits, fit))
    return [fit.form for _, fit in sorted(scored, key=lambda one: one[0])[:_KEPT]]


def _may_be(form: sympy.Expr, functions: frozenset[str] | None) -> bool:
    return is_allowed(lambda v: form.xreplace({TOTAL: v}), functions)


@dataclass(frozen=True)
class _Start:
    """T(y) = a f(k s + m) + b, s from 0 to 1, and the mean square that it misses of y."""

    missed: float
    change: Transform
    kind: _Kind
    numbers: tuple[float, float, float, float]

    def form(self, low: float, size: float) -> sympy.Expr | None:
        """As an expression, s from `low` to `low + size`."""
        k, m, a, b = self.numbers
        try:
            with np.errstate(all="ignore"):
                found = self.change.back(self.kind.written(k / size, m - k * low / size, a, b))
        except (OverflowError, ZeroDivisionError):
            return None
        return None if found.has(sympy.nan, sympy.zoo, sympy.oo, sympy.I) else found


def _start(s: Array, problem: Problem, change: Transform, kind: _Kind) -> _Start | None:
    """The best of the kind's lines, with least squares outside; None where none has a value at all samples."""
    targets, slope = change.there(problem.y), change.slope(problem.y)
    weights = (problem.roots / np.abs(slope)) ** 2
    weights = weights / weights.sum()
    rest = targets - weights @ targets
    lines = np.array(kind.lines)
    with np.errstate(all="ignore"):
        curves = kind.curve(lines[:, 0] * s[:, None] + lines[:, 1])
        centred = curves - weights @ curves
        factors = (weights * rest) @ centred / (weights @ centred**2)
        values = weights @ targets + factors * centred
        missed = np.mean(((change.undo(values) - problem.y[:, None]) * problem.roots[:, None]) ** 2, 0)
    missed = np.where(np.isfinite(missed) & (factors != 0), missed, np.inf)
    best = int(missed.argmin())
    if not np.isfinite(missed[best]):
        return None
    a = float(factors[best])
    b = float(weights @ targets - a * (weights @ curves[:, best]))
    return _Start(float(missed[best]), change, kind, (float(lines[best, 0]), float(lines[best, 1]), a, b))


def _line(k: float, m: float) -> sympy.Expr:
    return sympy.Float(k) * TOTAL + sympy.Float(m)


def _kinds() -> Iterator[_Kind]:
    yield _Kind(lambda w: w, ((1.0, 0.0),), lambda k, m, a, b: _line(a * k, a * m + b))
    both = tuple((sign * rate, 0.0) for rate in _RATES for sign in (1.0, -1.0))
    yield _Kind(np.exp, both, _exponential)
    ahead = tuple((1.0, beyond) for beyond in _BEYOND) + tuple((-1.0, 1 + beyond) for beyond in _BEYOND)
    yield _Kind(np.log, ahead, _logarithm)
    for power in _POWERS:
        inside = tuple((1.0, -place) for place in _PLACES) if power in (2.0, 3.0) else ()
        yield _Kind(_power_curve(power), ahead + inside, _power(power))
    steep = tuple((rate, -rate * place) for rate in _RATES[2::2] for place in _PLACES)
    yield _Kind(np.tanh, steep, _around(sympy.tanh))
    yield _Kind(np.arctan, steep, _around(sympy.atan))
    yield _Kind(lambda w: np.exp(-(w**2)), steep, _around(lambda w: sympy.exp(-(w**2))))
    turns = tuple((f, phase) for f in _FREQUENCIES for phase in np.linspace(0, np.pi, 7)[:-1].tolist())
    yield _Kind(np.sin, turns, _around(sympy.sin))


def _exponential(k: float, m: float, a: float, b: float) -> sympy.Expr:
    return sympy.Float(a * np.exp(m)) * sympy.exp(sympy.Float(k) * TOTAL) + sympy.Float(b)


def _logarithm(k: float, m: float, a: float, b: float) -> sympy.Expr:
    """What is added is a factor inside."""
    inside = float(np.exp(np.clip(b / a, -300, 300)))
    return sympy.Float(a) * sympy.log(_line(inside * k, inside * m))


def _power_curve(power: float) -> Callable[[Array], Array]:
    return lambda w: w**power


def _power(power: float) -> Callable[[float, float, float, float], sympy.Expr]:
    """The factor is one inside."""

    def written(k: float, m: float, a: float, b: float) -> sympy.Expr:
        inside = abs(a) ** (1 / power)
        sign = 1 if a > 0 else -1
        return sign * _line(inside * k, inside * m) ** sympy.Rational(power) + sympy.Float(b)

    return written


def _around(
    function: Callable[[sympy.Expr], sympy.Expr],
) -> Callable[[float, float, float, float], sympy.Expr]:
    return lambda k, m, a, b: sympy.Float(a) * function(_line(k, m)) + sympy.Float(b)
