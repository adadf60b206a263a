"""Whether errors are alike at neighbouring samples, which noise is not."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...._tensors import even_places

_ROWS = 1000
_LARGEST_SHARE = 2 / 3  # of neighbours with errors of one sign: then more than half of the variance is smooth
_CHANCE = 4.0  # standard errors
_FEWEST = 16  # pairs


def nearest_pairs(x: Tensor) -> Tensor:
    """Pairs (pairs, 2) of samples of which one is the nearest of the other, each pair once.

    Args:
        x: Samples (n, columns); of more than 1,000, so many are taken evenly.

    Example:
        >>> nearest_pairs(torch.tensor([[0.0], [1.0], [5.0]])).tolist()
        [[0, 1], [1, 2]]
    """
    spread = x.std(0, correction=0) if len(x) > 1 else x.new_zeros(x.shape[1])
    places = even_places(len(x), _ROWS)
    used = x[places][:, spread > 0] / spread[spread > 0]
    if len(places) < 2 or not used.shape[1]:
        return torch.empty(0, 2, dtype=torch.long)
    distance = torch.cdist(used, used).fill_diagonal_(torch.inf)
    near = places[distance.argmin(1)]
    return torch.unique(torch.stack([torch.minimum(places, near), torch.maximum(places, near)], 1), dim=0)


def are_alike(errors: Tensor, pairs: Tensor) -> bool:
    """Whether errors (n,) have the same sign at neighbours far more often than chance lets them.

    Example:
        >>> x = torch.linspace(0, 1, 100)[:, None]
        >>> are_alike(torch.sin(9 * x[:, 0]), nearest_pairs(x))
        True
    """
    if len(pairs) < _FEWEST:
        return False
    signs = errors[pairs].sign()
    share = float((signs[:, 0] * signs[:, 1] > 0).double().mean())
    return share > max(_LARGEST_SHARE, 0.5 + 0.5 * _CHANCE / math.sqrt(len(pairs)))
