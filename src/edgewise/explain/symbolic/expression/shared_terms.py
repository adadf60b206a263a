"""Terms that are the same but for their last digits, written once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import sympy

from .combination import Combination, Constant, Constants
from .numeric import Array

_NUMBER = sympy.Dummy("number", real=True)
_LARGEST_CHANGE = 0.1  # of a constant in a term that is taken for another


@dataclass
class SharedTerms:
    """The terms met so far, of which a later one may turn out to be a repetition.

    Two terms are the same if they have one form, their constants are near, and their values on the data agree to
    the tolerance: sin(2.0001 x) and sin(2 x), but never x and x^2, whatever the data.

    Attributes:
        constants: The numbers in the terms.
        tolerance: Largest difference, as a share of the term's own deviation.
    """

    constants: Constants
    tolerance: float
    met: dict[sympy.Expr, list[tuple[sympy.Expr, Array]]] = field(default_factory=dict)

    def unified(self, value: Combination) -> Combination:
        """The combination with an earlier term in place of its only one, where they are the same."""
        if len(value.weights) != 1 or not self.tolerance:
            return value
        ((term, weight),) = value.weights.items()
        alike = self.met.setdefault(self._form(term), [])
        for other, values in alike:
            if self._same(term, value.values[term], other, values):
                if other == term:
                    return value
                shared = Combination.of(other, values, weight, value.offset)
                expanded = value.expanded.get(term)
                return replace(shared, expanded={other: expanded} if expanded else {})
        alike.append((term, value.values[term]))
        return value

    def _form(self, term: sympy.Expr) -> sympy.Expr:
        return term.xreplace(dict.fromkeys(self._numbers(term), _NUMBER))

    def _numbers(self, term: sympy.Expr) -> list[sympy.Dummy]:
        return [part for part in sympy.preorder_traversal(term) if part in self.constants.known]

    def _same(self, term: sympy.Expr, values: Array, other: sympy.Expr, others: Array) -> bool:
        gap, spread = float(np.abs(values - others).max()), float(np.std(others))
        if not gap <= self.tolerance * spread:
            return False
        known = self.constants.known
        own, theirs = ([known[number] for number in self._numbers(t)] for t in (term, other))
        return len(own) == len(theirs) and all(_near(a, b) for a, b in zip(own, theirs, strict=True))


def _near(first: Constant, second: Constant) -> bool:
    """Whether two numbers are near, or both hardly count."""
    largest = max(abs(first.value), abs(second.value))
    near = abs(first.value - second.value) <= _LARGEST_CHANGE * largest
    return near or max(first.share, second.share) <= _LARGEST_CHANGE
