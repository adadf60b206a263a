"""Laws that the samples cannot tell from the chosen one, and where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import sympy

from .judge import law_bits
from .law import Law
from .problem import Array
from .skeleton import form_of
from .split import Split

_DEVIATIONS = 2.0
_EVIDENCE = 2.0
_SAME = 1e-9
_MOST = 6
_POINTS = 4096
_BEYOND = 0.5


@dataclass(frozen=True)
class Rival:
    """A law that explains the samples as well as another.

    Attributes:
        law: The law.
        apart: How far the two are apart at most within the samples' range, in deviations of what is left.
        beyond: The same where the range is widened by half of it on each side.
        where: At which values of the variables that they use.
    """

    law: Law
    apart: float
    beyond: float
    where: dict[str, float]


def rivals(best: Law, laws: Iterable[Law], samples: Split, noise: float) -> tuple[Rival, ...]:
    """Laws with at most one more constant that the samples do not tell from the best, simple ones first.

    The logarithm of the ratio of likelihoods over all samples is compared with the deviation that it has where one of the
    two is right (Cox 1961).

    Args:
        best: The chosen one.
        laws: Others that were found.
        samples: All of them are looked at.
        noise: Deviation of the targets' noise; what the best law leaves stands for it where it is 0.

    Returns:
        Six at most; none where there is no noise.
    """
    x, y = samples.all_x, samples.all_y
    weights = np.ones(len(y)) if samples.all_weights is None else samples.all_weights
    ours = best.predict(x)
    left = noise or float(np.sqrt(np.mean(weights * (y - ours) ** 2)))
    spread = float(y.std()) or 1.0
    if not left > _SAME * spread:
        return ()
    fair: list[tuple[float, Law, Array]] = []
    for law in laws:
        theirs = law.predict(x)
        if law is best or _free(law) > _free(best) + 1 or not np.isfinite(theirs).all():
            continue
        evidence = float(np.sum(weights * ((y - theirs) ** 2 - (y - ours) ** 2))) / (2 * left**2)
        apart = float(np.sqrt(np.sum(weights * (theirs - ours) ** 2))) / left
        if evidence <= _EVIDENCE + _DEVIATIONS * apart:
            fair.append((evidence / math.log(2) + law_bits(law.shown, 0.0), law, theirs))
    kept, forms, wide = [ours], {form_of(best.shown)}, _widened(x)
    found: list[Rival] = []
    for _, law, theirs in sorted(fair, key=lambda one: one[0]):
        form = form_of(law.shown)
        same = any(np.abs(theirs - one).max() <= _SAME * spread for one in kept)
        if form not in forms and not same and len(found) < _MOST:
            kept.append(theirs)
            forms.add(form)
            found.append(_rival(best, law, (ours, theirs), wide, left))
    return tuple(sorted(found, key=lambda one: one.law.complexity))


def _rival(best: Law, law: Law, values: tuple[Array, Array], wide: Array, left: float) -> Rival:
    apart = float(np.abs(values[0] - values[1]).max()) / left
    gap = np.abs(best.predict(wide) - law.predict(wide)) / left
    if not np.isfinite(gap).any():
        return Rival(law, apart, apart, {})
    at = int(np.nanargmax(np.where(np.isfinite(gap), gap, -np.inf)))
    used = best.expression.free_symbols | law.expression.free_symbols
    where = {str(s): float(wide[at, n]) for n, s in enumerate(best.symbols) if s in used}
    return Rival(law, apart, max(apart, float(gap[at])), where)


def _free(law: Law) -> int:
    """Constants that were fitted, also those that were set to exact numbers then."""
    return len(law.constants) or len(law.expression.atoms(sympy.Float))


def _widened(x: Array) -> Array:
    """Points in a box half as large again on each side; columns that are positive stay so."""
    low, high = x.min(0), x.max(0)
    bottom = low - _BEYOND * (high - low)
    bottom = np.where((low > 0) & (bottom <= 0), low / 2, bottom)
    random = np.random.default_rng(0).random((_POINTS, x.shape[1]))
    return bottom + random * (high + _BEYOND * (high - low) - bottom)
