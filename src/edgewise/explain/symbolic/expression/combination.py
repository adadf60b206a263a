"""Weighted sums of sympy terms, whose numbers stay floats until they are written into an expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import sympy

from .numeric import Array


@dataclass(frozen=True)
class Constant:
    """A number that occurs in an expression: its value, and its share of the sum it stands in.

    A share of 1e-9 says that leaving the term out changes the sum by at most 1e-9 of its size on the data.
    """

    value: float
    share: float


@dataclass
class Constants:
    """The numbers of a formula under construction, each by the dummy symbol that stands for it."""

    known: dict[sympy.Dummy, Constant] = field(default_factory=dict)

    def symbol(self, value: float, share: float) -> sympy.Expr:
        """Give a new dummy for a number; 1 and -1 made by factoring out need none."""
        if value in (1.0, -1.0):
            return sympy.Integer(int(value))
        dummy = sympy.Dummy(f"k{len(self.known)}", real=True)
        self.known[dummy] = Constant(value, share)
        return dummy

    def used_in(self, expressions: Iterable[sympy.Expr]) -> Constants:
        """Those that occur in some expressions, in order."""
        used = set[sympy.Basic]().union(*(expression.free_symbols for expression in expressions))
        return Constants({dummy: constant for dummy, constant in self.known.items() if dummy in used})


@dataclass(frozen=True)
class Combination:
    """offset + sum of weight * term, with the values of each term on the data.

    Attributes:
        offset: The number added.
        weights: Weight of each term.
        values: Values of each term on the data (samples,).
        expanded: The terms that are powers or products of combinations, multiplied out.
    """

    offset: float
    weights: dict[sympy.Expr, float]
    values: dict[sympy.Expr, Array]
    expanded: dict[sympy.Expr, Combination] = field(default_factory=dict)

    @classmethod
    def of(cls, term: sympy.Expr, values: Array, weight: float = 1.0, offset: float = 0.0) -> Combination:
        """A combination of one term."""
        return cls(offset, {term: weight}, {term: values})

    def affine(self, scale: float, shift: float) -> Combination:
        """scale * self + shift."""
        weights = {term: scale * weight for term, weight in self.weights.items()}
        return Combination(scale * self.offset + shift, weights, self.values, self.expanded)

    def over(self, divisor: float) -> Combination:
        """self / divisor; a weight equal to the divisor becomes exactly 1."""
        weights = {term: weight / divisor for term, weight in self.weights.items()}
        return Combination(self.offset / divisor, weights, self.values, self.expanded)

    def plus(self, other: Combination) -> Combination:
        """self + other; equal terms are joined."""
        weights = dict(self.weights)
        for term, weight in other.weights.items():
            weights[term] = weights.get(term, 0.0) + weight
        values, expanded = {**self.values, **other.values}, {**self.expanded, **other.expanded}
        return Combination(self.offset + other.offset, weights, values, expanded)

    def with_expanded(self, term: sympy.Expr, expanded: Combination | None) -> Combination:
        """The combination that knows one of its terms multiplied out; itself where that is None."""
        if expanded is None:
            return self
        return Combination(self.offset, self.weights, self.values, {**self.expanded, term: expanded})

    @property
    def total(self) -> Array | float:
        """Values on the data; a number where there is no term."""
        return sum((weight * self.values[term] for term, weight in self.weights.items()), self.offset)

    @property
    def lead(self) -> float:
        """Weight of the term that is largest on the data, among those that are not 0."""
        present = [term for term, weight in self.weights.items() if weight != 0]
        return self.weights[max(present, key=self._size)]

    def _size(self, term: sympy.Expr) -> float:
        size = abs(self.weights[term]) * float(np.abs(self.values[term]).max())
        return size if np.isfinite(size) else 0.0

    def written(self, constants: Constants) -> sympy.Expr:
        """The combination as an expression in which a dummy stands for each number."""
        scale = float(np.abs(self.total).max())
        scale = scale if 0 < scale < np.inf else 1.0
        parts = [
            constants.symbol(weight, self._size(term) / scale) * term
            for term, weight in self.weights.items()
            if weight != 0
        ]
        if self.offset != 0 or not parts:
            parts.append(constants.symbol(self.offset, abs(self.offset) / scale))
        return sympy.Add(*parts)
