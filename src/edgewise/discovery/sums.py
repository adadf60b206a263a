"""Laws in noise: sums of few terms among thousands, for the targets or a change of them.

A term is a product of powers of columns, also times a function of an argument that has no constants of its own. Every
change of the targets is looked at with the weights that make errors count as they do in the targets' own units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sympy

from .arguments import Arguments
from .monomials import Exponents, monomial_form, monomial_values, monomials
from .problem import Array, Problem
from .proposal import Proposal, combined
from .subsets import Subset, best_subsets
from .transforms import Changed, Transform

_COEFFICIENT = 12.0
_LOW = 0.1  # of a level that may be far too high
_MOST, _BESIDE, _MOST_TIMES, _LARGEST, _KEPT, _PROPOSED = 1200, 300, 2000, 5, 24, 24


@dataclass(frozen=True)
class Terms:
    """What sums are made of.

    Attributes:
        values: Shape (n, terms).
        costs: Bits of each, with its coefficient, (terms,).
        form: The expression of one, by its place.
        kinds: A number for each, (terms,): the same for terms that differ in constants alone, which a fit makes one.
    """

    values: Array
    costs: Array
    form: Callable[[int], sympy.Expr]
    kinds: npt.NDArray[np.int64]

    def plus(self, other: Terms) -> Terms:
        """Those of both."""
        count = len(self.costs)

        def form(place: int) -> sympy.Expr:
            return self.form(place) if place < count else other.form(place - count)

        return Terms(
            np.concatenate([self.values, other.values], 1),
            np.concatenate([self.costs, other.costs]),
            form,
            np.concatenate([self.kinds, other.kinds + self.kinds.max(initial=-1) + 1]),
        )


def terms(problem: Problem, functions: Arguments | None = None) -> Terms:
    """Products of powers of columns, times 1 or one of some functions; the simplest ones, so many."""
    exponents = _exponents(problem.x.shape[1])
    if functions is None or not len(functions):
        found = _products(problem, exponents[:_MOST])
    else:
        found = _products(problem, exponents[:_BESIDE]).plus(_times(problem, functions))
    fine = np.isfinite(found.values).all(0) & (found.values != 0).any(0)
    places = np.flatnonzero(fine)
    return Terms(
        found.values[:, fine],
        found.costs[fine],
        lambda place: found.form(int(places[place])),
        found.kinds[fine],
    )


def sums(
    problem: Problem,
    of: Terms,
    level: float,
    near: Array | None = None,
    largest: int = _LARGEST,
    changes: Sequence[str] | None = None,
) -> Iterator[Proposal]:
    """The best sums of up to so many terms.

    Args:
        problem: Samples, those that the terms have values at.
        of: What the sums are made of.
        level: Deviation of the noise, or more than it, in units of the targets, weighted as they are.
        near: What the targets may be without noise (n,), where something is known of that.
        largest: Most terms.
        changes: Names of the changes of the targets that are looked at; all if None.
    """

    def chosen(found: Sequence[Changed]) -> list[Changed]:
        return [one for one in found if changes is None or one.by.name in changes]

    first = [*Changed.all(problem, level, near), *Changed.all(problem, _LOW * level)[1:]]
    found = _looked(problem, of, chosen(first), largest)
    if found:
        level = min(level, found[0].missed * problem.spread)
        again = Changed.all(problem, level, found[0].values)[1:]
        found = sorted([*found, *_looked(problem, of, chosen(again), largest)], key=lambda one: one.bits)
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for one in found:
        key = one.by.name, tuple(sorted(of.kinds[list(one.subset.places)].tolist()))
        if key not in seen and len(seen) < _PROPOSED:
            seen.add(key)
            inner = combined(one.subset.coefficients, map(of.form, one.subset.places))
            yield Proposal(one.by.back(inner), one.missed, "sums")


@dataclass(frozen=True)
class _Sum:
    bits: float
    by: Transform
    subset: Subset
    values: Array
    missed: float


def _looked(problem: Problem, of: Terms, changes: Sequence[Changed], largest: int) -> list[_Sum]:
    """The best sums for several changes, in the order of what they cost and miss in the targets' own units."""
    found = []
    for changed in changes:
        columns = of.values[changed.rows] * changed.weights[:, None]
        places = np.flatnonzero((columns != 0).any(0) & np.isfinite(columns).all(0))
        target = changed.targets * changed.weights
        for one in best_subsets(columns[:, places], of.costs[places], target, largest, _KEPT):
            used = places[list(one.places)]
            with np.errstate(all="ignore"):
                values = changed.by.undo(of.values[:, used] @ one.coefficients)
                values = np.where(np.isfinite(values), values, problem.y.mean())
                rest = problem.roots * (problem.y - values)
                missed = float(np.sqrt(np.mean(rest**2))) / problem.spread
            if np.isfinite(missed):
                bits = len(problem.y) * np.log2(max(missed, 1e-13)) + of.costs[used].sum()
                own = Subset(one.bits, tuple(used.tolist()), one.coefficients)
                found.append(_Sum(float(bits), changed.by, own, values, missed))
    return sorted(found, key=lambda one: one.bits)


def _exponents(columns: int) -> Sequence[Exponents]:
    few: tuple[float, ...] = (1, -1, 2)
    if columns > 6:
        powers, most_columns, degree = few, 3, 3.0
    else:
        powers, most_columns = (*few, -2, 3, -3, 4, -4, 0.5, -0.5), min(columns, 5)
        degree = 6.0 if columns < 5 else 4.0
    return (tuple([0.0] * columns), *monomials(columns, powers, most_columns, degree))


def _products(problem: Problem, exponents: Sequence[Exponents]) -> Terms:
    return Terms(
        monomial_values(problem.x, exponents),
        np.array([_bits(one) for one in exponents]),
        lambda place: monomial_form(problem.symbols, exponents[place]),
        np.arange(len(exponents)),
    )


def _times(problem: Problem, functions: Arguments) -> Terms:
    columns = problem.x.shape[1]
    few = (tuple([0.0] * columns), *monomials(columns, (1, -1, 2, 0.5), min(columns, 4), 4))
    products = _products(problem, few[: max(1, _MOST_TIMES // len(functions))])
    values = products.values[:, :, None] * functions.values[:, None, :]
    costs = products.costs[:, None] + np.array([3.0 * sympy.count_ops(f) for f in functions.forms])[None]
    return Terms(
        values.reshape(len(values), -1),
        costs.ravel(),
        lambda place: products.form(place // len(functions)) * functions.forms[place % len(functions)],
        np.arange(costs.size),
    )


def _bits(exponents: Exponents) -> float:
    """Of a product of powers with its coefficient."""
    return _COEFFICIENT + sum(
        3.0 + (0 if p == 1 else 3.0 + np.log2(abs(p) + 1) + (2.0 if p % 1 else 0)) for p in exponents if p
    )
