"""Laws that are a constant and a changed polynomial: y = c + T(p(u)), with T an exponential, an inverse, a root or a square.

The constant lies beyond the targets, at one of many distances; at each the polynomial is a linear fit, with weights that
make errors count as they do in the targets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import sympy

from .monomials import Exponents, monomial_form, monomial_values, polynomial_exponents
from .problem import Array, Problem
from .proposal import Proposal, combined
from .relations import sparse
from .transforms import Transform, transforms

_CHANGES = ("log(y)", "1/y", "y^2", "sqrt(y)")
_MOST_TERMS = 30
_DISTANCES = np.geomspace(1e-6, 1e2, 60)  # in widths of the targets
_VALLEYS, _FINER, _HALVES = 3, 9, 12
_SAFE = 6.0  # noises that a target must be away from the constant
_FEWEST = 0.7  # share of the samples that must be


def beyond_constant(problem: Problem, level: float) -> Iterator[Proposal]:
    """The best of each change on each side of the targets, those that miss least first.

    Args:
        problem: Samples.
        level: Deviation of the noise, or more than it, in units of the targets, weighted as they are.
    """
    columns = problem.x.shape[1]
    degrees = [d for d in (1, 2, 3, 4) if math.comb(columns + d, d) <= min(_MOST_TERMS, len(problem.y) // 2)]
    for degree in dict.fromkeys([*degrees[:2], *degrees[-1:]]):  # the fewest terms that may do come first
        yield from _of_degree(problem, polynomial_exponents(columns, degree), level)


def _of_degree(problem: Problem, exponents: Sequence[Exponents], level: float) -> Iterator[Proposal]:
    values = monomial_values(problem.x, exponents)
    width = float(np.ptp(problem.y))
    found = []
    for side in (1.0, -1.0) if width > 0 else ():
        above = side * problem.y
        positive = replace(problem, y=above - above.min() + width, y_scale=1.0)
        for change in transforms(positive):
            if change.name in _CHANGES:
                trial = _Trial(problem, values, change, above, level)
                found.append((*trial.best(above.min() - width * _DISTANCES), side, trial))
    for missed, constant, side, trial in sorted(found, key=lambda one: one[0]):
        if np.isfinite(missed):
            rows, target, weights = trial.at(constant)
            allowed = max(problem.tolerance * problem.spread, level)
            coefficients = sparse(values[rows], target, weights, allowed)
            inner = combined(coefficients, (monomial_form(problem.symbols, one) for one in exponents))
            form = sympy.Float(side * constant) + side * trial.change.back(inner)
            yield Proposal(form, missed / problem.spread, "polynomials")


@dataclass(frozen=True)
class _Trial:
    """One change of targets beyond a constant.

    Attributes:
        problem: The samples.
        values: Monomials (n, terms).
        change: Of what targets are beyond the constant.
        above: Targets (n,), their negatives where the constant is above them.
        level: Deviation of the noise.
    """

    problem: Problem
    values: Array
    change: Transform
    above: Array
    level: float

    def at(self, constant: float) -> tuple[npt.NDArray[np.bool_], Array, Array]:
        """Which samples are safely beyond, their changed targets, and the weights of those."""
        beyond = self.above - constant
        rows = beyond * self.problem.roots > _SAFE * self.level
        with np.errstate(all="ignore"):
            return (
                rows,
                self.change.there(beyond[rows]),
                self.problem.roots[rows] / np.abs(self.change.slope(beyond[rows])),
            )

    def missed(self, constant: float) -> float:
        """What a polynomial leaves, in units of the targets."""
        rows, target, weights = self.at(constant)
        if rows.mean() < _FEWEST or not (np.isfinite(target) & np.isfinite(weights)).all():
            return np.inf
        base = np.linalg.qr(self.values[rows] * weights[:, None])[0]
        right = target * weights
        return float(np.sqrt(np.mean((right - base @ (base.T @ right)) ** 2)))

    def best(self, constants: Array) -> tuple[float, float]:
        """What the best constant leaves, and which it is: the lowest valleys among these are searched more finely."""
        missed = np.array([self.missed(constant) for constant in constants.tolist()])
        padded = np.concatenate([[np.inf], missed, [np.inf]])
        valleys = np.flatnonzero((missed <= padded[:-2]) & (missed <= padded[2:]) & np.isfinite(missed))
        lowest = valleys[np.argsort(missed[valleys], kind="stable")][:_VALLEYS]
        return min((self._finer(constants, place) for place in lowest.tolist()), default=(np.inf, 0.0))

    def _finer(self, constants: Array, place: int) -> tuple[float, float]:
        for _ in range(_HALVES):
            near = constants[[max(place - 1, 0), min(place + 1, len(constants) - 1)]]
            constants = np.linspace(near[0], near[1], _FINER)
            missed = [self.missed(constant) for constant in constants.tolist()]
            place = int(np.argmin(missed))
        return missed[place], float(constants[place])
