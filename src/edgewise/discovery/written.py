"""A form as a law: constants fitted, set to exact numbers where the samples allow it, in the shortest way to write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy
from sympy.core.parameters import distribute

from .gauge import gauge_fixed, led
from .judge import constant_bits, data_bits, law_bits
from .partial_fractions import in_partial_fractions
from .phases import with_phases
from .polish import Fit, fitted
from .problem import Array
from .snapping import Constant, snapped
from .squares import with_squares
from .straight import straightened
from .tidy import tidied, without_idle_parts

_DECADES = 4.0
_ROUNDING = 1e-12  # of the spread, below which the fit of most shares is the better one


@dataclass(frozen=True)
class Written:
    """A law and where it comes from.

    Attributes:
        bits: Of the law, and of what it misses of the samples that it was fitted to.
        fitted: The form with its constants fitted.
        law: The same with exact numbers, tidied.
        fit: Of the constants that are left free.
        constants: What became of each.
    """

    bits: float
    fitted: sympy.Expr
    law: sympy.Expr
    fit: Fit
    constants: tuple[Constant, ...]

    @property
    def free(self) -> int:
        """How many constants are no exact numbers."""
        return sum(one.value.is_Float for one in self.constants)


def written(
    form: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    x: Array,
    y: Array,
    *,
    weights: Array | None = None,
    noise: float = 0.0,
) -> Written | None:
    """Write a form down; as a number times a sum, in partial fractions, with phases in waves, with squares completed, or
    with lines in place of functions that are nearly lines, where that leaves fewer constants free.

    Args:
        form: Its floats are where the search for constants starts.
        symbols: Of the columns.
        x: Samples (n, columns).
        y: Targets (n,).
        weights: What each squared error counts; equal ones if None.
        noise: Deviation of the targets' noise as a share of theirs.

    Returns:
        None where the form has no real value at all samples.
    """
    own = gauge_fixed(form)
    best = _written(own, symbols, x, y, weights, noise)
    for other in (led(own), in_partial_fractions(own), with_phases(own), with_squares(own)):
        if other is not None:
            with distribute(False):  # or 2.0 (u - v) would be 2.0 u - 2.0 v, two constants
                again = _written(other, symbols, x, y, weights, noise)
            if again is not None and (best is None or again.free < best.free):
                best = again
    line = straightened(own, symbols, x)
    again = None if line is None else _written(gauge_fixed(line), symbols, x, y, weights, noise)
    if best is not None and again is not None and again.free < best.free and again.bits < best.bits:
        best = again
    return best


def _written(
    form: sympy.Expr,
    symbols: Sequence[sympy.Symbol],
    x: Array,
    y: Array,
    weights: Array | None,
    noise: float,
) -> Written | None:
    known = noise * float(y.std())
    fit = fitted(form, symbols, x, y, weights=weights, noise=known)
    if fit is None:
        return None
    if weights is None and noise == 0:
        fit = _over_decades(fit, symbols, x, y)
    plain = without_idle_parts(fit.form, symbols, x)
    if plain != fit.form:
        fit = fitted(plain, symbols, x, y, weights=weights, noise=known) or fit
    first = fit.form
    law, fit, constants = snapped(fit, symbols, x, y, noise, weights=weights)
    law = tidied(law, symbols, x)
    exact = [one for one in constants if not one.value.is_Float]
    again = fitted(law, symbols, x, y, weights=weights, noise=known)
    pairs = [] if again is None else zip(again.values.tolist(), again.errors.tolist(), strict=True)
    every = (*exact, *(Constant(value, error, sympy.Float(value)) for value, error in pairs))
    bits = law_bits(law, digits_of(every)) + data_bits(fit.rmse, float(y.std()) or 1.0, len(y), noise)
    return Written(bits, first, law, fit, every)


def _over_decades(fit: Fit, symbols: Sequence[sympy.Symbol], x: Array, y: Array) -> Fit:
    """A better fit from where shares of the targets are met: errors of the largest hide what the others say of constants."""
    sizes = np.abs(y[y != 0])
    if len(sizes) < len(y) or not len(fit.values) or np.ptp(np.log10(sizes)) < _DECADES:
        return fit
    near = fitted(fit.form, symbols, x, y, weights=(sizes.min() / sizes) ** 2)
    again = None if near is None else fitted(near.form, symbols, x, y)
    limit = max(fit.rmse, _ROUNDING * float(y.std()))
    return again if again is not None and again.rmse <= limit else fit


def digits_of(constants: Sequence[Constant]) -> float:
    """Bits of those that are no exact numbers."""
    return sum(constant_bits(one.fitted, one.error) for one in constants if one.value.is_Float)
