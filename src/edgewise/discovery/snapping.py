"""Constants in the columns' own units: standard errors, and exact numbers where the samples allow one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy

from .judge import constant_bits, data_bits
from .polish import Fit, fitted
from .problem import Array

_LARGEST = 24
_POWER = 4.0  # bits that an exact exponent saves beyond its digits
_IDLE = 1e-9  # of the spread
_PART, _NEAR_ZERO = 6.0, 4.0  # bits of what goes with a constant of 0, and errors from 0 that may be none
_CHANCE = 5.0  # bits that an exact number must save: some number is near to any
_ROUNDING = 1e-8
_FACTORS: tuple[tuple[sympy.Expr, float], ...] = (
    (sympy.Integer(1), 0.0),
    (sympy.pi, 4.0),
    (1 / sympy.pi, 5.0),
    (sympy.sqrt(2), 8.0),
    (sympy.sqrt(sympy.pi), 8.0),
    (1 / sympy.sqrt(sympy.pi), 8.0),
    (sympy.sqrt(2) / sympy.sqrt(sympy.pi), 8.0),
    (sympy.pi**2, 6.0),
)


@dataclass(frozen=True)
class Constant:
    """A constant of a law.

    Attributes:
        fitted: Its value by least squares, all others free.
        error: Its standard error; infinite where the samples do not decide it.
        value: What stands in the law: an exact number, or a float.
    """

    fitted: float
    error: float
    value: sympy.Expr

    @property
    def distance(self) -> float:
        """How far the exact number is from the fitted one, in standard errors; 0 for a float."""
        off = abs(float(self.value) - self.fitted)
        return off / self.error if off > 0 and self.error > 0 else 0.0

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """Where the constant lies with this probability, by the normal approximation.

        Args:
            share: 0.68 or 0.95, or any between 0 and 1.
        """
        width = math.sqrt(2) * float(sympy.erfinv(share)) * self.error
        return self.fitted - width, self.fitted + width


def snapped(
    fit: Fit,
    symbols: Sequence[sympy.Symbol],
    x: Array,
    y: Array,
    noise: float,
    *,
    weights: Array | None = None,
) -> tuple[sympy.Expr, Fit, list[Constant]]:
    """Set constants to exact numbers one after the other, as long as that shortens the description.

    Returns:
        The law, the fit of what is left free, and what became of each constant.
    """
    spread = float(y.std())
    first = current = fit
    done: dict[sympy.Symbol, sympy.Expr] = {}
    while True:
        powers = _exponents(current)
        choices = [
            (bits - constant_bits(value, error) - (_POWER if place in powers else 0.0), place, number)
            for place, value, error in zip(
                current.places, current.values.tolist(), current.errors.tolist(), strict=True
            )
            for bits, number in _near(value, error, _FACTORS[:1] if place in powers else _FACTORS)
        ]
        choices += [(-_PART, place, sympy.Integer(0)) for place in _idle(current, spread)]
        for saved, place, number in sorted(choices, key=lambda one: one[0]):
            starts = zip(current.places, map(sympy.Float, current.values.tolist()), strict=True)
            form = current.template.xreplace({**dict(starts), place: number})
            trial = fitted(form, symbols, x, y, weights=weights, noise=noise * spread)
            if trial is None:
                continue
            costs = data_bits(trial.rmse, spread, len(y), noise) - data_bits(
                current.rmse, spread, len(y), noise
            )
            if costs + saved < 0:
                break
        else:
            return current.form, current, _constants(first, done)
        kept = [p for p in current.places if p != place]
        done[place] = number
        if len(trial.places) == len(kept):  # the same places, so that names stay those of the first fit
            order = sorted(range(len(kept)), key=lambda n: current.values[current.places.index(kept[n])])
            renamed = dict(zip(trial.places, (kept[n] for n in order), strict=True))
            trial = replace(trial, places=tuple(renamed.values()))
        current = trial


def _idle(fit: Fit, spread: float) -> list[sympy.Symbol]:
    """Constants that change nothing to first order if they are 0: a cosine hides that, its slope at 0 is 0."""
    effects = np.abs(fit.values) * np.linalg.norm(fit.jacobian, axis=0) / math.sqrt(max(1, len(fit.jacobian)))
    return [place for place, effect in zip(fit.places, effects, strict=True) if effect < _IDLE * spread]


def _near(
    value: float, error: float, factors: Sequence[tuple[sympy.Expr, float]]
) -> list[tuple[float, sympy.Expr]]:
    """Exact numbers that a constant may be, with the bits of each.

    Where the samples do not tell it from 0 it is 0, which saves the part that it belongs to as well; where they do not
    decide it at all, 1 or -1.
    """
    if not math.isfinite(error):
        return [(1.0, sympy.Integer(1 if value > 0 else -1)), (2.0, sympy.Integer(0))]
    if error > abs(value):
        return [(-_PART, sympy.Integer(0))]
    width = min(3 * error, 0.5 * abs(value) + 0.25) + _ROUNDING * abs(value)
    found: list[tuple[float, sympy.Expr]] = []
    if _NEAR_ZERO * error > abs(value):
        found.append((-_PART, sympy.Integer(0)))
    for factor, bits in factors:
        ratio, room = value / float(factor), width / float(factor)
        if abs(ratio) > 1e6:
            continue
        for below in range(1, _LARGEST + 1):
            above = round(ratio * below)
            if math.gcd(above, below) == 1 and abs(above / below - ratio) <= room and above:
                size = _CHANCE + 1.0 + 2 * math.log2(1 + abs(above)) + 3 * math.log2(below) + bits
                found.append((size, sympy.Rational(above, below) * factor))
                break
    return found


def _exponents(fit: Fit) -> set[sympy.Symbol]:
    """Constants that are exponents; those are simple numbers in most laws."""
    powers = [power.exp.free_symbols for power in fit.template.atoms(sympy.Pow)]
    return set(fit.places).intersection(*[set().union(*powers)])


def _constants(fit: Fit, exact: dict[sympy.Symbol, sympy.Expr]) -> list[Constant]:
    return [
        Constant(value, error, exact.get(place, sympy.Float(value)))
        for place, value, error in zip(fit.places, fit.values.tolist(), fit.errors.tolist(), strict=True)
    ]
