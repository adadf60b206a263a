"""Errors that are shares of the values, as those of many instruments are: samples then weigh by one over the values' squares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from .law import Law
from .polish import fitted
from .problem import Array
from .rounding import WITHIN_ROUNDING
from .split import Split
from .structure import is_noise

_SPAN = 4.0  # between small and large values, below which errors are as good as even
_LARGEST, _TRUSTED = 0.3, 0.5


def values_with_relative_errors(laws: Iterable[Law], samples: Split) -> Array | None:
    """Values of the best law at all samples, if what it misses is even noise as a share of them, and is not as it stands.

    Args:
        laws: Those that were found; constants of the best are fitted anew, with the weights that such errors ask for.
        samples: All of them; those that have weights already are left alone.
    """
    law = min(laws, key=lambda law: law.bits, default=None)
    if law is None or samples.weights is not None or law.verdict == WITHIN_ROUNDING or not law.r2 > _TRUSTED:
        return None
    x, y = samples.all_x, samples.all_y
    values = law.predict(x)
    if not _spans(values):
        return None
    count = len(samples.y)
    fit = fitted(law.expression, law.symbols, samples.x, samples.y, weights=(1 / values[:count] ** 2))
    if fit is None:
        return None
    values = replace(law, expression=fit.form, named=None).predict(x)
    if not _spans(values):
        return None
    share = y / values - 1
    if float(np.sqrt(np.mean(share**2))) > _LARGEST or not is_noise(x, np.log(np.abs(values)), share, True):
        return None
    return None if is_noise(x, values, y - values, True) else values


def weighed_by(samples: Split, values: Array) -> Split:
    """The samples with weights of one over these values' squares."""
    return samples.weighted((values / np.abs(values).min()) ** -2.0)


def line_on_relative_errors(law: Law | None, samples: Split) -> str:
    """The note that says so."""
    said = "Errors grow with the values: samples weigh by one over the values' squares"
    if law is None:
        return f"{said}."
    values = law.predict(samples.all_x)
    share = float(np.sqrt(np.mean((samples.all_y / values - 1) ** 2)))
    return (
        f"{said}. Errors are about {100 * share:.2g} % of each value." if np.isfinite(share) else f"{said}."
    )


def _spans(values: Array) -> bool:
    """Whether values have one sign and spread over more than a few times their size."""
    if not np.isfinite(values).all() or abs(np.sign(values).mean()) != 1:
        return False
    low, high = np.quantile(np.abs(values), [0.05, 0.95])
    return bool(high > _SPAN * low)
