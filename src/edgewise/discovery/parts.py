"""Laws that are sums or products of parts in different columns: each part's law is looked for by itself.

Which columns interact is read off the second derivatives of a smooth polynomial through the samples. The values of a part are
those of the polynomial with all other columns held; its error is their noise. The parts' laws are joined, and all their
constants are fitted again to the samples themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

LawsOf = Callable[[Problem], Iterator[Proposal]]

_ROUGHEST = 1e-2
_SURE, _LEAST, _LARGEST = 300.0, 1e-5, 0.05
_ROWS = 500
_PER_PART, _JOINED = 2, 8


def by_parts(
    problem: Problem, quickly: LawsOf, slowly: LawsOf | None, left: Callable[[], bool]
) -> Iterator[Proposal]:
    """Functions of sums of the parts' laws, where these say more than plain ones, then sums and products.

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
    yield from by_outer_function(problem, smooth, [quickly] if slowly is None else [quickly, slowly], left)
    if smooth.missed < _ROUGHEST:
        yield from _sums_and_products(problem, smooth, slowly or _right(quickly), left)


def _right(laws_of: LawsOf) -> LawsOf:
    """Those laws alone that miss no more than the noise."""
    return lambda problem: (one for one in laws_of(problem) if one.missed < problem.tolerance)


def _sums_and_products(
    problem: Problem, smooth: Surrogate, laws_of: LawsOf, left: Callable[[], bool]
) -> Iterator[Proposal]:
    for groups, together in splits(problem, smooth):
        parts = []
        for group in groups:
            if not left():
                return
            part, back = _part(problem, smooth, group)
            parts.append([back(one.form) for one in islice(laws_of(part), _PER_PART)])
        for forms in islice(product(*parts), _JOINED):
            yield Proposal(together(problem, forms), smooth.error, "parts")


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
    chosen = list(group)
    rows = even_places(len(problem.y), _ROWS).numpy()
    x = np.tile(_middle(problem.x), (len(rows), 1))
    x[:, chosen] = problem.x[rows][:, chosen]
    values = smooth.values(x)
    noise = smooth.error * problem.spread / (float(values.std()) or 1.0)
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
