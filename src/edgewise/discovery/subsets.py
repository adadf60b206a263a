"""Few of many columns whose weighted sum describes a target best: best subsets, grown with a beam.

Single columns and pairs are all compared; larger subsets grow from the best ones, and each also without one of its
members. What a subset costs is what the columns cost in bits and what their sum misses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .problem import Array

_BEAM = 24
_ALIKE = 1 - 1e-10
_SMALLEST = 1e-14  # of a target's square, what the normal equations resolve


@dataclass(frozen=True)
class Subset:
    """Some columns and their coefficients.

    Attributes:
        bits: What they cost and miss.
        places: Which columns.
        coefficients: Of each.
    """

    bits: float
    places: tuple[int, ...]
    coefficients: Array


def best_subsets(columns: Array, costs: Array, target: Array, largest: int, kept: int) -> list[Subset]:
    """The best subsets of each size, all in order of their bits.

    Args:
        columns: Shape (n, m); finite, none of them zero.
        costs: Bits of each with its coefficient, (m,).
        target: Shape (n,).
        largest: Most columns in a subset.
        kept: How many of each size are given back.

    Example:
        >>> columns = np.random.default_rng(0).standard_normal((50, 9))
        >>> best_subsets(columns, np.full(9, 10.0), columns[:, 2] - columns[:, 7], 3, 1)[0].places
        (2, 7)
    """
    search = _Normal(columns, costs, target)
    found: dict[tuple[int, ...], float] = {}
    beam = search.singles(_BEAM)
    for size in range(1, min(largest, len(costs)) + 1):
        if size == 2:
            beam = [*search.pairs(_BEAM), *search.grown(beam, _BEAM)]
        elif size > 2:
            beam = search.grown(beam, _BEAM)
            found |= dict(_without_one(search, beam))
        beam = sorted(set(beam))[:_BEAM]
        found |= {places: bits for bits, places in beam[:kept]}
        if not beam:
            break
    best = sorted(found.items(), key=lambda one: (one[1], one[0]))[: kept * largest]
    return [Subset(bits, places, search.coefficients(places)) for places, bits in best]


def _without_one(search: _Normal, beam: Iterable[_Bits]) -> Iterable[tuple[tuple[int, ...], float]]:
    for _, places in list(beam)[:3]:
        for out in places:
            rest = tuple(place for place in places if place != out)
            yield rest, search.bits(rest)


def explained_by_both(one: Array, other: Array, between: Array) -> Array:
    """Square of a target's part along both of two unit vectors, for each pair; no number where these are alike.

    Args:
        one: How the first ones lie along the target, (m,).
        other: How the second ones do, (k,).
        between: How the first ones lie along the second ones, (m, k).
    """
    with np.errstate(all="ignore"):
        return np.asarray(
            (one[:, None] ** 2 + other**2 - 2 * one[:, None] * other * between) / (1 - between**2)
        )


_Bits = tuple[float, tuple[int, ...]]


class _Normal:
    """Normal equations of all columns."""

    def __init__(self, columns: Array, costs: Array, target: Array) -> None:
        self._sizes = np.linalg.norm(columns, axis=0)
        unit = columns / self._sizes
        self._gram, self._along = unit.T @ unit, unit.T @ target
        self._square, self._count, self._costs = float(target @ target), len(target), costs

    def _of(self, left: Array) -> Array:
        """Bits of residuals' squares."""
        least = _SMALLEST * self._square
        return 0.5 * self._count * np.log2(np.maximum(left, least) / self._square)

    def singles(self, most: int) -> list[_Bits]:
        """The best single columns."""
        bits = self._of(self._square - self._along**2) + self._costs
        return [(float(bits[place]), (int(place),)) for place in np.argsort(bits, kind="stable")[:most]]

    def pairs(self, most: int) -> list[_Bits]:
        """The best pairs of all there are."""
        along, gram = self._along, self._gram
        explained = explained_by_both(along, along, gram)
        explained[gram**2 > _ALIKE] = -np.inf
        bits = self._of(self._square - explained) + self._costs[:, None] + self._costs[None]
        bits[np.tril_indices(len(bits))] = np.inf
        flat = bits.ravel()
        most = min(most, len(flat))
        best = np.argpartition(flat, most - 1)[:most]
        pairs = [(float(flat[one]), divmod(int(one), len(bits))) for one in best if np.isfinite(flat[one])]
        return sorted(pairs)

    def grown(self, beam: Iterable[_Bits], most: int) -> list[_Bits]:
        """Subsets with one column more each."""
        found: list[_Bits] = []
        for _, places in beam:
            used = list(places)
            inverse = np.linalg.pinv(self._gram[np.ix_(used, used)], hermitian=True)
            rows = self._gram[used]
            weights = inverse @ rows
            free = 1 - np.sum(rows * weights, 0)
            beyond = self._along - weights.T @ self._along[used]
            left = self._square - self._along[used] @ inverse @ self._along[used]
            with np.errstate(all="ignore"):
                bits = self._of(left - beyond**2 / free) + self._costs[used].sum() + self._costs
            bits[free < 1 - _ALIKE] = np.inf
            for place in np.argpartition(bits, min(most, len(bits)) - 1)[:most]:
                if np.isfinite(bits[place]):
                    found.append((float(bits[place]), tuple(sorted((*places, int(place))))))
        return sorted(found)

    def bits(self, places: tuple[int, ...]) -> float:
        """Of one subset."""
        used = list(places)
        along = self._along[used]
        left = self._square - along @ np.linalg.pinv(self._gram[np.ix_(used, used)], hermitian=True) @ along
        return float(self._of(np.array(left)) + self._costs[used].sum())

    def coefficients(self, places: tuple[int, ...]) -> npt.NDArray[np.float64]:
        """Of the columns as they were given."""
        used = list(places)
        found = np.linalg.lstsq(self._gram[np.ix_(used, used)], self._along[used], rcond=None)[0]
        return np.asarray(found / self._sizes[used])
