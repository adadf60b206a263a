"""Laws that are sums or products of parts in different columns: each part's law is looked for by itself.

Which columns interact is read off the second derivatives of a smooth polynomial through the samples. The values of a part are
those of the polynomial with all other columns held; its error is their noise. The parts' laws are joined, and all their
constants are fitted again to the samples themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

import numpy as np
import sympy
import torch

from .._tensors import even_places
from ..explain import Derivatives, connected, interactions_at
from .behind_function import by_outer_function
from .problem import Array, Problem
from .proposal import Proposal
from .surrogate import Slopes, Surrogate, surrogate
from .written import written

LawsOf = Callable[[Problem], Iterator[Proposal]]

_ROUGHEST = 1e-2
_SURE, _LEAST, _LARGEST = 300.0, 1e-5, 0.05
_ROWS = 500
_PER_PART, _JOINED = 2, 8
_TAKEN = 2.0  # errors of the mean, by which the other parts' constants may be off


def by_parts(
    problem: Problem, quickly: LawsOf, slowly: LawsOf | None, left: Callable[[], bool]
) -> Iterator[Proposal]:
    """Sums and products of the parts' laws, then functions of their sums.

    Args:
        problem: Scaled samples.
        quickly: What finds simple laws of a part, the best first.
        slowly: What finds laws that are less simple, too; None to be quick.
        left: Whether there is time.
    """
    if len(problem.names) < 2:
        return
    smooth = surrogate(problem, left)
    if smooth is None:
        return
    if smooth.missed < _ROUGHEST:
        yield from _sums_and_products(problem, smooth, slowly or _right(quickly), left)
    yield from by_outer_function(problem, smooth, [quickly] if slowly is None else [quickly, slowly], left)


def _right(laws_of: LawsOf) -> LawsOf:
    """Those laws alone that miss no more than the noise."""
    return lambda problem: (one for one in laws_of(problem) if one.missed < problem.tolerance)


def _sums_and_products(
    problem: Problem, smooth: Surrogate, laws_of: LawsOf, left: Callable[[], bool]
) -> Iterator[Proposal]:
    for groups, together in splits(problem, smooth):
        *small, largest = sorted(groups, key=len)
        parts: list[list[sympy.Expr]] = []
        for group in small:
            if not left():
                return
            parts.append(_laws_of(*_part(problem, smooth, group), laws_of))
        if not all(parts):
            continue
        rest = _rest(problem, smooth, largest, together, tuple(laws[0] for laws in parts))
        found = [] if rest is None else _laws_of(*rest, laws_of)
        for form in found or _laws_of(*_part(problem, smooth, largest), laws_of):
            for others in islice(product(*parts), _JOINED):
                yield Proposal(together(problem, (*others, form)), smooth.error, "parts")


def _laws_of(part: Problem, back: Callable[[sympy.Expr], sympy.Expr], laws_of: LawsOf) -> list[sympy.Expr]:
    return [back(one.form) for one in islice(laws_of(part), _PER_PART)]


def _rest(
    problem: Problem,
    smooth: Surrogate,
    group: tuple[int, ...],
    together: Callable[[Problem, tuple[sympy.Expr, ...]], sympy.Expr],
    forms: tuple[sympy.Expr, ...],
) -> tuple[Problem, Callable[[sympy.Expr], sympy.Expr]] | None:
    """The targets without the other parts.

    Many samples tell the other parts' constants better than the polynomial tells values, and exact numbers among them
    leave no error.
    """
    some = problem.some
    near = smooth.values(_others_held(problem, some.x, group))
    is_sum = together is _sum
    with np.errstate(all="ignore"):
        others = some.y - near if is_sum else some.y / near
    if not np.isfinite(others).all():
        return None
    form = sympy.expand_mul(problem.in_units(together(problem, forms)))
    found = written(
        form, some.symbols, some.x * problem.x_scale, others * problem.y_scale, weights=some.weights
    )
    if found is None:
        return None
    law = problem.scaled(found.law)
    if is_sum:  # of constants each part may have any share
        law = sympy.Add(*(term for term in sympy.Add.make_args(law) if term.free_symbols))
    taken = _numbers(law, problem)
    with np.errstate(all="ignore"):
        values = some.y - taken if is_sum else some.y / taken
    if not np.isfinite(values).all():
        return None
    sure = _TAKEN * smooth.error / len(values) ** 0.5 if law.atoms(sympy.Float) else 0.0
    noise = max(sure, problem.noise) * problem.spread / (float(values.std()) or 1.0)
    return _own(problem, group, some.x, values, noise)


def splits(
    problem: Problem, smooth: Surrogate
) -> Iterator[tuple[list[tuple[int, ...]], Callable[[Problem, tuple[sympy.Expr, ...]], sympy.Expr]]]:
    """Groups of columns that do not interact, and how their laws are joined; the surer of sum and product first."""
    scores = interactions_at(_derivatives(problem, smooth.slopes(problem.some.x)))
    allowed = float(np.clip(_SURE * smooth.missed, _LEAST, _LARGEST))
    for matrix, together in ((scores.additive, _sum), (scores.multiplicative, _product)):
        groups = connected(matrix >= allowed)
        if len(groups) > 1:
            yield groups, together


def _derivatives(problem: Problem, slopes: Slopes) -> Derivatives:
    spread = np.where(problem.x.std(0) > 0, problem.x.std(0), 1.0)
    gradient, hessian = slopes.gradient * spread, slopes.hessian * spread[:, None] * spread
    x, values, slope, bend, width = map(
        torch.from_numpy, (slopes.x, slopes.values, gradient, hessian, spread)
    )
    return Derivatives(x, values, slope, bend, width, problem.names)


def _part(
    problem: Problem, smooth: Surrogate, group: tuple[int, ...]
) -> tuple[Problem, Callable[[sympy.Expr], sympy.Expr]]:
    """The polynomial as a function of some columns, and the way back to the problem's columns."""
    x = _others_held(problem, problem.x[even_places(len(problem.y), _ROWS).numpy()], group)
    values = smooth.values(x)
    noise = smooth.error * problem.spread / (float(values.std()) or 1.0)
    return _own(problem, group, x, values, noise)


def _others_held(problem: Problem, x: Array, group: Sequence[int]) -> Array:
    """Samples with all columns but those of a group in the middle."""
    held = np.tile(_middle(problem.x), (len(x), 1))
    held[:, list(group)] = x[:, list(group)]
    return held


def _own(
    problem: Problem, group: Sequence[int], x: Array, values: Array, noise: float
) -> tuple[Problem, Callable[[sympy.Expr], sympy.Expr]]:
    """A function of some columns as a problem, and the way back to the problem's columns."""
    chosen = list(group)
    names = [problem.names[place] for place in group]
    own = problem.x_scale[chosen]
    part = Problem.of(x[:, chosen] * own, values, names, noise)
    known = {
        symbol: old * sympy.Float(scale / inner) if scale != inner else old
        for symbol, old, scale, inner in zip(
            part.symbols,
            (problem.symbols[p] for p in group),
            own.tolist(),
            part.x_scale.tolist(),
            strict=True,
        )
    }
    return part, lambda form: sympy.Float(part.y_scale) * form.xreplace(known)


def _middle(x: Array) -> Array:
    """A sample in the middle."""
    spread = np.where(x.std(0) > 0, x.std(0), 1.0)
    found: Array = x[np.linalg.norm((x - np.median(x, 0)) / spread, axis=1).argmin()]
    return found


def _sum(problem: Problem, forms: tuple[sympy.Expr, ...]) -> sympy.Expr:
    """All parts, and a constant for what each was shifted by."""
    terms = [
        term for form in forms for term in sympy.Add.make_args(sympy.expand_mul(form)) if term.free_symbols
    ]
    return sympy.Float(0.1 * problem.spread) + sympy.Add(*terms)


def _product(problem: Problem, forms: tuple[sympy.Expr, ...]) -> sympy.Expr:
    size = float(np.abs(problem.y).mean())
    values = [float(np.abs(_numbers(form, problem)).mean()) or 1.0 for form in forms]
    return sympy.Mul(
        sympy.Float(size), *(form / sympy.Float(value) for form, value in zip(forms, values, strict=True))
    )


def _numbers(form: sympy.Expr, problem: Problem) -> Array:
    with np.errstate(all="ignore"):
        found = sympy.lambdify(problem.symbols, form, "numpy")(*problem.some.x.T)
    return np.nan_to_num(np.broadcast_to(np.asarray(found, dtype=np.float64), problem.some.y.shape))
