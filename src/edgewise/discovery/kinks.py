"""Laws with a kink: |u - s|, of a column or of the difference of two, among columns and times them.

Maxima, minima and ramps are such sums: max(a, b) is (a + b + |a - b|) / 2.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .arguments import of_monomials, of_pairs
from .problem import Array, Problem
from .proposal import Proposal, combined
from .relations import sparse

_MOST_COLUMNS = 12
_PLACES = np.linspace(0.02, 0.98, 33)
_RIGHT, _EARNED, _FEWEST = 1e-5, 0.1, 0.03
_ROUNDS, _POINTS = 14, 9


def kinks(problem: Problem) -> Iterator[Proposal]:
    """The best kink, where it leaves hardly anything, and the same without a kink leaves ten times as much.

    Args:
        problem: Samples.
    """
    some = problem.some
    columns = some.x.shape[1]
    if columns > _MOST_COLUMNS or not is_allowed(sympy.Abs, some.functions):
        return
    arguments = of_monomials(some, (1,), 1, 1).plus(of_pairs(some))
    tried, right = [], max(_RIGHT, problem.tolerance)
    for place in range(len(arguments)):
        u = arguments.values[:, place]
        spots = [0.0, *(u.min() + _PLACES * np.ptp(u)).tolist()]
        least = min(
            ((_missed(some, _bent(some.x, u, one)), one) for one in spots if _is_inside(u, one)), default=None
        )
        without = _missed(some, _smooth(some.x, u))
        if least is not None and without > right and least[0] < _EARNED * without:
            tried.append((least[0], place, least[1]))
    if not tried:
        return
    _, place, spot = min(tried)
    u = arguments.values[:, place]
    spot, missed = _refined(some, u, spot)
    if missed > right or not _is_inside(u, spot):
        return
    design = _bent(some.x, u, spot)
    numbers = sparse(design, some.y, some.roots, right * some.spread)
    bend = sympy.Abs(arguments.forms[place] - (sympy.Float(spot) if spot else 0))
    plain = [sympy.Integer(1), *some.symbols]
    forms = [*plain, *(bend * one for one in plain)]
    yield Proposal(combined(numbers, forms), missed, "kinks")


def _plain(x: Array) -> Array:
    return np.column_stack([np.ones(len(x)), x])


def _smooth(x: Array, u: Array) -> Array:
    """What a kink outside of the samples would be."""
    plain = _plain(x)
    return np.concatenate([plain, plain * u[:, None]], 1)


def _is_inside(u: Array, spot: float) -> bool:
    """Whether there are samples on both sides of a place."""
    return bool(_FEWEST < np.mean(u > spot) < 1 - _FEWEST)


def _bent(x: Array, u: Array, spot: float) -> Array:
    plain = _plain(x)
    return np.concatenate([plain, plain * np.abs(u - spot)[:, None]], 1)


def _missed(problem: Problem, design: Array) -> float:
    weighted, target = design * problem.roots[:, None], problem.y * problem.roots
    rest = target - weighted @ np.linalg.lstsq(weighted, target, rcond=None)[0]
    return float(np.sqrt(np.mean(rest**2))) / problem.spread


def _refined(problem: Problem, u: Array, spot: float) -> tuple[float, float]:
    """The best place nearby, and what it leaves."""
    width = float(np.ptp(u)) * (_PLACES[1] - _PLACES[0])
    least = _missed(problem, _bent(problem.x, u, spot))
    for _ in range(_ROUNDS):
        spots = spot + width * np.linspace(-1, 1, _POINTS)
        missed = [_missed(problem, _bent(problem.x, u, float(one))) for one in spots]
        at = int(np.argmin(missed))
        if missed[at] < least:
            spot, least = float(spots[at]), missed[at]
        width /= 3
    return spot, least
