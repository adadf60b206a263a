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


def plain_laws(best: Law, samples: Split) -> Iterator[Law]:
    """Lines, parabolas, hyperbolas, power laws, logarithms, exponentials and Gaussians of the variable of a law.

    Args:
        best: The law; one that is exact, or has not one variable, has none beside it.
        samples: What they are fitted to; curves that are not defined at all of them are left out.
    """
    used = [n for n, symbol in enumerate(best.symbols) if symbol in best.shown.free_symbols]
    if best.verdict == "exact" or len(used) != 1 or len(best.shown.free_symbols) != 1:
        return
    for fit in _fits(best.symbols, used[0], samples):
        nan = float("nan")
        law = Law(fit.form, best.symbols, nan, nan, nan, nan, (), "approximation", "plain shapes", fit=fit)
        train, test = samples.errors(law.predict)
        if np.isfinite(test):
            yield replace(law, train_rmse=train, test_rmse=test)


def _fits(symbols: tuple[sympy.Symbol, ...], column: int, samples: Split) -> Iterator[Fit]:
    x, y, weights = samples.x[:_MOST_ROWS], samples.y[:_MOST_ROWS], samples.weights
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
        fit = fitted(form, symbols, x, y, weights=None if weights is None else weights[:_MOST_ROWS])
        if fit is not None:
            yield fit
