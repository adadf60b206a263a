"""Which columns enter as a sum of parts behind one unknown function, y = F(g(a) + h(b)), by slopes and curvatures.

There the mixed derivative of a column in one part and a column in another is f_ij = phi(y) f_i f_j, with one function
phi = F''/F'^2 for all such pairs: least squares say whether there is one. Samples need be nowhere but where they are.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import torch

from ..explain import across, loosest
from ..spline import basis, pad_knots
from .problem import Array, Problem
from .surrogate import Surrogate
from .symmetry import typical

_SURE, _LEAST, _LARGEST = 300.0, 1e-3, 0.3
_INTERVALS, _DEGREE = 8, 3
_PROPOSED = 3
_ROUGH, _FEW = 1e-2, 4
# Of the largest effect: times what the surrogate misses, and at most.
_IRRELEVANT, _MOST_IRRELEVANT = 5.0, 0.02


def outer_groups(problem: Problem, smooth: Surrogate) -> list[tuple[tuple[int, ...], ...]]:
    """Partitions of the columns into such parts, the surest first; columns that change nothing are in no part.

    Where slopes tell little, as behind a steep function, all partitions of few columns into two follow: a fit soon shows
    which of them it is not.

    Args:
        problem: Scaled samples.
        smooth: A smooth function through them.
    """
    terms = _Terms.of(problem, smooth)
    allowed = float(np.clip(_SURE * smooth.missed, _LEAST, _LARGEST))
    found: dict[tuple[tuple[int, ...], ...], float] = {}
    telling = terms.telling(float(np.clip(_IRRELEVANT * smooth.missed, 0.0, _MOST_IRRELEVANT)))
    for pair in combinations(telling, 2):
        missed = torch.from_numpy(terms.missed(terms.outer(pair))[np.ix_(telling, telling)])
        own = loosest(missed, allowed)
        groups = tuple(tuple(telling[place] for place in group) for group in own)
        found[groups] = min(found.get(groups, np.inf), across(missed, own))
    sure = [groups for groups, missed in found.items() if missed < _LARGEST]
    surest = sorted(sure, key=lambda groups: found[groups])[:_PROPOSED]
    if smooth.missed < _ROUGH or len(telling) > _FEW:
        return surest
    return surest + [groups for groups in _in_two(telling) if groups not in surest]


def _in_two(columns: list[int]) -> list[tuple[tuple[int, ...], ...]]:
    """All partitions of columns into two parts."""
    others = columns[1:]
    firsts = [(*columns[:1], *more) for size in range(len(others)) for more in combinations(others, size)]
    return [(first, tuple(place for place in others if place not in first)) for first in firsts]


class _Terms:
    """Mixed derivatives, products of slopes, and functions of the values that these may be times."""

    def __init__(self, mixed: Array, products: Array, curves: Array, effects: Array) -> None:
        self.mixed, self.products, self.curves, self.effects = mixed, products, curves, effects

    @classmethod
    def of(cls, problem: Problem, smooth: Surrogate) -> _Terms:
        x = problem.some.x
        slopes, values = smooth.slopes(x), smooth.values(x)
        with np.errstate(all="ignore"):
            size = values / slopes.values  # what all derivatives were divided by
        spread = np.where(problem.x.std(0) > 0, problem.x.std(0), 1.0)
        gradient, mixed = slopes.gradient * spread, slopes.hessian * spread[:, None] * spread
        products = size[:, None, None] * gradient[:, :, None] * gradient[:, None]
        fine = np.isfinite(size) & np.isfinite(products).all((1, 2)) & np.isfinite(mixed).all((1, 2))
        effects = np.array([typical(column) for column in gradient[fine].T])
        return cls(mixed[fine], products[fine], _curves(values[fine]), effects)

    def telling(self, share: float) -> list[int]:
        """Columns whose effects are more than such a share of the largest."""
        return np.flatnonzero(self.effects > share * self.effects.max(initial=0.0)).tolist()

    def outer(self, pair: tuple[int, int]) -> Array:
        """phi at the samples, by one pair of columns."""
        design = self.products[:, pair[0], pair[1]][:, None] * self.curves
        found: Array = self.curves @ np.linalg.lstsq(design, self.mixed[:, pair[0], pair[1]], rcond=1e-10)[0]
        return found

    def missed(self, outer: Array) -> Array:
        """How far each pair is from it, relative to the two columns' effects."""
        rest = self.mixed - outer[:, None, None] * self.products
        found = np.zeros((len(self.effects),) * 2)
        for i, j in combinations(range(len(found)), 2):
            effects = max(float(np.sqrt(self.effects[i] * self.effects[j])), 1e-300)
            found[i, j] = found[j, i] = typical(rest[:, i, j]) / effects
        return found


def _curves(values: Array) -> Array:
    """Splines of the values, with as many samples between any two knots."""
    ends = np.unique(np.quantile(values, np.linspace(0, 1, _INTERVALS + 1)))
    if len(ends) < 2:
        return np.ones((len(values), 1))
    knots = pad_knots(torch.from_numpy(ends)[None], _DEGREE)
    return basis(torch.from_numpy(values)[:, None], knots, _DEGREE)[:, 0].numpy()
