"""Sums of powers and products, multiplied out where that is shorter: (x + y)^2 - (x - y)^2 is 4 x y."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import sympy

from .combination import Combination, Constants
from .snapping import exact_numbers, is_negligible

_MOST_TERMS = 40  # of what is multiplied out
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
    count = 1
    for factor in factors:
        count *= len(factor.weights) + 1
    return reduce(_times, factors) if count <= _MOST_TERMS**2 else None


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


def shortened(node: Combination, constants: Constants, tolerance: float) -> Combination:
    """A sum with those powers and products multiplied out that make it shorter so.

    Terms that cancel to within the tolerance are left out. What is multiplied out together is what has terms in
    common. The length counts operations, symbols and numbers, those that are not exact threefold.

    Args:
        node: The sum.
        constants: The numbers that occur in its terms.
        tolerance: Largest share of the sum's deviation that may be left out.
    """
    for group in _groups(node):
        other = _expanded(node, group, tolerance)
        if _length(other, constants, tolerance) < _length(node, constants, tolerance):
            node = other
    return node


def _groups(node: Combination) -> list[set[sympy.Expr]]:
    """Terms that can be multiplied out, those with monomials in common together."""
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
    return [members for members, _ in groups]


def _expanded(node: Combination, group: set[sympy.Expr], tolerance: float) -> Combination:
    rest = {term: weight for term, weight in node.weights.items() if term not in group}
    result = Combination(node.offset, rest, node.values, node.expanded)
    new: set[sympy.Expr] = set()
    for term, weight in node.weights.items():
        if term in group:
            result = result.plus(node.expanded[term].affine(weight, 0.0))
            new |= set(node.expanded[term].weights)
    spread = float(np.std(node.total)) or 1.0

    def stays(term: sympy.Expr, weight: float) -> bool:
        share = float(np.abs(weight * result.values[term]).max()) / spread
        return term not in new or not is_negligible(share, tolerance)

    kept = {term: weight for term, weight in result.weights.items() if stays(term, weight)}
    return Combination(result.offset, kept, result.values, node.expanded)


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
