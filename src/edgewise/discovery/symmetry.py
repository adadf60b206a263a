"""Symmetries of a surrogate as coordinates: scalings of columns, and pairs that act through one combination."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import sympy

from .problem import Array, Problem
from .reduction import Coordinate, Reduced, column, free_name, monomial, reduced
from .surrogate import Slopes, Surrogate

_SURE = 20.0
_TOLERANCE = (1e-6, 0.05)
_CLIPPED = 0.95
_LARGEST_POWER = 6
_POWERS = (
    (1, 1),
    (2, 2),
    (-1, -1),
    (0.5, 0.5),
    (-2, -2),
    (3, 3),
    (1, 2),
    (2, 1),
    (1, -1),
    (-1, 1),
    (1, 3),
    (3, 1),
)
_LARGEST_RATIO = 12
_ORDERS = 24


def tolerance(of: Surrogate) -> float:
    """How far a relation among the slopes of a surrogate may be off."""
    return float(np.clip(_SURE * of.missed, *_TOLERANCE))


def typical(values: Array) -> float:
    """Mean size, sizes above their 95 % quantile counted as that."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(np.minimum(sizes, np.quantile(sizes, _CLIPPED)).mean()) if len(sizes) else np.inf


def scaled(problem: Problem, slopes: Slopes, allowed: float) -> Reduced | None:
    """Invariants of all scalings of the columns that only scale the targets, as coordinates.

    They are the vectors w and numbers p with sum w_j x_j f_j = p f at all samples. A column that nothing depends on, or
    whose power is a factor, is one of them.
    """
    found = _scalings(slopes, allowed)
    if found is None:
        return None
    vectors, targets = found
    front = _front(vectors, targets)
    invariants = [_whole(vector) for vector in vectors.nullspace()]
    if not invariants or front is None:
        return None
    coordinates = []
    for place, powers in enumerate(invariants):
        own = [n for n, power in enumerate(powers) if power]
        if len(own) == 1:
            coordinates.append(column(problem, own[0]))
            continue
        form, values = monomial(problem, powers)
        unit = float(np.prod(problem.x_scale ** np.array(powers)))
        coordinates.append(Coordinate(free_name("ratio", place, problem), form, values, unit))
    return reduced(problem, coordinates, monomial(problem, front) if any(front) else None)


def _scalings(slopes: Slopes, allowed: float) -> tuple[sympy.Matrix, sympy.Matrix] | None:
    """Vectors as rows, and p for each; None where there is none."""
    table = np.column_stack([slopes.x * slopes.gradient, -slopes.values])
    sizes = np.linalg.norm(table, axis=1)
    table = table[np.isfinite(sizes) & (sizes > 0)]
    table = table / np.linalg.norm(table, axis=1, keepdims=True)
    if len(table) < 2 * table.shape[1]:
        return None
    _, strengths, right = np.linalg.svd(table, full_matrices=False)
    most = int(np.sum(strengths < 3 * allowed * strengths[0]))
    for count in range(min(most, table.shape[1] - 1), 0, -1):
        vectors = _simple(right[-count:])
        if vectors is None or (vectors[:, :-1] == 0).all(1).any():
            continue
        misses = [typical(table @ one) / max(typical(np.abs(table) @ np.abs(one)), 1e-300) for one in vectors]
        if max(misses) < allowed:
            exact = sympy.Matrix(
                [[sympy.Rational(Fraction(v).limit_denominator(6)) for v in row] for row in vectors]
            )
            return exact[:, :-1], exact[:, -1]
    return None


def _simple(rows: Array) -> Array | None:
    """A reduced basis of their span in halves and thirds; None where the span has none."""
    rows = rows.copy()
    pivots: list[int] = []
    for at in range(len(rows)):
        free = [c for c in range(rows.shape[1] - 1) if c not in pivots]
        column = max(free, key=lambda c: float(np.abs(rows[at:, c]).max()))
        best = at + int(np.abs(rows[at:, column]).argmax())
        rows[[at, best]] = rows[[best, at]]
        rows[at] /= rows[at, column]
        others = np.arange(len(rows)) != at
        rows[others] -= rows[others, column][:, None] * rows[at]
        pivots.append(column)
    halves, thirds = np.round(2 * rows) / 2, np.round(3 * rows) / 3
    near = np.where(np.abs(rows - halves) <= np.abs(rows - thirds) + 0.03, halves, thirds)
    return (
        near
        if float(np.abs(near).max()) <= _LARGEST_POWER and float(np.abs(near - rows).max()) < 0.1
        else None
    )


def _front(vectors: sympy.Matrix, targets: sympy.Matrix) -> list[float] | None:
    """Powers of columns that scale as the targets do: few and small ones."""
    if not any(targets):
        return [0.0] * vectors.shape[1]
    best: tuple[float, list[float]] | None = None
    for n, order in enumerate(permutations(range(vectors.shape[1]))):
        if n >= _ORDERS:
            break
        reordered = vectors[:, list(order)].row_join(targets)
        reduced_rows, pivots = reordered.rref()
        if vectors.shape[1] in pivots:
            return None
        powers = [0.0] * vectors.shape[1]
        for row, pivot in enumerate(pivots):
            powers[order[pivot]] = float(reduced_rows[row, vectors.shape[1]])
        cost = sum(abs(p) + (0.5 if p % 1 else 0.0) for p in powers)
        if best is None or cost < best[0]:
            best = cost, powers
    return None if best is None else best[1]


def _whole(vector: sympy.Matrix) -> list[float]:
    """The same direction in whole numbers."""
    below = sympy.ilcm(*(entry.q for entry in vector))
    powers = [int(entry * below) for entry in vector]
    shared = sympy.igcd(*powers)
    sign = 1 if sum(powers) >= 0 else -1
    return [float(sign * power // int(shared)) for power in powers]


@dataclass(frozen=True)
class _Pair:
    missed: float
    first: int
    second: int
    powers: tuple[float, float]
    ratio: float


def combined(problem: Problem, slopes: Slopes, allowed: float) -> Iterator[Reduced]:
    """Two columns as one coordinate x_i^p + c x_j^q, where their slopes say so; the surest first."""
    found = [
        one for i, j in combinations(range(len(problem.names)), 2) for one in _pairs(problem, slopes, i, j)
    ]
    found = sorted((one for one in found if one.missed < allowed), key=lambda one: one.missed)
    if not found:
        return
    # Of pairs that are as sure as the best the plainest comes first.
    sure = [one for one in found if one.missed <= 10 * found[0].missed]
    sure.sort(key=lambda one: (sum(map(abs, one.powers)), abs(abs(one.ratio) - 1) > 1e-9, one.missed))
    yield _one_column(problem, sure[0])


def _pairs(problem: Problem, slopes: Slopes, i: int, j: int) -> Iterator[_Pair]:
    one, other = slopes.x[:, i], slopes.x[:, j]
    for p, q in _POWERS:
        if (p % 1 and one.min() <= 0) or (q % 1 and other.min() <= 0):
            continue
        with np.errstate(all="ignore"):
            left = slopes.gradient[:, i] / (p * one ** (p - 1))
            right = slopes.gradient[:, j] / (q * other ** (q - 1))
        fine = np.isfinite(left) & np.isfinite(right)
        if fine.mean() < 0.9:
            continue
        left, right = left[fine], right[fine]
        least = np.minimum(1, np.quantile(np.abs(left), _CLIPPED) / np.maximum(np.abs(left), 1e-300))
        ratio = float(np.sum(least**2 * left * right) / max(np.sum(least**2 * left**2), 1e-300))
        sizes = typical(ratio * left), typical(right)
        if min(sizes) < 1e-3 * max(sizes) or not np.isfinite(ratio) or ratio == 0:
            continue
        own = ratio * problem.x_scale[i] ** p / problem.x_scale[j] ** q
        near = float(Fraction(own).limit_denominator(_LARGEST_RATIO)) if 0.05 < abs(own) < 20 else 0.0
        if near and abs(near - own) < 0.02 * abs(own):
            close = near * problem.x_scale[j] ** q / problem.x_scale[i] ** p
            if typical(close * left - right) < 2 * typical(ratio * left - right) + 1e-3 * sizes[1]:
                ratio = close
        yield _Pair(typical(ratio * left - right) / sum(sizes), i, j, (p, q), ratio)


def _one_column(problem: Problem, pair: _Pair) -> Reduced:
    i, j, (p, q) = pair.first, pair.second, pair.powers
    ratio = sympy.Integer(int(pair.ratio)) if float(pair.ratio).is_integer() else sympy.Float(pair.ratio)
    power_i, power_j = sympy.Rational(p), sympy.Rational(q)
    form = problem.symbols[i] ** power_i + ratio * problem.symbols[j] ** power_j
    values = problem.x[:, i] ** p + pair.ratio * problem.x[:, j] ** q
    kept = [column(problem, place) for place in range(len(problem.names)) if place not in (i, j)]
    unit = float(problem.x_scale[i] ** p)
    return reduced(problem, [Coordinate(free_name("both", len(kept), problem), form, values, unit), *kept])
