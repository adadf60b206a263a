"""Laws that are a constant plus a product: y = a + C u_1^p_1 u_2^p_2 f(k v)^q, of few columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .arguments import Arguments, of_monomials, of_pairs
from .factor import FACTORS, Factor
from .problem import Array, Problem
from .proposal import Proposal

_MOST_COLUMNS = 4
_WRITTEN = 12
_ROWS = 200
_REFINED = 3


def constant_and_product(problem: Problem) -> Iterator[Proposal]:
    """A constant and one monomial, or one function of one, alone or times a column: those that miss least."""
    some = problem.some
    columns = some.x.shape[1]
    if not 0 < columns <= _MOST_COLUMNS:
        return
    powers = (1, -1, 2, -2, 0.5, -0.5, 3, 1.5, -3, -1.5)
    plain = of_monomials(some, powers if columns <= 2 else powers[:6], 3, 4)
    best = [(missed, form) for missed, form in _scored(some, plain.values, list(plain.forms))]
    inner = of_monomials(some, (1, -1, 2), 2, 3).plus(of_pairs(some))
    times = of_monomials(some, (1, -1), 1, 1)
    for factor in FACTORS:
        if is_allowed(factor.form, some.functions):
            best += _with(some, factor, inner, times)
    # Of those within the noise the short ones say as much.
    enough = some.tolerance
    best.sort(key=lambda one: (max(one[0], enough), one[0] < enough and sympy.count_ops(one[1])))
    for missed, form in best[:_WRITTEN]:
        yield Proposal(form, missed, "products")


def _with(
    problem: Problem, factor: Factor, inner: Arguments, times: Arguments
) -> list[tuple[float, sympy.Expr]]:
    """The best of one function, at several scales, itself and its inverse, alone and times a column."""
    sizes = np.sqrt(np.mean(inner.values**2, 0))
    rows = slice(None, None, 1 + len(problem.y) // _ROWS)
    values, forms = [], []
    signs = (1.0, -1.0) if factor.form is sympy.exp else (1.0,)
    scales = factor.scales if len(factor.scales) > 1 else tuple(np.geomspace(0.05, 20, 14))
    for scale in (sign * one for one in scales for sign in signs):
        k = scale / sizes
        with np.errstate(all="ignore"):
            curve = factor.value(k * inner.values[rows])
        for power in (1, -1):
            with np.errstate(all="ignore"):
                values.append(curve**power)
            forms.append((k, power))
    every = np.stack(values, 2)  # (rows, arguments, scales and powers)
    found = []
    for place in range(-1, len(times)):
        with np.errstate(all="ignore"):
            table = every if place < 0 else every * times.values[rows, place][:, None, None]
        missed = _missed(problem, table.reshape(len(table), -1), rows)
        for at in np.argsort(missed)[:_REFINED]:
            argument, which = divmod(int(at), len(forms))
            if np.isfinite(missed[at]):
                k, power = forms[which]
                more = np.ones(len(table)) if place < 0 else times.values[rows, place]
                v = inner.values[rows, argument]
                scale, least = _finer(problem, factor, (v, power, more), float(k[argument]), rows)
                body = factor.form(sympy.Float(scale) * inner.forms[argument]) ** power
                found.append((least, body if place < 0 else body * times.forms[place]))
    return [(missed, _written(problem, body)) for missed, body in sorted(found, key=lambda one: one[0])[:4]]


def _finer(
    problem: Problem, factor: Factor, of: tuple[Array, int, Array], scale: float, rows: slice
) -> tuple[float, float]:
    """The best scale nearby of more * factor(scale * v) ** power, and what it leaves."""
    v, power, more = of
    width = 0.5
    for _ in range(5):
        scales = scale * np.exp(np.linspace(-width, width, 9))
        with np.errstate(all="ignore"):
            curves = [more * factor.value(one * v) ** power for one in scales]
        missed = _missed(problem, np.stack(curves, 1), rows)
        best = int(missed.argmin())
        scale, width = float(scales[best]), width / 4
    return scale, float(missed[best])


def _scored(problem: Problem, table: Array, forms: list[sympy.Expr]) -> Iterator[tuple[float, sympy.Expr]]:
    missed = _missed(problem, table, slice(None))
    for place in np.argsort(missed)[:_WRITTEN]:
        if np.isfinite(missed[place]):
            yield float(missed[place]), _written(problem, forms[place])


def _missed(problem: Problem, table: Array, rows: slice) -> Array:
    """What a constant and each column leave, as a share of the spread."""
    weights = problem.roots[rows] ** 2
    weights = weights / weights.sum()
    with np.errstate(all="ignore"):
        target = problem.y[rows] - weights @ problem.y[rows]
        rest = table - weights @ table
        along, size = (weights * target) @ rest, weights @ rest**2
        left = weights @ target**2 - along**2 / size
        bad = ~np.isfinite(left) | (size < 1e-18 * (weights @ table**2))
    return np.where(bad, np.inf, np.sqrt(np.maximum(left, 0.0)) / problem.spread)


def _written(problem: Problem, body: sympy.Expr) -> sympy.Expr:
    """The constant and the factor are left to the fit, which finds them from anywhere."""
    size = float(np.abs(problem.y).mean()) or 1.0
    return sympy.Float(0.5 * size) + sympy.Float(size) * body
