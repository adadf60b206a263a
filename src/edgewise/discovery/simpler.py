"""Laws of problems in fewer columns: what stands in front is taken off, what acts through one combination becomes a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import sympy

from .polish import fitted
from .problem import Problem
from .proposal import Proposal
from .reduction import Reduced, peeled
from .surrogate import surrogate
from .symmetry import combined, scaled, tolerance

Searches = Callable[[Problem], Iterator[Iterable[Proposal]]]

_KEPT = 4
_ROUGHEST = 0.03
_RIGHT = 1e-11
_MOST_CONSTANTS = 12


def by_simpler(problem: Problem, searches: Searches, left: Callable[[], bool]) -> Iterator[Proposal]:
    """Laws of simpler problems that have the same, and of those that these become.

    Args:
        problem: Scaled samples.
        searches: What looks for the law of a simpler problem, the cheap ones first.
        left: Whether there is time.
    """
    for simpler in _simpler(problem, left):
        if not left():
            return
        done = False
        for proposal in laws(simpler.problem, searches, left):
            done = done or proposal.missed < _enough(simpler.problem)
            yield _back(simpler, proposal)
        if done:
            return
        for proposal in by_simpler(simpler.problem, searches, left):
            yield _back(simpler, proposal)


def _back(simpler: Reduced, proposal: Proposal) -> Proposal:
    return Proposal(simpler.back(proposal.form), proposal.missed, "simpler problem")


def _simpler(problem: Problem, left: Callable[[], bool]) -> Iterator[Reduced]:
    """The first simplification there is: factors in front, scalings, or two columns as one."""
    if len(problem.names) > 1:
        without = peeled(problem)
        if without is not None:
            yield without
            return
        smooth = surrogate(problem, left)
        if smooth is not None and smooth.missed < _ROUGHEST and left():
            allowed, slopes = tolerance(smooth), smooth.slopes(problem.some.x)
            invariant = scaled(problem, slopes, allowed)
            if invariant is not None:
                yield invariant
            else:
                yield from combined(problem, slopes, allowed)


def laws(problem: Problem, searches: Searches, left: Callable[[], bool]) -> Iterator[Proposal]:
    """Laws of a problem: one that is right at once, of others the best few."""
    rough: list[Proposal] = []
    for proposals in searches(problem):
        for proposal in proposals:
            if len(proposal.form.atoms(sympy.Float)) > _MOST_CONSTANTS:
                continue  # a quotient of long polynomials comes near to any smooth function
            if proposal.missed < problem.tolerance:
                right = _looked_at(problem, proposal)
                if right is not None and right.missed < _enough(problem):
                    yield right
                    return
                rough += [right] if right is not None else []
            elif np.isfinite(proposal.missed):
                rough.append(proposal)
        if not left():
            break
    best = [_looked_at(problem, one) for one in sorted(rough, key=lambda one: one.missed)[: 2 * _KEPT]]
    yield from sorted((one for one in best if one is not None), key=lambda one: one.missed)[:_KEPT]


def _enough(problem: Problem) -> float:
    """What a right law may miss of the targets, as a share of their deviation."""
    return max(1.5 * problem.noise, _RIGHT)


def _looked_at(problem: Problem, proposal: Proposal) -> Proposal | None:
    """The same with fitted constants, and what it misses of the targets themselves."""
    some = problem.some
    fit = fitted(proposal.form, some.symbols, some.x, some.y, weights=some.weights)
    return None if fit is None else Proposal(fit.form, fit.rmse / some.spread, proposal.source)
