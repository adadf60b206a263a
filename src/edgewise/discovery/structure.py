"""Is what a law leaves of the targets noise? Noise follows from nothing: no column, nor the law's own values, tell it.

Residuals are compared with what low polynomials of the columns' and the values' ranks explain of them, alone, in pairs,
and times the values, and with the residuals of their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt
import torch

from .._tensors import even_places
from .problem import Array

_DEGREE = 4
_MOST_PAIRS = 45
_ROBUST = 4.0
_CERTAIN = 3.5  # standard errors
FEWEST, _MOST_ROWS = 30, 3000  # samples that noise is told by, and that are looked at
_HEAVY = 30.0  # kurtosis that no noise has which a mean is right for
_NEIGHBOURS = 3
_EVEN = 2.2  # exceeded by one even draw in ten thousand


def is_noise(x: Array, values: Array, residual: Array, even: bool = False) -> bool:
    """Whether nothing speaks against it.

    Args:
        x: Inputs (n, columns).
        values: What the law gives there (n,).
        residual: What it leaves (n,).
        even: Whether the residuals' sizes must follow from nothing either.

    Example:
        >>> x = np.linspace(0, 1, 400)[:, None]
        >>> noise = np.random.default_rng(0).standard_normal(400)
        >>> is_noise(x, x[:, 0], noise), is_noise(x, x[:, 0], noise + np.sin(9 * x[:, 0]))
        (True, False)
    """
    if len(residual) < FEWEST or not np.isfinite(values).all():
        return False
    size = float(np.median(np.abs(residual))) * 1.4826
    squares = (residual / np.abs(residual).max()) ** 2 if size else residual
    if size == 0 or np.mean(squares**2) > _HEAVY * np.mean(squares) ** 2:
        return False
    rows = even_places(len(x), _MOST_ROWS).numpy()
    x, values, residual = x[rows], values[rows], residual[rows]
    rest = np.clip(residual, -_ROBUST * size, _ROBUST * size)
    columns = [column for column in x.T if np.ptp(column) > 0]
    return _follows_from_nothing(columns, values, rest) and (
        not even or _follows_from_nothing([np.abs(c) for c in columns], np.abs(values), np.abs(rest))
    )


def is_scattered(x: Array, chosen: npt.NDArray[np.bool_]) -> bool:
    """Whether which samples are chosen follows from no column, as it would of a region of them.

    Args:
        x: Inputs (n, columns).
        chosen: Which samples (n,).

    Example:
        >>> x = np.linspace(0, 1, 400)[:, None]
        >>> is_scattered(x, np.random.default_rng(0).random(400) < 0.05), is_scattered(x, x[:, 0] > 0.95)
        (True, False)
    """
    columns = [ranked(column)[chosen] for column in x.T if np.ptp(column) > 0]
    return bool(chosen.any()) and all(_unevenness(ranks) < _EVEN for ranks in columns)


def _unevenness(ranks: Array) -> float:
    """Kolmogorov's and Smirnov's statistic of ranks from -1 to 1, times the root of their number."""
    ordered, count = np.sort((ranks + 1) / 2), len(ranks)
    steps = np.arange(count + 1) / count
    return float(np.maximum(steps[1:] - ordered, ordered - steps[:-1]).max()) * count**0.5


def _follows_from_nothing(columns: list[Array], values: Array, rest: Array) -> bool:
    rest = (rest - rest.mean()) / rest.std()
    if any(_explained(features, rest) > _CERTAIN for features in _features(columns, values)):
        return False
    alone = [_successive(column, rest) for column in [values, *columns]]
    return max(*alone, _neighbours(columns, rest)) <= _CERTAIN


def _features(columns: list[Array], values: Array) -> Iterator[Array]:
    """Groups of functions that structure would show in."""
    ranks = [ranked(column) for column in [values, *columns]]
    shapes = [np.polynomial.legendre.legvander(rank, _DEGREE)[:, 1:] for rank in ranks]
    size = (values / (np.abs(values).max() or 1.0))[:, None]
    for shape in shapes:
        yield np.concatenate([shape, size, shape * size], 1)
    pairs = list(combinations(range(len(ranks)), 2))[:_MOST_PAIRS]
    if pairs:
        products = np.stack([ranks[i] * ranks[j] for i, j in pairs], 1)
        yield products
        yield products * size


def ranked(column: Array) -> Array:
    """Ranks from -1 to 1; equal values have the same."""
    _, place, count = np.unique(column, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return np.asarray((2 * ends - count)[place] / len(column) - 1.0)


def _explained(features: Array, rest: Array) -> float:
    """By how many standard errors features explain more of noise than they should."""
    most = len(rest) // 4
    features = features[:, :most]
    left, sizes, _ = np.linalg.svd(features - features.mean(0), full_matrices=False)
    left = left[:, sizes > 1e-9 * sizes[0]] if sizes[0] > 0 else left[:, :0]
    count = left.shape[1]
    if not count:
        return 0.0
    found = float(np.sum((left.T @ rest) ** 2))
    square = max(float(rest @ rest) - found, 1e-12) / max(len(rest) - count - 1, 1)
    # The cube root of chi-square is nearly normal (Wilson and Hilferty).
    ratio, width = found / square / count, 2 / (9 * count)
    return float((np.cbrt(ratio) - (1 - width)) / width**0.5)


def _successive(column: Array, rest: Array) -> float:
    """By how many standard errors residuals are like the next ones, in the order of a column."""
    ordered = rest[np.lexsort((np.random.default_rng(0).random(len(rest)), column))]
    return float(ordered[1:] @ ordered[:-1]) / len(rest) ** 0.5


def _neighbours(columns: list[Array], rest: Array) -> float:
    """By how many standard errors residuals are like those of their neighbours."""
    if not columns:
        return 0.0
    # Equal inputs are told apart by a little, or all would have the same few neighbours.
    random = np.random.default_rng(0)
    count = len(rest)
    points = np.stack([ranked(column) + 1e-6 * random.standard_normal(count) for column in columns], 1)
    distance = torch.cdist(torch.from_numpy(points), torch.from_numpy(points)).fill_diagonal_(torch.inf)
    near = distance.topk(min(_NEIGHBOURS, count - 1), largest=False).indices.numpy()
    there = np.arange(count)[:, None] * count + near
    back = near * count + np.arange(count)[:, None]
    mutual = np.isin(there, back).sum() / 2
    return float(rest @ rest[near].sum(1)) / float(there.size + 2 * mutual) ** 0.5
