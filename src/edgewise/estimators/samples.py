"""Training samples, each once and in a fixed order, and their division into training and validation samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Samples:
    """Weighted samples.

    Attributes:
        x: Inputs, shape (n, columns), float64.
        y: Values (n, outputs), or numbers of classes (n,).
        weights: Shape (n,), positive.
    """

    x: Tensor
    y: Tensor
    weights: Tensor

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.x)

    def rows(self, index: Tensor) -> Samples:
        """The samples of these numbers."""
        return Samples(self.x[index], self.y[index], self.weights[index])


def deduplicate(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Samples:
    """Put the samples in one order, and make one of equal ones, whose weights are added; weights of 0 leave.

    The order is that of the samples' bytes. What is fitted then depends neither on the order of the rows nor on whether a sample is repeated or
    weighs more, and equal samples never stand on both sides of a split.

    Args:
        x: Shape (n, columns), finite.
        y: Shape (n, outputs), or numbers of classes (n,).
        weights: Shape (n,), at least 0, not all 0.

    Example:
        >>> found = deduplicate(np.array([[2.0], [1.0], [2.0]]), np.array([0, 1, 0]), np.ones(3))
        >>> found.x.flatten().tolist(), found.weights.tolist()
        ([2.0, 1.0], [2.0, 1.0])
    """
    rows = weights > 0
    x, y, weights = x[rows], y[rows], weights[rows]
    table = np.ascontiguousarray(np.column_stack([x, y.reshape(len(y), -1)]).astype(np.float64) + 0.0)
    keys = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).ravel()
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    total = np.bincount(number.ravel(), weights=weights, minlength=len(first))
    return Samples(
        torch.from_numpy(x[first].copy()), torch.from_numpy(y[first].copy()), torch.from_numpy(total)
    )


def splits(samples: Samples, share: float, folds: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Numbers of the training and the validation samples, once for each fold; classes are spread evenly.

    Args:
        samples: What `deduplicate` gave.
        share: Of the samples that validate where there is one fold; with more it is 1 / `folds`.
        folds: At least 1.
        seed: Decides which ones.

    Returns:
        Pairs of index vectors; none where there are too few samples.

    Example:
        >>> few = Samples(torch.zeros(6, 1), torch.zeros(6, 1), torch.ones(6))
        >>> [len(validation) for train, validation in splits(few, 0.2, 3, seed=0)]
        [2, 2, 2]
    """
    count = len(samples)
    if count < max(4, folds):
        return []
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    if samples.y.ndim == 1:
        order = order[torch.argsort(samples.y[order], stable=True)]
    parts = folds if folds > 1 else max(2, round(1 / share))
    group = torch.empty(count, dtype=torch.long)
    group[order] = torch.arange(count) % parts
    places = torch.arange(count)
    return [(places[group != fold], places[group == fold]) for fold in range(folds)]
