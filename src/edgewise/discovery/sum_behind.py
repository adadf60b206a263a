"""A sum of smooth parts behind one smooth function, y = F(g(a) + h(b)), fitted to samples.

The parts are polynomials in functions of single columns, F is a polynomial of their sum. All are fitted together by
Gauss-Newton steps from where the canonical correlation of functions of the targets with such sums is largest, with growing
degrees. As no term is spent on what the parts do not have together, far less is missed than by one polynomial in all columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from .monomials import polynomial_exponents
from .problem import Array, Problem
from .surrogate import Feature

Groups = Sequence[tuple[int, ...]]

_FIRST, _MORE = (3, 5), ((2, 0), (0, 4), (2, 4), (0, 12))
_MOST_TERMS, _SHARE = 220, 0.35
_HELD, _EARNED = 5, 0.8
_STEPS, _SMALL = 25, 1e-3
_SHORTEST = 1 / 64
_ENOUGH = 1e-11
_RANKS = 9


@dataclass(frozen=True)
class SumBehind:
    """Parts and the function that they stand behind, at the samples.

    Attributes:
        groups: Columns of each part.
        parts: Their values, (n, parts).
        slope: Of the function in their sum, (n,).
        missed: Root mean square error on samples it was not fitted to, as a share of the targets' deviation.
    """

    groups: tuple[tuple[int, ...], ...]
    parts: Array
    slope: Array
    missed: float


def sum_behind(
    problem: Problem, groups: Groups, features: Sequence[Feature], left: Callable[[], bool] = lambda: True
) -> SumBehind | None:
    """The best of growing degrees, by samples that they are not fitted to; None where there is none.

    Args:
        problem: Scaled samples.
        groups: Columns of each part.
        features: Functions of single columns that parts are polynomials in.
        left: Whether there is time.
    """
    held = np.arange(len(problem.y)) % _HELD == _HELD - 1
    best: _Fitted | None = None
    degrees, seen = _FIRST, set[tuple[int, int]]()
    while left():
        tried = [degrees] if best is None else [(degrees[0] + m, degrees[1] + n) for m, n in _MORE]
        tried = [one for one in tried if one not in seen]
        seen.update(tried)
        found = [_fitted(problem, groups, features, one, best, held) for one in tried]
        better = min((one for one in found if one is not None), key=lambda one: one.missed, default=None)
        if better is None or (best is not None and better.missed > _EARNED * best.missed):
            break
        best, degrees = better, better.degrees
        if best.missed < _ENOUGH:
            break
    return None if best is None else best.by_all(problem)


@dataclass(frozen=True)
class _Fitted:
    """What some degrees of the parts and the function lead to."""

    groups: Groups
    degrees: tuple[int, int]
    tables: list[Array]
    theta: Array
    missed: float

    @property
    def parts(self) -> Array:
        ends = np.cumsum([table.shape[1] for table in self.tables])[:-1]
        pairs = zip(self.tables, np.split(self.theta, ends), strict=True)
        return np.stack([table @ numbers for table, numbers in pairs], 1)

    def by_all(self, problem: Problem) -> SumBehind:
        """Fitted to the samples that were held out too."""
        every = np.ones(len(problem.y), dtype=bool)
        model = _Model(np.concatenate(self.tables, 1), problem.y, problem.roots, every, self.degrees[1])
        theta = model.minimised(self.theta)
        final = self if theta is None else replace(self, theta=theta)
        parts, slope = final.parts, model.outer(final.theta)[1]
        size = float(parts.sum(1).std()) or 1.0
        return SumBehind(tuple(self.groups), parts / size, slope * size, self.missed)


def _fitted(
    problem: Problem,
    groups: Groups,
    features: Sequence[Feature],
    degrees: tuple[int, int],
    near: _Fitted | None,
    held: npt.NDArray[np.bool_],
) -> _Fitted | None:
    tables = [_table(problem.x, group, features, degrees[0]) for group in groups]
    count = sum(table.shape[1] for table in tables) + degrees[1]
    if not all(table.shape[1] for table in tables) or count > min(_MOST_TERMS, _SHARE * len(problem.y)):
        return None
    model = _Model(np.concatenate(tables, 1), problem.y, problem.roots, ~held, degrees[1])
    theta = model.minimised(_correlated(model) if near is None else _like(model, near.parts.sum(1)))
    if theta is None:
        return None
    total = model.table @ theta
    inside = held & (total >= total[~held].min()) & (total <= total[~held].max())
    if not inside.any():
        return None
    rest = (problem.y - model.outer(theta)[0]) * problem.roots
    missed = float(np.sqrt(np.mean(rest[inside] ** 2))) / problem.spread
    return _Fitted(groups, degrees, tables, theta, missed)


def _table(x: Array, group: tuple[int, ...], features: Sequence[Feature], degree: int) -> Array:
    """Products of powers of a group's features, of mean 0."""
    own = [feature for feature in features if feature.column in group]
    values = [one.curve(x[:, one.column])[0] for one in own]
    exponents = np.array(polynomial_exponents(len(own), degree), dtype=np.int64)
    exponents = exponents[(exponents <= [one.most for one in own]).all(1)][1:]
    if not len(exponents):
        return np.empty((len(x), 0))
    powers = [one[:, None] ** np.arange(degree + 1) for one in values]
    table = reduce(np.multiply, (power[:, exponents[:, k]] for k, power in enumerate(powers)))
    found: Array = table - table.mean(0)
    return found


@dataclass(frozen=True)
class _Model:
    """y = F(table @ theta), F the best polynomial by Chebyshev's of the sum between its ends."""

    table: Array
    y: Array
    roots: Array
    fitted: npt.NDArray[np.bool_]
    degree: int

    def outer(self, theta: Array) -> tuple[Array, Array]:
        """Its values, and its slope in the sum."""
        total = self.table @ theta
        half = float(np.ptp(total)) / 2 or 1.0
        place = (total - (total.max() + total.min()) / 2) / half
        columns = chebyshev.chebvander(place, self.degree)
        weighted = (columns * self.roots[:, None])[self.fitted]
        numbers = np.linalg.lstsq(weighted, (self.y * self.roots)[self.fitted], rcond=None)[0]
        return columns @ numbers, chebyshev.chebval(place, chebyshev.chebder(numbers)) / half

    def minimised(self, theta: Array) -> Array | None:
        """From a start; None where that leads nowhere."""
        rest, slope = self._rest(theta)
        for _ in range(_STEPS):
            size = float(rest @ rest)
            step = self._step(theta, rest, slope)
            length = 1.0
            while length > _SHORTEST:
                again, other = self._rest(theta + length * step)
                if float(again @ again) < size:
                    break
                length /= 2
            else:
                break
            theta, rest, slope = theta + length * step, again, other
            unit = float(np.ptp(self.table @ theta)) / 2 or 1.0  # nothing else holds the sum's size
            theta, slope = theta / unit, slope * unit
            if float(rest @ rest) > (1 - _SMALL) * size:
                break
        return theta if np.isfinite(theta).all() else None

    def _rest(self, theta: Array) -> tuple[Array, Array]:
        values, slope = self.outer(theta)
        return ((self.y - values) * self.roots)[self.fitted], slope[self.fitted]

    def _step(self, theta: Array, rest: Array, slope: Array) -> Array:
        """The Gauss-Newton step, F following the parts (Kaufman 1975)."""
        total = (self.table @ theta)[self.fitted]
        roots = self.roots[self.fitted, None]
        place = (2 * total - total.max() - total.min()) / (np.ptp(total) or 1.0)
        outer = np.linalg.qr(chebyshev.chebvander(place, self.degree) * roots)[0]
        moves = slope[:, None] * self.table[self.fitted] * roots
        moves = moves - outer @ (outer.T @ moves)
        sizes = np.maximum(np.linalg.norm(moves, axis=0), 1e-300)
        found: Array = np.linalg.lstsq(moves / sizes, rest - outer @ (outer.T @ rest), rcond=1e-12)[0] / sizes
        return found


def _correlated(model: _Model) -> Array:
    """Where some function of the targets is most like the sum."""
    ranks = np.argsort(np.argsort(model.y)) / len(model.y) * 2 - 1
    curves = np.concatenate([chebyshev.chebvander(ranks, _RANKS)[:, 1:], model.y[:, None]], 1)
    rows = model.fitted
    weights = model.roots[rows, None]
    of_y = np.linalg.qr((curves[rows] - curves[rows].mean(0)) * weights)[0]
    of_x = np.linalg.qr((model.table[rows] - model.table[rows].mean(0)) * weights)[0]
    _, _, right = np.linalg.svd(of_y.T @ of_x, full_matrices=False)
    return _like(model, of_x @ right[0] / weights[:, 0])


def _like(model: _Model, total: Array) -> Array:
    """Coefficients of a sum like this one."""
    rows = model.fitted
    known = total[rows] if len(total) == len(rows) else total
    found: Array = np.linalg.lstsq(model.table[rows], known - known.mean(), rcond=1e-12)[0]
    return found
