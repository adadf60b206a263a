"""Laws that are one unknown function of a sum of parts in different columns, y = F(g(a) + h(b)).

Products of parts are among them, by logarithms. Slopes say which columns are together, the parts' values and F's are fitted
to the samples, each part's law is looked for by itself, and then that of F. What is joined is fitted as a whole by who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

import numpy as np
import sympy

from .judge import law_bits
from .outer_functions import TOTAL, outer_functions
from .outer_groups import outer_groups
from .problem import Problem
from .proposal import Proposal
from .reduction import Reduced, column, reduced
from .simpler import is_sure
from .sum_behind import SumBehind, sum_behind
from .surrogate import Surrogate, plain_features

LawsOf = Callable[[Problem], Iterator[Proposal]]

_ROUGHEST, _BETTER, _AS_GOOD = 3e-2, 1.05, 3.0
_PER_PART, _JOINED = 2, 6
_SURE, _NOISY = 4.0, 1e-3
_STEADY = 1e-9
_LEAST_WEIGHT = 1e-6
_TINY = 1e-5
_LINE, _LINES, _SHARPER = 1e-3, 100.0, 0.1


def by_outer_function(
    problem: Problem, smooth: Surrogate, searches: Sequence[LawsOf], left: Callable[[], bool]
) -> Iterator[Proposal]:
    """The laws of the parts within that of the function.

    Args:
        problem: Scaled samples.
        smooth: A smooth function through them.
        searches: What finds laws of a part, the best first: quick ones before those that take long.
        left: Whether there is time.
    """
    for groups in outer_groups(problem, smooth):
        found = _fitted(problem, groups, smooth, left)
        if found is None or not left():
            continue
        parts = _laws(problem, found, searches, left)
        if parts is None:
            continue
        for forms in islice(product(*parts), _JOINED):
            total, constant = _without_constant(forms)
            if not left() or not total.free_symbols:
                return
            for outer in outer_functions(found.parts.sum(1) - constant, problem, found.missed):
                for form in _inside(outer, total):
                    yield Proposal(form, found.missed, "parts behind a function")


def _fitted(
    problem: Problem, groups: tuple[tuple[int, ...], ...], smooth: Surrogate, left: Callable[[], bool]
) -> SumBehind | None:
    """What comes nearest, of the surrogate's functions of columns and of plain ones; None where that is no better."""
    kinds = [smooth.features, plain_features(problem)]
    if [one.column for one in kinds[0]] == [one.column for one in kinds[1]]:
        kinds.pop()
    tried = [sum_behind(problem, groups, features, left) for features in kinds]
    best = min((one for one in tried if one is not None), key=lambda one: one.missed, default=None)
    # Where the surrogate is near slopes are sure of the parts, and its own error is that of the fit too.
    allowed = max((_BETTER if smooth.error > _NOISY else _AS_GOOD) * smooth.error, 1.5 * problem.noise)
    if best is None or best.missed > min(allowed, _ROUGHEST) or _is_known(best, smooth):
        return None
    return best


def _is_known(found: SumBehind, smooth: Surrogate) -> bool:
    """Whether the function is a line, and parts of a plain sum are known as well from the surrogate."""
    bend = float(np.ptp(found.slope)) / float(np.abs(found.slope).mean())
    return bend < max(_LINE, _LINES * found.missed) and found.missed > _SHARPER * smooth.error


def _laws(
    problem: Problem, found: SumBehind, searches: Sequence[LawsOf], left: Callable[[], bool]
) -> list[list[sympy.Expr]] | None:
    """A few laws of each part; None where a part has none.

    Parts of few columns come first: what one of these is a multiple of may be the unit of logarithms. One that has no
    law without a unit is looked at again once there is one.
    """
    laws: dict[int, list[sympy.Expr]] = {}
    unit = None
    order = sorted(range(len(found.groups)), key=lambda place: len(found.groups[place]))
    for place in order:
        laws[place] = _laws_of_part(list(_views(problem, found, place, unit)), searches, left)
        if laws[place] and unit is None:
            unit = _unit(problem.in_units(laws[place][0]) / problem.y_scale)
        if sum(not one for one in laws.values()) > 1:
            return None
    lost = [place for place in order if not laws[place]]
    if len(lost) == 1 and unit is not None:
        views = [view for view in _views(problem, found, lost[0], unit) if view.unit is not None]
        laws[lost[0]] = _laws_of_part(views, searches, left)
    return [laws[place] for place in range(len(order))] if all(laws.values()) else None


def _laws_of_part(
    views: Sequence[_View], searches: Sequence[LawsOf], left: Callable[[], bool]
) -> list[sympy.Expr]:
    """The shortest laws that are right; none where no law is."""
    own: list[tuple[Proposal, _View]] = []
    for search, view in product(searches, views):
        if not left() or any(is_sure(one, view.of.problem) for one, view in own):
            break
        own += [(one, view) for one in islice(search(view.of.problem), _PER_PART)]
    right = [view.back(one.form) for one, view in own if one.missed < view.of.problem.tolerance]
    return sorted(right, key=lambda form: law_bits(form, 0.0))[:_PER_PART]


@dataclass(frozen=True)
class _View:
    """A part as it is, or as the logarithm of the targets times a unit."""

    of: Reduced
    unit: float | None

    def back(self, form: sympy.Expr) -> sympy.Expr:
        """A law of the targets as one of the part."""
        own = self.of.back(form)
        if self.unit is None:
            return own
        # Factors within a logarithm are constants that are added.
        terms = sympy.Add.make_args(sympy.expand_mul(own))
        front = float(abs(terms[0].as_coeff_Mul()[0]))
        bare = sympy.Add(*(_over(term, front) for term in terms))
        return sympy.Float(self.unit) * sympy.log(bare) + sympy.Float(self.unit * np.log(front))


def _views(problem: Problem, found: SumBehind, place: int, unit: float | None) -> Iterator[_View]:
    """A part as it is, and as a logarithm where a unit is known; those whose values do not vary are left out."""
    for one in (None,) if unit is None else (None, unit):
        part = _part(problem, found, place, one)
        if part is not None:
            yield _View(part, one)


def _over(term: sympy.Expr, number: float) -> sympy.Expr:
    coefficient, rest = term.as_coeff_Mul()
    ratio = float(coefficient) / number
    return (int(ratio) if abs(ratio) == 1 else sympy.Float(ratio)) * rest


def _unit(form: sympy.Expr) -> float | None:
    """The number that a form is a multiple of, but for a constant."""
    terms = [term for term in sympy.Add.make_args(sympy.expand_mul(form)) if term.free_symbols]
    number = terms[0].as_coeff_Mul()[0] if len(terms) == 1 else sympy.Integer(1)
    return float(number) if number.is_Float else None


def _part(problem: Problem, found: SumBehind, place: int, unit: float | None) -> Reduced | None:
    """A part's values as targets, or the exponential of them over a unit; errors count as they do behind the function.

    None where these values do not vary.
    """
    values, slope = found.parts[:, place], found.slope
    if unit is not None:
        with np.errstate(all="ignore"):
            values = np.exp(values / unit - float((values / unit).max()))
        slope = slope * unit / np.maximum(values, 1e-300)
    weights = (slope * problem.roots) ** 2
    weights = np.maximum(weights, _LEAST_WEIGHT * weights.max())
    deviation = float(values.std())
    if not deviation > _STEADY * float(np.abs(values).max()):
        return None
    # Where noise is what the fit misses, parts are known better than that; where it is the fit's own error, not so well.
    sure = 1.0 if found.missed > _NOISY else _SURE
    noise = sure * found.missed * problem.spread / float(np.sqrt(weights.mean())) / deviation
    own = replace(problem, y=values, noise=noise, weights=weights / weights.mean(), deviation=deviation)
    return reduced(own, [column(problem, one) for one in found.groups[place]])


def _without_constant(forms: tuple[sympy.Expr, ...]) -> tuple[sympy.Expr, float]:
    """Their sum without what is constant in it, and that."""
    terms = [term for form in forms for term in sympy.Add.make_args(sympy.expand_mul(form))]
    constant = sum(float(term) for term in terms if not term.free_symbols)
    return sympy.Add(*(term for term in terms if term.free_symbols)), constant


def _inside(outer: sympy.Expr, total: sympy.Expr) -> Iterator[sympy.Expr]:
    """The sum in place of its symbol, factors of it as those of its terms: first without constants that are hardly there."""
    lines = [one for one in outer.atoms(sympy.Add, sympy.Mul) if _is_line_in_total(one)]
    whole = {one: sympy.expand_mul(one.xreplace({TOTAL: total})) for one in lines}
    short = {
        one: sympy.Add(*(term for term in sympy.Add.make_args(line) if not _is_tiny(term)))
        for one, line in whole.items()
    }
    if short != whole:
        yield outer.xreplace(short).xreplace({TOTAL: total})
    yield outer.xreplace(whole).xreplace({TOTAL: total})


def _is_line_in_total(form: sympy.Expr) -> bool:
    return bool(form.is_polynomial(TOTAL)) and sympy.degree(form, TOTAL) == 1


def _is_tiny(term: sympy.Expr) -> bool:
    return bool(term.is_Float) and abs(float(term)) < _TINY
