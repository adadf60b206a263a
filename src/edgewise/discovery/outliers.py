"""Samples whose targets are far off: a law is looked for without them too, and they are named."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from .._tensors import even_places
from .judge import law_bits
from .law import Law
from .polish import fitted
from .problem import Array
from .result import Discovery
from .split import Split
from .structure import is_scattered, ranked
from .written import digits_of

_SHARE, _MOST = 0.02, 0.1
_FAR, _FAR_FROM_LAW = 30.0, 12.0
_NORMAL = 1.4826  # deviations of normal errors in a median absolute deviation
_NAMED, _APART = 5, 2.0
_EXACT = 1e-12  # of the deviation of the targets
_NEAR, _ROUNDING = 0.3, 1e-12  # of the targets' spread: what half of the samples miss at most, and at least
_NEIGHBOURS, _REFERENCES, _BLOCK = 8, 3000, 4096

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


def stand_apart(y: Array) -> bool:
    """Whether the outlying targets are far from all others too: those of a law over decades follow on each other.

    Example:
        >>> stand_apart(np.append(np.linspace(1, 2, 99), 1e6)), stand_apart(np.geomspace(1e-6, 1e6, 100))
        (True, False)
    """
    size, far = np.abs(y - np.median(y)), outlying(y)
    return bool(far.any()) and float(size[far].min()) > _APART * float(size[~far].max())


def suspected(samples: Split) -> Mask:
    """Which targets lie far from all others, or from those of their neighbours."""
    return outlying(samples.all_y) | _far(_beside_neighbours(samples.all_x, samples.all_y), _FAR_FROM_LAW)


def _beside_neighbours(x: Array, y: Array) -> Array:
    """Targets beside the medians of their neighbours', which are as near in the ranks of all columns."""
    some = even_places(len(y), _REFERENCES).numpy()
    ranks = torch.from_numpy(np.stack([ranked(column) for column in x.T], 1))
    count = min(_NEIGHBOURS + 1, len(some))
    near = torch.cat(
        [torch.cdist(block, ranks[some]).topk(count, largest=False).indices for block in ranks.split(_BLOCK)]
    )
    medians: Array = np.median(y[some][near.numpy()[:, 1:]], 1)  # the nearest may be the sample itself
    return y - medians


def outliers(found: Discovery, samples: Split) -> Outliers | None:
    """Samples whose targets lie far from a law that most are near, or else from all others; None where there are none, or too many.

    They may be two of a hundred, or ten where it follows from no column which they are: of a region that has another law
    all samples count. Targets of which a law of the other samples tells are no outliers: those of products often have
    long tails.

    Args:
        found: What was found, with all samples or some.
        samples: All.
    """
    alone = outlying(samples.all_y)
    best = found.best
    if best is not None and best.verdict != "approximation" and _explained(best, samples, alone):
        return None
    masks = (lambda: alone | _far_from_law(found, samples), lambda: alone, lambda: suspected(samples))
    for mask in masks:  # the last takes long
        far = mask()
        few, some = far.mean() <= _SHARE, far.mean() <= _MOST
        if far.any() and (few or (some and is_scattered(samples.all_x, far))):
            return Outliers(far[: len(samples.y)], far[len(samples.y) :])
    return None


def _far_from_law(found: Discovery, samples: Split) -> Mask:
    """Far from the law that describes half of the samples in the fewest bits: the others say nothing of which it is.

    A law that was bent towards outliers may be near all samples but few, or near hardly any.
    """
    y = samples.all_y
    spread = float(np.median(np.abs(y - np.median(y))))
    least, nearest = math.inf, None
    for law in (*found.laws, *found.others):
        rest = np.abs(y - law.predict(samples.all_x))
        size = max(float(np.median(np.where(np.isfinite(rest), rest, np.inf))), _ROUNDING * spread)
        bits = (
            len(y) * math.log2(size) + law_bits(law.shown, digits_of(law.constants)) if size > 0 else math.inf
        )
        if size < _NEAR * spread and bits < least:
            least, nearest = bits, rest
    if nearest is None:
        return np.zeros(len(y), dtype=np.bool_)
    return _far(np.where(np.isfinite(nearest), nearest, np.inf), _FAR_FROM_LAW, _ROUNDING * spread)


def _explained(law: Law, samples: Split, alone: Mask) -> bool:
    """Whether a law, its constants fitted without some samples, is near all of them."""
    count, weights = len(samples.y), samples.weights
    others = ~alone[:count]
    some = None if weights is None else weights[others]
    fit = fitted(law.expression, law.symbols, samples.x[others], samples.y[others], weights=some)
    if fit is None:
        return False
    y = samples.all_y
    rest = y - replace(law, expression=fit.form, named=None).predict(samples.all_x)
    # Beside targets over decades even rounding has long tails.
    return bool(np.isfinite(rest).all()) and not bool(
        _far(rest, _FAR_FROM_LAW, _EXACT * float(y.std())).any()
    )


def _far(distance: Array, times: float, least: float = 0.0) -> Mask:
    size = np.abs(distance)
    return np.asarray(size > times * max(_NORMAL * float(np.median(size)), least))


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
