"""Laws of problems in fewer columns: what stands in front is taken off, what acts through one combination becomes a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import sympy

from .judge import law_bits
from .polish import fitted
from .problem import Problem
from .proposal import Proposal
from .reduction import Reduced, peeled
from .surrogate import surrogate
from .symmetry import combined, scaled, tolerance

Searches = Callable[[Problem], Iterator[Iterable[Proposal]]]

_KEPT, _LOOKED_AT, _CLAIMS = 4, 6, 4
_ROUGHEST = 0.03
_RIGHT = 1e-11
_MOST_CONSTANTS = 12
_SHORT, _PER_CONSTANT = 3, 1.0


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
    """Laws of a problem: those that are right as soon as one surely is, the shortest first; else those, then the best few."""
    right: list[Proposal] = []
    rough: list[Proposal] = []
    for proposals in searches(problem):
        looked = [_looked_at(problem, one) for one in _best(proposals, problem.tolerance)]
        found = [one for one in looked if one is not None]
        right += [one for one in found if one.missed < _enough(problem)]
        rough += [one for one in found if one.missed >= _enough(problem)]
        if any(is_sure(one, problem) for one in right) or not left():
            break
    yield from sorted(right, key=lambda one: law_bits(one.form, len(problem.y)))
    if not right:
        yield from sorted(rough, key=lambda one: one.missed)[:_KEPT]


def is_sure(proposal: Proposal, problem: Problem) -> bool:
    """Whether a law meets more digits of the targets than its constants could make it meet if it were any smooth function."""
    if proposal.missed >= _enough(problem):
        return False
    constants = len(proposal.form.atoms(sympy.Float))
    return not problem.noise or constants <= _SHORT or -np.log10(_enough(problem)) > _PER_CONSTANT * constants


def _best(proposals: Iterable[Proposal], tolerance: float) -> list[Proposal]:
    """The best few, and a few of those that claim to be right; quotients of long polynomials are near to any function."""
    found: list[Proposal] = []
    claims = 0
    for one in proposals:
        if len(one.form.atoms(sympy.Float)) <= _MOST_CONSTANTS and np.isfinite(one.missed):
            found.append(one)
            claims += one.missed < tolerance
        if claims == _CLAIMS:
            break
    return sorted(
        found,
        key=lambda one: (max(one.missed, tolerance), one.missed < tolerance and sympy.count_ops(one.form)),
    )[:_LOOKED_AT]


def _enough(problem: Problem) -> float:
    """What a right law may miss of the targets, as a share of their deviation."""
    return max(1.5 * problem.noise, _RIGHT)


def _looked_at(problem: Problem, proposal: Proposal) -> Proposal | None:
    """The same with fitted constants, and what it misses of the targets themselves."""
    some = problem.some
    fit = fitted(proposal.form, some.symbols, some.x, some.y, weights=some.weights)
    return None if fit is None else Proposal(fit.form, fit.rmse / some.spread, proposal.source)
