"""Curves of one variable and two constants that textbooks hold: what a short range does not tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sympy

from .law import Law
from .polish import Fit, fitted
from .problem import Array
from .skeleton import form_of
from .snapping import snapped
from .split import Split

_MOST_ROWS = 2000
_DEFINED = 0.9


class Shape(NamedTuple):
    """A curve, with the line that its constants are first read off.

    Args:
        form: From the variable, and the line's shift and slope.
        x: What the line runs over.
        y: What is linear in it, of the targets' size.
        is_factor: Whether the curve has the sign of the targets throughout.
    """

    form: Callable[..., sympy.Expr]
    x: Callable[[Array], Array]
    y: Callable[[Array], Array]
    is_factor: bool = False


def _same(values: Array) -> Array:
    return values


_SHAPES = (
    Shape(lambda x, a, b: a + b * x, _same, _same),
    Shape(lambda x, a, b: a + b * x**2, np.square, _same),
    Shape(lambda x, a, b: a + b / x, np.reciprocal, _same),
    Shape(lambda x, a, b: a + b * sympy.log(x), np.log, _same),
    Shape(lambda x, a, b: a + b * sympy.sqrt(x), np.sqrt, _same),
    Shape(lambda x, a, b: 1 / (a + b * x), _same, np.reciprocal, True),
    Shape(lambda x, a, b: x / (b + a * x), np.reciprocal, np.reciprocal, True),
    Shape(lambda x, a, b: sympy.exp(a) * x**b, np.log, np.log, True),
    Shape(lambda x, a, b: sympy.exp(a) * sympy.exp(b * x), _same, np.log, True),
    Shape(lambda x, a, b: sympy.exp(a) * sympy.exp(b * x**2), np.square, np.log, True),
    Shape(lambda x, a, b: sympy.exp(a) * sympy.exp(b / x), np.reciprocal, np.log, True),
)


def plain_laws(best: Law, samples: Split, noise: float) -> Iterator[Law]:
    """Lines, parabolas, hyperbolas, power laws, logarithms, exponentials and Gaussians of the variable of a law.

    Args:
        best: The law; one that is exact, or has not one variable, has none beside it.
        samples: What they are fitted to; curves that are not defined at all of them are left out.
        noise: Deviation of the targets' noise.

    Returns:
        Those that are no more than the law itself with a constant more, as x**1.998 is of x**2, are left out.
    """
    used = [n for n, symbol in enumerate(best.symbols) if symbol in best.shown.free_symbols]
    if best.verdict == "exact" or len(used) != 1 or len(best.shown.free_symbols) != 1:
        return
    share = noise / (float(samples.y.std()) or 1.0)
    x, y, weights = _some(samples)
    for fit in _fits(best.symbols, used[0], samples):
        nan = float("nan")
        simplest = snapped(fit, best.symbols, x, y, share, weights=weights)[0]
        if form_of(simplest) == form_of(best.shown):
            continue
        law = Law(fit.form, best.symbols, nan, nan, nan, nan, (), "approximation", "plain shapes", fit=fit)
        train, test = samples.errors(law.predict)
        if np.isfinite(test):
            yield replace(law, train_rmse=train, test_rmse=test)


def _some(samples: Split) -> tuple[Array, Array, Array | None]:
    weights = None if samples.weights is None else samples.weights[:_MOST_ROWS]
    return samples.x[:_MOST_ROWS], samples.y[:_MOST_ROWS], weights


def _fits(symbols: tuple[sympy.Symbol, ...], column: int, samples: Split) -> Iterator[Fit]:
    x, y, weights = _some(samples)
    sign = float(np.sign(y.mean()))
    for shape in _SHAPES:
        size = sign if shape.is_factor else 1.0
        with np.errstate(all="ignore"):
            line = np.stack([shape.x(x[:, column]), shape.y(size * y)], 1)
        line = line[np.isfinite(line).all(1)]
        if size == 0 or len(line) < _DEFINED * len(y) or np.ptp(line[:, 0]) == 0:
            continue
        slope, shift = np.polyfit(line[:, 0], line[:, 1], 1)
        form = sympy.Integer(int(size)) * shape.form(symbols[column], sympy.Float(shift), sympy.Float(slope))
        fit = fitted(form, symbols, x, y, weights=weights)
        if fit is not None:
            yield fit
