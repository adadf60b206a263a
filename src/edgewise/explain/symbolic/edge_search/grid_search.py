"""Coarse layer of the search: squared correlation of every starting value with every edge."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ....functions import Function
from .bins import Bins
from .peaks import best_of_groups
from .start_grid import Family, start_grid

_CHUNK = 150_000  # numbers in one temporary: they are to stay in the cache


def grid_starts(functions: Sequence[Function], family: Family, bins: Bins, samples: int, keep: int) -> Tensor:
    """Find the most promising (a, b) of each function for each edge.

    Args:
        functions: Functions of one family whose a or b matter.
        family: The family.
        bins: Samples in standard units, with float32 weights.
        samples: How many they are; it bounds the highest frequency.
        keep: How many starting values to return per function and edge.

    Returns:
        Starting values (F, E, keep, 2) in standard units, best first, taken from different neighbourhoods.
    """
    shape = (len(functions), len(bins.weight))
    pairs, groups = start_grid(family, samples)
    if len(pairs) == 0:
        return torch.full((*shape, keep, 2), torch.nan, dtype=torch.float64)
    size = max(1, _CHUNK // (len(functions) * len(bins.points)))
    score = torch.cat([_scores(functions, part, bins) for part in pairs.split(size)], 2)
    chosen = best_of_groups(score.flatten(0, 1), groups, keep)
    return pairs[chosen].reshape(*shape, keep, 2)


def _scores(functions: Sequence[Function], pairs: Tensor, bins: Bins) -> Tensor:
    """Squared correlations (F, E, C), of curves in float32: good to about 1e-6."""
    argument = torch.addcmul(pairs[:, 1:], pairs[:, :1], bins.points).float()
    shape = _unit_scale(torch.cat([function.fn(argument).float() for function in functions]))
    mean, square = bins.weight @ shape.T, bins.weight @ shape.square().T
    covariance = bins.total @ shape.T - mean * bins.total.sum(1, keepdim=True)
    variance = square - mean.square()
    score = covariance.square() / variance.clamp_min(1e-30)
    score = torch.where((variance > 1e-6 * square) & torch.isfinite(score), score, -1.0)
    return score.reshape(len(score), len(functions), -1).transpose(0, 1)


def _unit_scale(shape: Tensor) -> Tensor:
    """Centre and scale each curve so that sums of squares lose nothing to rounding."""
    centred = shape - shape.mean(-1, keepdim=True)
    return centred.div_(centred.abs().amax(-1, keepdim=True).clamp_min_(1e-30))
