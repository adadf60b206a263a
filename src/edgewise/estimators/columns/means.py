"""Many levels as numbers: the target's mean over each level, drawn to the overall mean by how few rows it has.

A training row must not find its own target in its own code: rows are divided into folds, and the codes of each fold
come from the others. How much a mean is drawn to the overall one goes by the spread within and between levels. Means
are adjusted for the other columns, so that a level is not given what they explain: a linear regression on these and the
levels' means take turns, each on what the others leave.

Source: Micci-Barreca 2001, "A preprocessing scheme for high-cardinality categorical attributes"; the variance between
levels by the method of moments, DerSimonian and Laird 1986, "Meta-analysis in clinical trials".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_FOLDS = 5
_BEYOND_CHANCE = 2.0
"""The spread between levels counts where it is so many of its deviations larger than chance makes it."""

_MOST_TURNS = 30
_SETTLED = 1e-3
"""Turns end where means change by less than this share of the targets' deviation."""

_ROWS_A_COLUMN = 10
"""With fewer rows for each other column the regression would learn the targets by heart, and is left out."""

_ROWS_FOR_REGRESSION = 20_000
_STEPS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))
"""Odd multipliers of two hashes of 64 bits; rows that are taken for equal are so."""


@dataclass(frozen=True)
class LevelMeans:
    """What the levels of a column say of the targets.

    Attributes:
        means: Shape (levels, targets).
        overall: Shape (targets,).
        training: What each training row is given, shape (n, targets).
        says_something: Whether any target differs between levels beyond chance.
    """

    means: np.ndarray
    overall: np.ndarray
    training: np.ndarray
    says_something: bool


def level_means(
    places: np.ndarray, targets: np.ndarray, weights: np.ndarray, folds: np.ndarray
) -> LevelMeans:
    """Means of targets over levels, for other tables and, from other folds, for the training rows.

    Args:
        places: Number of each row's level, shape (n,).
        targets: Shape (n, targets).
        weights: Shape (n,); a weight of 2 says the same as two rows.
        folds: Number of each row's fold, shape (n,).

    Example:
        >>> places, targets = np.array([0, 0, 1, 1] * 10), np.array([[1.0], [1.0], [3.0], [3.0]] * 10)
        >>> level_means(places, targets, np.ones(40), np.arange(40) % 5).means.tolist()
        [[1.0], [3.0]]
    """
    weights = weights * max(1.0, len(weights) / weights.sum())  # weights below 1 are no fractions of rows
    count = int(places.max()) + 1
    rows, sums = _totals(places, targets, weights, count)
    overall = sums.sum(0) / rows.sum()
    within, between = _variances(places, targets, weights, rows, sums)
    training = np.empty(targets.shape)
    for fold in range(int(folds.max()) + 1):
        part = folds == fold
        some_rows, some_sums = _totals(places[part], targets[part], weights[part], count)
        known = _drawn(rows - some_rows, sums - some_sums, overall, within, between)
        training[part] = known[places[part]]
    means = _drawn(rows, sums, overall, within, between)
    return LevelMeans(means, overall, training, bool((between > 0).any()))


def adjusted_means(
    places: Sequence[np.ndarray],
    others: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    folds: np.ndarray,
) -> list[LevelMeans]:
    """Means of targets over the levels of several columns, each adjusted for the others and for further columns.

    Args:
        places: For each column the number of each row's level, shape (n,).
        others: The further columns, shape (n, columns).
        targets: Shape (n, targets).
        weights: Shape (n,).
        folds: Number of each row's fold, shape (n,).

    Example:
        >>> place, other = np.arange(60) % 3, np.arange(60.0) % 7
        >>> (found,) = adjusted_means(
        ...     [place], other[:, None], (place + 2 * other)[:, None], np.ones(60), np.arange(60) % 5
        ... )
        >>> np.diff(found.means[:, 0]).round(2).tolist()
        [1.0, 1.0]
    """
    regress = _Regression(others, weights)
    effects = np.zeros((len(places), *targets.shape))
    left = targets - np.average(targets, axis=0, weights=weights)
    explained, least = (
        np.zeros(targets.shape),
        _SETTLED * np.sqrt(np.average(left**2, axis=0, weights=weights)),
    )
    for _ in range(_MOST_TURNS if regress.is_there or len(places) > 1 else 0):
        before = effects.copy()
        explained = regress.fitted(left - effects.sum(0))
        for number, place in enumerate(places):
            rest = effects.sum(0) - effects[number]
            effects[number] = _means(place, left - explained - rest, weights)[place]
        if (np.sqrt(np.square(effects - before).mean(1)) <= least).all():
            break
    return [
        level_means(place, targets - explained - effects.sum(0) + effects[number], weights, folds)
        for number, place in enumerate(places)
    ]


def _means(places: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Means over levels, drawn to the overall one, less that one."""
    rows, sums = _totals(places, targets, weights, int(places.max()) + 1)
    overall = sums.sum(0) / rows.sum()
    return _drawn(rows, sums, overall, *_variances(places, targets, weights, rows, sums)) - overall


class _Regression:
    """Linear regression on columns, which is done again and again; nothing where rows are few."""

    def __init__(self, columns: np.ndarray, weights: np.ndarray) -> None:
        step = -(-len(columns) // _ROWS_FOR_REGRESSION)
        self._rows = np.random.default_rng(0).permutation(len(columns))[::step]
        part, share = columns[self._rows], weights[self._rows] / weights[self._rows].sum()
        center = share @ part
        spread = np.sqrt(share @ (part - center) ** 2)
        varies = spread > 1e-9 * np.abs(part).max(0, initial=1e-300)
        self.is_there = 0 < varies.sum() * _ROWS_A_COLUMN <= len(columns)
        if not self.is_there:
            return
        self._scale = np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
        self._columns, self._center = columns, center
        scaled = (part - center) * self._scale
        self._weighted = scaled.T * share
        gram = self._weighted @ scaled
        self._gram = gram + 1e-6 * np.eye(len(gram))

    def fitted(self, targets: np.ndarray) -> np.ndarray:
        """What the columns explain, shape (n, targets)."""
        if not self.is_there:
            return np.zeros(targets.shape)
        slopes = np.linalg.solve(self._gram, self._weighted @ targets[self._rows]) * self._scale[:, None]
        return self._columns @ slopes - self._center @ slopes


def folds_of(tables: Sequence[np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different rows of tables side by side in a fixed order, which row each one is, and a fold for each different one.

    Equal rows share a fold, and the order of the rows changes nothing.

    Args:
        tables: Numbers that tell rows apart, each of shape (n, columns).
        seed: Of the folds.

    Returns:
        Numbers of the first rows of their kind, for each row the place of its kind, and for each kind its fold.

    Example:
        >>> first, kinds, folds = folds_of([np.array([[2.0], [1.0], [2.0]])], seed=0)
        >>> first.tolist(), kinds.tolist()
        ([0, 1], [0, 1, 0])
    """
    keys = [_hashes(tables, step) for step in _STEPS]
    order = np.lexsort(keys)
    starts = np.ones(len(order), dtype=bool)
    for key in keys:
        starts[1:] &= key[order[1:]] == key[order[:-1]]
    starts[1:] = ~starts[1:]
    kinds = np.empty(len(order), dtype=np.intp)
    kinds[order] = np.cumsum(starts) - 1
    first = order[starts]
    folds = np.random.default_rng(seed).permutation(len(first)) % _FOLDS
    return first, kinds, folds


def _hashes(tables: Sequence[np.ndarray], step: np.uint64) -> np.ndarray:
    """A number for each row that other rows do not have: sorting two of them is quicker than sorting rows."""
    found = np.zeros(len(tables[0]), dtype=np.uint64)
    for column in (column for table in tables for column in table.T):
        bits = np.ascontiguousarray(column + 0.0).view(np.uint64)
        found = (found ^ bits) * step
        found ^= found >> np.uint64(29)
    return found


def _totals(
    places: np.ndarray, targets: np.ndarray, weights: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.bincount(places, weights, minlength=count)
    each = [np.bincount(places, weights * target, minlength=count) for target in targets.T]
    return rows, np.stack(each, axis=1)


def _variances(
    places: np.ndarray, targets: np.ndarray, weights: np.ndarray, rows: np.ndarray, sums: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of each target within levels and between them; the latter 0 where chance alone could make it."""
    total, used = rows.sum(), rows > 0
    levels, nothing = int(used.sum()), np.zeros(targets.shape[1])
    free = total - levels
    if levels < 2 or free <= 0:
        return np.ones_like(nothing), nothing
    means = sums / np.maximum(rows, np.finfo(float).tiny)[:, None]
    within = (weights[:, None] * (targets - means[places]) ** 2).sum(0) / free
    spread = (rows[:, None] * (means - sums.sum(0) / total) ** 2)[used].sum(0) / (levels - 1)
    beyond = spread - within
    chance = _BEYOND_CHANCE * within * np.sqrt(2 / (levels - 1) + 2 / free)
    size = (total - (rows**2).sum() / total) / (levels - 1)
    return within, np.where(beyond > chance, beyond / size, 0.0)


def _drawn(
    rows: np.ndarray, sums: np.ndarray, overall: np.ndarray, within: np.ndarray, between: np.ndarray
) -> np.ndarray:
    """Means over levels, drawn to the overall ones."""
    rows = np.maximum(rows, 0.0)[:, None]
    trust = rows * between / np.maximum(rows * between + within, np.finfo(float).tiny)
    means = np.where(rows > 1e-9, sums / np.maximum(rows, 1e-9), overall)
    return overall + np.where(rows > 1e-9, trust, 0.0) * (means - overall)
