"""Samples whose targets are far off: a law is looked for without them too, and they are named."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .law import Law
from .polish import fitted
from .problem import Array
from .result import Discovery
from .split import Split

_SHARE = 0.02
_FAR, _FAR_FROM_LAW = 30.0, 12.0
_NORMAL = 1.4826  # deviations of normal errors in a median absolute deviation
_NAMED = 5

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outliers:
    """Samples that lie far off.

    Attributes:
        fitted: Which of those that laws are fitted to (n,).
        held: Which of those held out.
    """

    fitted: Mask
    held: Mask


def outlying(y: Array) -> Mask:
    """Which targets are 30 times as far from their median as half of them are: normal errors in half of them supposed.

    Example:
        >>> outlying(np.array([1.0, 2.0, 1e6, 3.0])).tolist()
        [False, False, True, False]
    """
    return _far(y - np.median(y), _FAR)


def outliers(found: Discovery) -> Outliers | None:
    """Samples whose targets lie far from all others, or from the law; None where there are none, or more than two of a hundred.

    Targets of which a law of the other samples tells are no outliers: those of products often have long tails.

    Args:
        found: What was found with them.
    """
    samples = found.samples
    y = samples.all_y
    alone = outlying(y)
    masks = [alone]
    if found.best is not None:
        if found.best.verdict != "approximation" and _explained(found.best, samples, alone):
            return None
        rest = y - found.best.predict(samples.all_x)
        # A law that was bent towards the outliers may be near all samples but few, or near hardly any.
        masks.insert(0, alone | _far(np.where(np.isfinite(rest), rest, np.inf), _FAR_FROM_LAW))
    for far in masks:
        if 0 < far.sum() <= _SHARE * len(y):
            return Outliers(far[: len(samples.y)], far[len(samples.y) :])
    return None


def _explained(law: Law, samples: Split, alone: Mask) -> bool:
    """Whether a law, its constants fitted without some samples, is near all of them."""
    count, weights = len(samples.y), samples.weights
    others = ~alone[:count]
    some = None if weights is None else weights[others]
    fit = fitted(law.expression, law.symbols, samples.x[others], samples.y[others], weights=some)
    if fit is None:
        return False
    rest = samples.all_y - replace(law, expression=fit.form, named=None).predict(samples.all_x)
    return bool(np.isfinite(rest).all()) and not bool(_far(rest, _FAR_FROM_LAW).any())


def _far(distance: Array, times: float) -> Mask:
    size = np.abs(distance)
    return size > times * _NORMAL * np.median(size)


def without(samples: Split, outliers: Outliers) -> Split:
    """The other samples."""
    fitted, held = ~outliers.fitted, ~outliers.held
    weights = samples.all_weights
    others = replace(
        samples,
        x=samples.x[fitted],
        y=samples.y[fitted],
        held_x=samples.held_x[held],
        held_y=samples.held_y[held],
    )
    return others.weighted(None if weights is None else weights[np.concatenate([fitted, held])])


def line_on_outliers(samples: Split, outliers: Outliers) -> str:
    """The note that names their targets."""
    y = np.concatenate([samples.y[outliers.fitted], samples.held_y[outliers.held]])
    shown = ", ".join(f"{value:.6g}" for value in y[:_NAMED])
    more = f" and {len(y) - _NAMED} more" if len(y) > _NAMED else ""
    if len(y) == 1:
        return f"Left out as an outlier: the sample with the target {shown}. With it no such law was found."
    return f"Left out as outliers: {len(y)} samples with the targets {shown}{more}. With them no such law was found."
