"""Sums of powers and products, multiplied out where that is shorter: (x + y)^2 - (x - y)^2 is 4 x y."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy

from .combination import Combination, Constants
from .numeric import Array
from .snapping import exact_numbers, is_negligible

_MOST_TERMS = 40  # of what is multiplied out
_MOST_STOOD_IN_FOR = 10.0  # size, in tolerances, of a term for which others may stand in
_ROUNDING = 1e-9  # share of a sum of what has cancelled
_FLOAT_LENGTH = 3  # what a number that is not exact counts for, in operations and symbols


def multiplied(factors: Sequence[Combination]) -> Combination | None:
    """A product multiplied out; None where that has too many terms.

    Example:
        >>> import numpy as np
        >>> x, values = sympy.Symbol("x"), np.array([1.0, 2.0])
        >>> square = multiplied([Combination.of(x, values, offset=1.0)] * 2)
        >>> square.offset, square.weights[x], square.weights[x**2]
        (1.0, 2.0, 1.0)
    """
    result = Combination(1.0, {}, {})
    for factor in factors:
        result = _times(result, _flat(factor))
        if len(result.weights) > _MOST_TERMS:
            return None
    return result


def _flat(node: Combination) -> Combination:
    """A sum with all its powers and products multiplied out."""
    for term in [term for term in node.weights if term in node.expanded]:
        weights = {other: weight for other, weight in node.weights.items() if other != term}
        rest = Combination(node.offset, weights, node.values, node.expanded)
        node = rest.plus(node.expanded[term].affine(node.weights[term], 0.0))
    return node


def _times(first: Combination, second: Combination) -> Combination:
    result = second.affine(first.offset, 0.0)
    for term, weight in first.weights.items():
        by_term = Combination(
            0.0,
            {term * other: weight * w for other, w in second.weights.items()},
            {term * other: first.values[term] * second.values[other] for other in second.weights},
        )
        result = result.plus(by_term)
        result = result.plus(Combination.of(term, first.values[term], weight * second.offset))
    return _without_numbers(result)


def _without_numbers(node: Combination) -> Combination:
    """Terms that have become numbers, such as exp(x) exp(-x), as part of the offset."""
    numbers = [term for term in node.weights if term.is_number]
    weights = {term: weight for term, weight in node.weights.items() if term not in numbers}
    offset = node.offset + sum(node.weights[term] * float(term) for term in numbers)
    return Combination(offset, weights, node.values, node.expanded)


def shortened(node: Combination, constants: Constants, tolerance: float, unknown: float = 0.0) -> Combination:
    """A sum with those powers and products multiplied out that make it shorter so.

    Terms that cancel, or that the others can stand in for, to within the tolerance are left out. What is multiplied
    out together is what has terms in common. The length counts operations, symbols and numbers, those that are not exact threefold.

    Args:
        node: The sum.
        constants: The numbers that occur in its terms.
        tolerance: Largest share of the sum's deviation that may be left out, and to which numbers are exact.
        unknown: A larger share that may be left out, as no one can tell.
    """
    for group in _groups(node) if np.isfinite(node.total).all() else ():
        other = _expanded(node, group, max(tolerance, unknown))
        if _length(other, constants, tolerance) < _length(node, constants, tolerance):
            node = other
    return node


def _groups(node: Combination) -> list[set[sympy.Expr]]:
    """Terms that can be multiplied out, those with monomials in common together, unless these are too many."""
    groups: list[tuple[set[sympy.Expr], set[sympy.Expr]]] = []
    for term in node.weights:
        if term not in node.expanded:
            continue
        members, monomials = {term}, set(node.expanded[term].weights)
        apart = []
        for others, theirs in groups:
            if theirs & monomials:
                members, monomials = members | others, monomials | theirs
            else:
                apart.append((others, theirs))
        groups = [*apart, (members, monomials)]
    return [members for members, monomials in groups if len(monomials) <= _MOST_TERMS]


def _expanded(node: Combination, group: set[sympy.Expr], tolerance: float) -> Combination:
    rest = {term: weight for term, weight in node.weights.items() if term not in group}
    result = Combination(node.offset, rest, node.values, node.expanded)
    new: set[sympy.Expr] = set()
    for term, weight in node.weights.items():
        if term in group:
            result = result.plus(node.expanded[term].affine(weight, 0.0))
            new |= set(node.expanded[term].weights)
    return _thinned(result, [term for term in result.weights if term in new], tolerance)


def _thinned(node: Combination, terms: list[sympy.Expr], tolerance: float) -> Combination:
    """A sum without those of some terms that the others stand in for to the tolerance, the smallest first."""
    total = np.asarray(node.total)
    spread = float(np.std(total)) or 1.0
    sizes = {term: float(np.abs(node.weights[term] * node.values[term]).max()) / spread for term in terms}
    kept = node
    for term in sorted(terms, key=lambda term: sizes[term]):
        if not is_negligible(sizes[term] / _MOST_STOOD_IN_FOR, tolerance):
            break
        weights = {other: weight for other, weight in kept.weights.items() if other != term}
        trial = Combination(kept.offset, weights, kept.values, kept.expanded)
        if sizes[term] > _ROUNDING:
            trial = _refitted(trial, [other for other in terms if other in weights], total)
        if float(np.abs(trial.total - total).max()) <= tolerance * spread:
            kept = trial
    return kept


def _refitted(node: Combination, terms: list[sympy.Expr], total: Array) -> Combination:
    """A sum whose offset and weights of some terms bring it nearest to given values."""
    columns = np.stack([np.ones_like(total), *(node.values[term] for term in terms)], axis=1)
    sizes = np.maximum(np.abs(columns).max(0), np.finfo(np.float64).tiny)
    change = np.linalg.lstsq(columns / sizes, total - node.total, rcond=1e-10)[0] / sizes
    weights = {
        **node.weights,
        **{t: node.weights[t] + d for t, d in zip(terms, change[1:].tolist(), strict=True)},
    }
    return Combination(node.offset + float(change[0]), weights, node.values, node.expanded)


def _length(node: Combination, constants: Constants, tolerance: float) -> int:
    """Operations, symbols and numbers of a sum as it would be written after its numbers are made exact."""
    scratch = Constants(dict(constants.known))
    expression = node.written(scratch)
    simple = {}
    for dummy in expression.atoms(sympy.Dummy) & set(scratch.known):
        constant = scratch.known[dummy]
        negligible = is_negligible(constant.share, tolerance)
        exact = [sympy.Integer(0)] if negligible else exact_numbers(constant.value, tolerance)
        if exact:
            simple[dummy] = exact[0]
    left = expression.xreplace(simple)
    parts = sympy.preorder_traversal(left)
    return sum(_FLOAT_LENGTH if part in scratch.known or part.is_Float else 1 for part in parts)
