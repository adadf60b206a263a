"""Laws as they are printed: numbers to the digits that their errors bear, and what is said of that law and no other."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import sympy
from sympy.core.parameters import distribute

from .law import Law
from .numbers import Numbers
from .problem import Array
from .split import Split
from .template import Template

_SIGNIFICANT = 2
_MOST = 17
_LOST = 1.001
_EXACT = 1e-13
_FIRST = 3


def readable(law: Law, samples: Split, numbers: Numbers) -> Law:
    """The law with as few digits as its standard errors bear and its error allows; what it misses is measured anew.

    Numbers keep two digits of their standard error, and more where the law would miss more by a thousandth, or be no
    longer exact.

    Args:
        law: With all digits.
        samples: By which it is judged.
        numbers: Those of the law.
    """
    if not len(numbers.values):
        return law
    template = Template(law.shown, law.symbols, samples.known)
    spread = float(samples.held_y.std())
    # Errors of an exact law tell where the fit ended: as few digits as leave it exact.
    errors = np.full(len(numbers.values), np.inf) if law.verdict == "exact" else numbers.errors
    for more in range(_MOST):
        shown = [_rounded(v, e, more) for v, e in zip(numbers.values, errors, strict=True)]
        train, test = samples.errors(partial(template.values, shown))
        fine = train <= _LOST * law.train_rmse and test <= _LOST * law.test_rmse
        if fine or (law.verdict == "exact" and max(train, test) < _EXACT * spread):
            return _with(
                law, dict(zip(template.floats, map(sympy.Float, shown), strict=True)), samples, (train, test)
            )
    return law


def _with(law: Law, new: dict[sympy.Float, sympy.Float], samples: Split, errors: tuple[float, float]) -> Law:
    known = {sympy.Symbol(name): sympy.Float(value) for name, value in samples.known.items()}
    spread = float(samples.held_y.std()) or 1.0
    with distribute(
        False
    ):  # or 2.0*(u - v) would become 2.0*u - 2.0*v, with another constant than the printed one
        shown = law.shown.xreplace(new)
        plain = shown.xreplace(known)
    return replace(
        law,
        expression=plain,
        named=None if law.named is None else shown,
        train_rmse=errors[0],
        test_rmse=errors[1],
        r2=1 - (errors[1] / spread) ** 2,
    )


def _rounded(value: float, error: float, more: int) -> float:
    """To two digits of its error and some more; to three digits and some more where nothing is known of it."""
    if value == 0:
        return 0.0
    size = math.floor(math.log10(abs(value)))
    digits = _FIRST + more
    if math.isfinite(error) and error > 0:
        digits = size - math.floor(math.log10(error)) + _SIGNIFICANT + more
    return float(f"{value:.{min(max(digits, 1), _MOST) - 1}e}")


def with_error(value: float, error: float) -> str:
    """A number and its standard error, both to two digits of the error.

    Args:
        value: Any.
        error: Above 0; infinite where it is not known.

    Example:
        >>> with_error(3.14159, 0.0123), with_error(6.62607e-34, 4.2e-37), with_error(1234.5, 120.0)
        ('3.142 +- 0.012', '(6.6261 +- 0.0042)e-34', '1230 +- 120')
    """
    if not (math.isfinite(error) and error > 0):
        return f"{value:.6g}"
    (number, width), power = to_error(error, value, error)
    return f"({number} +- {width}){power}" if power else f"{number} +- {width}"


def to_error(error: float, *values: float) -> tuple[list[str], str]:
    """Numbers to two digits of an error, and the power of ten behind them.

    Args:
        error: Standard error, above 0.
        *values: What is written.

    Example:
        >>> to_error(0.012, 3.14159, 3.1)
        (['3.142', '3.100'], '')
    """
    last = math.floor(math.log10(float(f"{error:.1e}"))) - 1
    size = math.floor(math.log10(max(abs(values[0]), error)))
    if -5 < size < 7 and last >= -9:
        return [f"{np.round(value, -last):.{max(0, -last)}f}" for value in values], ""
    return [f"{value / 10.0**size:.{max(0, size - last)}f}" for value in values], f"e{size:+03d}"


def correlated(numbers: Numbers, least: float) -> list[tuple[int, int, float]]:
    """Pairs of numbers whose correlation is at least so large, the largest first.

    Args:
        numbers: Of a law.
        least: Size of a correlation.
    """
    found: Array = numbers.correlations
    pairs = [
        (i, j, float(found[i, j]))
        for i in range(len(found))
        for j in range(i + 1, len(found))
        if abs(found[i, j]) >= least
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))
