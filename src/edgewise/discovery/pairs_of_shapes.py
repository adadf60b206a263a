"""Laws that are a constant and one or two shapes, for the targets or a change of them.

On a grid of constants the right pair of kinds need not be the best one: the best place of every pair of kinds is a
start, and a joint fit of the constants decides among them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .problem import Array, Problem
from .proposal import Proposal, combined
from .subsets import explained_by_both
from .sums import Terms
from .transforms import Changed

_MOST = 160
_LEAST = 1e-13
_SMALLEST = 1e-9  # of a shape's square, what is left of it beside the constant or another


def pairs_of_shapes(problem: Problem, of: Terms, level: float) -> Iterator[Proposal]:
    """A constant and the best of each kind, or pair of kinds: of those that miss least the simplest ones first.

    Args:
        problem: Samples, those that the shapes have values at.
        of: The shapes; the first is 1.
        level: Deviation of the noise, or more than it, in units of the targets, weighted as they are.
    """
    found: list[tuple[float, float, Changed, tuple[int, ...]]] = []
    for changed in Changed.all(problem, level):
        for missed, places in _best_of_kinds(of, changed):
            cost = float(of.costs[list(places)].sum())
            bits = len(changed.targets) * math.log2(max(missed, _LEAST * problem.spread)) + cost
            found.append((bits, cost, changed, places))
    found = sorted(found, key=lambda one: one[0])[:_MOST]
    for _, _, changed, places in sorted(found, key=lambda one: one[1]):
        used = [0, *places]
        weighted = of.values[changed.rows][:, used] * changed.weights[:, None]
        numbers = np.linalg.lstsq(weighted, changed.targets * changed.weights, rcond=None)[0]
        inner = combined(numbers, map(of.form, used))
        rest = weighted @ numbers - changed.targets * changed.weights
        missed = float(np.sqrt(np.mean(rest**2))) / problem.spread
        yield Proposal(changed.by.back(inner), missed, "sums")


def _best_of_kinds(of: Terms, changed: Changed) -> Iterator[tuple[float, tuple[int, ...]]]:
    """What the best of each kind and pair of kinds misses beside 1, in units of the targets, and where it is."""
    free, along, left, places = _beside_one(of, changed)
    count = len(changed.targets)
    kinds = of.kinds[places]
    order = np.argsort(kinds, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(kinds[order])) + 1)
    for first, one in enumerate(groups):
        at = one[np.argmax(along[one] ** 2)]
        yield _missed(left - along[at] ** 2, count), (int(places[at]),)
        for other in groups[first:]:
            between = free[:, one].T @ free[:, other]
            explained = explained_by_both(along[one], along[other], between)
            explained[~(1 - between**2 > _SMALLEST)] = -np.inf
            row, column = divmod(int(explained.argmax()), len(other))
            if np.isfinite(explained[row, column]):
                pair = int(places[one[row]]), int(places[other[column]])
                yield _missed(left - explained[row, column], count), pair


def _beside_one(of: Terms, changed: Changed) -> tuple[Array, Array, float, npt.NDArray[np.int64]]:
    """Shapes without their share of 1, of length 1; how they lie along the target; its square; which they are."""
    weighted = of.values[changed.rows] * changed.weights[:, None]
    one = changed.weights / np.linalg.norm(changed.weights)
    target = changed.targets * changed.weights
    target = target - one * (one @ target)
    free = weighted - one[:, None] * (one @ weighted)
    sizes = np.linalg.norm(free, axis=0)
    places = np.flatnonzero(np.isfinite(sizes) & (sizes**2 > _SMALLEST * np.sum(weighted**2, 0)))
    free = free[:, places] / sizes[places]
    return free, free.T @ target, float(target @ target), places


def _missed(square: float, count: int) -> float:
    return float(np.sqrt(max(square, 0.0) / count))
