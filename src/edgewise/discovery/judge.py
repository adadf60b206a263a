"""One judge for all proposals: how many bits a law and what it misses take together."""

from __future__ import annotations

import math

import numpy as np
import sympy

from .problem import Array

_ROUNDING = 1e-13
_BITS_PER_PART = 3.0
_COMMON = (sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.Abs)
_RARE = 3.0  # bits more that other functions take
_FREE, _MOST = 4.0, 50
_DIGITS = 1e-6


def complexity(law: sympy.Expr) -> int:
    """Operations, functions, variables and numbers of a law.

    Example:
        >>> x = sympy.Symbol("x")
        >>> complexity(2 * x + sympy.sin(x))
        6
    """
    return sum(1 for part in sympy.preorder_traversal(law))


def data_bits(rmse: float, spread: float, count: int, noise: float) -> float:
    """Bits of so many samples' residuals, beyond those of the noise or of rounding.

    Args:
        rmse: Root mean square residual.
        spread: Deviation of the targets.
        count: How many samples count.
        noise: Deviation of the noise, as a share of the targets'; 0 where there is none.
    """
    least = max(noise, _ROUNDING) * (spread or 1.0)
    # Below the noise residuals tell nothing: chi-square in place of the logarithm.
    ratio = rmse / least
    return count * (math.log2(ratio) if ratio > 1 else (ratio**2 - 1) / (2 * math.log(2)))


def expected_error(fitted: float, count: int, constants: int, held: float, held_count: int) -> float:
    """Root mean square error to be expected on further samples, from those fitted and those held out.

    The error on samples that so many constants were fitted to is too small; Akaike's final prediction error mends that.
    Held-out samples alone, a few of all, would choose by chance between laws that are nearly alike.

    Args:
        fitted: Error on the samples that constants were fitted to.
        count: How many these are.
        constants: How many were fitted.
        held: Error on the samples held out.
        held_count: How many these are.

    Example:
        >>> round(expected_error(1.0, 80, 4, 1.1, 20), 3)
        1.061
    """
    grown = fitted**2 * (count + constants) / max(count - constants, 1)
    return math.sqrt((count * grown + held_count * held**2) / (count + held_count))


def law_bits(law: sympy.Expr, constants: float) -> float:
    """Bits of a law: of its parts, and so many for its constants.

    Example:
        >>> x = sympy.Symbol("x")
        >>> law_bits(2.5 * x, constant_bits(2.5, 0.01))
        18.0
    """
    bits = constants
    for part in sympy.preorder_traversal(law):
        if isinstance(part, sympy.Rational):
            bits += 1 + 2 * math.log2(1 + abs(int(part.p))) + 2 * math.log2(int(part.q))
        elif not isinstance(part, sympy.Float):
            bits += _BITS_PER_PART
        if isinstance(part, sympy.Function) and not isinstance(part, _COMMON):
            bits += _RARE
    return bits


def constant_bits(value: float, error: float) -> float:
    """Bits of a constant, to the precision that the samples give it: none for its digits where they do not decide it."""
    if not math.isfinite(error) or abs(value) <= error:
        return _FREE
    return _FREE + min(_MOST, math.ceil(math.log2(abs(value) / error))) if error > 0 else _FREE + _MOST


def is_near_most(values: Array, y: Array) -> bool:
    """Whether half of the targets at least are met to six digits: over decades the largest of them decide all errors.

    Example:
        >>> y = np.geomspace(1e-9, 1e9, 50)
        >>> is_near_most(y, y), is_near_most(y + 1e-3, y)
        (True, False)
    """
    off = np.abs(values - y)[y != 0] / np.abs(y[y != 0])
    return not len(off) or bool(np.median(off) < _DIGITS)
