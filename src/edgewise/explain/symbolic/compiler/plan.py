"""What a formula computes as sums of functions of one variable and products: a network before it has levels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from ....functions import LIBRARY, POWERS, Function

Array = npt.NDArray[np.float64]

IDENTITY = LIBRARY["x"]
_LARGE = 2.0**20
_CANCELLED = 1000.0
_DEGREES: Mapping[str, float] = {
    **{f"x^{n}": n for n in range(2, 7)},
    **{f"1/x^{n}": -n for n in range(2, 6)},
    "1/x": -1,
    "sqrt": 0.5,
    "x^1.5": 1.5,
    "1/sqrt(x)": -0.5,
    "1/x^1.5": -1.5,
    "cbrt": 1 / 3,
    "abs": 1,
    "sgn": 0,
}
"""p of functions with f(s x) = s^p f(x) for s > 0."""


@dataclass(frozen=True)
class Term:
    """c f(a h + b) of a node's value h.

    Attributes:
        source: Number of the node.
        function: f.
        a: Scale of the argument.
        b: Shift of the argument.
        c: Weight.
    """

    source: int
    function: Function
    a: float = 1.0
    b: float = 0.0
    c: float = 1.0


@dataclass(frozen=True)
class Total:
    """A constant and terms that are added up.

    Attributes:
        constant: What is added to them.
        terms: At most one for each source, function and argument.
    """

    constant: float
    terms: tuple[Term, ...] = ()

    @classmethod
    def of(cls, constant: float, terms: Iterable[Term]) -> Total:
        """The same with like terms collected, and without those of weight 0."""
        found: dict[tuple[int, Function, float, float], float] = {}
        for term in terms:
            key = (term.source, term.function, term.a, term.b)
            found[key] = found.get(key, 0.0) + term.c
        return cls(constant, tuple(Term(*key, weight) for key, weight in found.items() if weight != 0))

    def scaled(self, factor: float) -> Total:
        """All of it times a number."""
        terms = (Term(term.source, term.function, term.a, term.b, factor * term.c) for term in self.terms)
        return Total.of(factor * self.constant, terms)

    @property
    def affine(self) -> tuple[int, float, float] | None:
        """(source, a, b) where the whole is a h + b."""
        if len(self.terms) == 1 and self.terms[0].function == IDENTITY:
            return self.terms[0].source, self.terms[0].c, self.constant
        return None


class Plan:
    """Nodes by number, the inputs first; equal nodes are one.

    Args:
        inputs: How many there are.
        samples: Values of the inputs (n, inputs), so that arguments of powers and logarithms can be brought to a size
            at which they are computed exactly; None for none.
    """

    def __init__(self, inputs: int, samples: Array | None = None) -> None:
        self.factors: list[tuple[Total, ...]] = [() for _ in range(inputs)]
        """Of each node: none for an input, one total for a sum, two or more for a product."""
        self.heights = [0] * inputs
        self._known: dict[tuple[Total, ...], int] = {}
        self._values = None if samples is None else list(samples.T)

    def node(self, *factors: Total) -> int:
        """Number of the node that adds up one total, or multiplies several."""
        parts = tuple(self.placed(factor) for factor in factors)
        if parts not in self._known:
            self._known[parts] = len(self.factors)
            self.factors.append(parts)
            self.heights.append(1 + max(self.height(part) for part in parts))
            if self._values is not None:
                self._values.append(np.prod([self._total(part) for part in parts], axis=0))
        return self._known[parts]

    def height(self, total: Total) -> int:
        """Level of the highest node that a total reads."""
        return max((self.heights[term.source] for term in total.terms), default=0)

    def placed(self, total: Total) -> Total:
        """The same total with one term a source: an edge holds one function, so others go by nodes of their own."""
        taken: set[int] = set()
        terms = []
        for term in total.terms:
            if term.source in taken:
                alone = self.node(Total(0.0, (Term(term.source, term.function, term.a, term.b),)))
                term = Term(alone, IDENTITY, c=term.c)
            taken.add(term.source)
            terms.append(term)
        return Total.of(total.constant, terms)

    def term(self, function: Function, source: int, a: float, b: float) -> Total:
        """f(a h + b), its argument of a size near 1 where samples show another."""
        scale = self._scale(source, a, b)
        degree = _degree(function)
        if scale == 1 or (degree is None and function.name != "log"):
            return Total(0.0, (Term(source, function, a, b),))
        if degree is None:
            return Total(math.log(scale), (Term(source, function, a / scale, b / scale),))
        factor = scale**degree if abs(degree * math.log10(scale)) < 250 else math.inf
        if not math.isfinite(factor):
            return Total(0.0, (Term(source, function, a, b),))
        return Total(0.0, (Term(source, function, a / scale, b / scale, factor),))

    def cancels(self, total: Total) -> bool:
        """Whether samples show a total that is small beside what it adds up."""
        if self._values is None or not total.terms:
            return False
        sizes = np.abs(total.constant) + sum(np.abs(self._total(Total(0.0, (term,)))) for term in total.terms)
        return bool((np.abs(self._total(total)) * _CANCELLED < sizes).any())

    def _scale(self, source: int, a: float, b: float) -> float:
        """A power of 4, whose roots are exact, near the arguments' size; 1 where they are neither large nor small."""
        if self._values is None:
            return 1.0
        sizes = np.abs(a * self._values[source] + b)
        sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
        if not len(sizes) or (sizes.min() > 1 / _LARGE and sizes.max() < _LARGE):
            return 1.0
        return 4.0 ** round(float(np.log2(sizes).mean()) / 2)

    def _total(self, total: Total) -> Array:
        assert self._values is not None
        value = np.full_like(self._values[0], total.constant)
        for term in total.terms:
            argument = torch.from_numpy(term.a * self._values[term.source] + term.b)
            value = value + term.c * term.function.fn(argument).numpy()
        return value


def _degree(function: Function) -> float | None:
    return function.numbers[0] if function.family is POWERS else _DEGREES.get(function.name)
