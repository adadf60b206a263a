"""Training samples, each once and in a fixed order, and their division into training and validation samples.

What is divided are rows where many share their inputs, as in surveys and contingency tables, and different inputs
elsewhere. Division of rows draws them as they would be drawn one by one: a sample that stands for many is cut in two.
Division of different inputs keeps copies of a row on one side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

_SHARED = 1.5
"""Inputs are shared where there are so many times more rows than different inputs."""

_FEW_VALUES = 10
"""A column of no more different values is never continuous."""

_MOST_ROWS = 10**8
"""More rows are divided as so many would be: what decides is the same to four digits."""


@dataclass(frozen=True)
class Samples:
    """Weighted samples.

    Attributes:
        x: Inputs, shape (n, columns), float64.
        y: Values (n, outputs), or numbers of classes (n,).
        weights: Shape (n,), positive.
        counts: How many rows each stands for, shape (n,), int64, where rows are divided; None where different
            inputs are.
    """

    x: Tensor
    y: Tensor
    weights: Tensor
    counts: Tensor | None = None

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.x)

    @property
    def size(self) -> int:
        """How much they say: their rows, or themselves where copies say nothing new."""
        return len(self) if self.counts is None else int(self.counts.sum())

    def rows(self, index: Tensor) -> Samples:
        """The samples of these numbers."""
        counts = None if self.counts is None else self.counts[index]
        return Samples(self.x[index], self.y[index], self.weights[index], counts)


def deduplicate(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, repeats: np.ndarray | None = None
) -> Samples:
    """Put the samples in one order, and make one of equal ones, whose weights are added; weights of 0 leave.

    The order is that of the samples' bytes. What is fitted then depends neither on the order of the rows nor on
    whether a sample is repeated or weighs more.

    Args:
        x: Shape (n, columns), finite.
        y: Shape (n, outputs), or numbers of classes (n,).
        weights: Shape (n,), at least 0, not all 0.
        repeats: How many rows each row stands for, where that is not its weight. Where they are not whole numbers
            when added, each row stands for itself.

    Example:
        >>> found = deduplicate(np.array([[2.0], [1.0], [2.0]]), np.array([0, 1, 0]), np.ones(3))
        >>> found.x.flatten().tolist(), found.weights.tolist()
        ([2.0, 1.0], [2.0, 1.0])
    """
    rows = weights > 0
    repeats = (weights if repeats is None else repeats)[rows]
    x, y, weights = x[rows], y[rows], weights[rows]
    table = np.ascontiguousarray(np.column_stack([x, y.reshape(len(y), -1)]).astype(np.float64) + 0.0)
    keys = table.view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).ravel()
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    total, stood_for = (
        np.bincount(number.ravel(), weights=values, minlength=len(first)) for values in (weights, repeats)
    )
    if (stood_for != np.round(stood_for)).any():
        stood_for = np.bincount(number.ravel(), minlength=len(first)).astype(np.float64)
    samples = Samples(
        torch.from_numpy(x[first].copy()), torch.from_numpy(y[first].copy()), torch.from_numpy(total)
    )
    return _with_counts(samples, stood_for)


def _with_counts(samples: Samples, stood_for: np.ndarray) -> Samples:
    """The samples with their numbers of rows, where these are to be divided.

    Rows are divided where they share inputs and tell different things, or where no column is continuous. Copies of
    rows of continuous columns, which share all, stay together.
    """
    different = int(_inputs(samples)[-1]) + 1
    if stood_for.sum() < _SHARED * different:
        return samples
    if len(samples) < _SHARED * different and _has_continuous(samples.x.numpy(), different):
        return samples
    shrunk = stood_for * min(1.0, _MOST_ROWS / stood_for.sum())
    return replace(samples, counts=torch.from_numpy(np.maximum(1, shrunk).astype(np.int64)))


def _inputs(samples: Samples) -> Tensor:
    """Numbers of the different inputs, shape (n,): equal ones are neighbours."""
    changed = (samples.x[1:] != samples.x[:-1]).any(1).long()
    return torch.cat([changed.new_zeros(1), changed.cumsum(0)])


def _has_continuous(x: np.ndarray, different: int) -> bool:
    least = max(_FEW_VALUES, different / 2)
    return any(len(np.unique(column)) > least for column in x.T)


def splits(samples: Samples, share: float, folds: int, seed: int) -> list[tuple[Samples, Samples]]:
    """Training and validation samples, once for each fold; classes are spread evenly.

    Args:
        samples: What `deduplicate` gave.
        share: Of the samples that validate where there is one fold; with more it is 1 / `folds`.
        folds: At least 1.
        seed: Decides which ones.

    Returns:
        Pairs; none where there are too few samples.

    Example:
        >>> few = Samples(torch.arange(6.0)[:, None], torch.zeros(6, 1), torch.ones(6))
        >>> [len(validation) for train, validation in splits(few, 0.2, 3, seed=0)]
        [2, 2, 2]
    """
    parts = folds if folds > 1 else max(2, round(1 / share))
    if samples.size < max(4, folds):
        return []
    if samples.counts is None:
        group = _divided_inputs(samples, parts, seed)
        places = torch.arange(len(samples))
        return [
            (samples.rows(places[group != fold]), samples.rows(places[group == fold]))
            for fold in range(folds)
        ]
    divided = _divided_rows(samples, samples.counts.numpy(), parts, folds, seed)
    return [(_share_of(samples, samples.counts - held), _share_of(samples, held)) for held in divided]


def _divided_inputs(samples: Samples, parts: int, seed: int) -> Tensor:
    """Number of the part of each sample, those with equal inputs alike."""
    numbers = _inputs(samples)
    count = int(numbers[-1]) + 1
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    if samples.y.ndim == 1:
        first = torch.searchsorted(numbers, torch.arange(count))
        order = order[torch.argsort(samples.y[first][order], stable=True)]
    group = torch.empty(count, dtype=torch.long)
    group[order] = torch.arange(count) % parts
    return group[numbers]


def _divided_rows(samples: Samples, counts: np.ndarray, parts: int, folds: int, seed: int) -> list[Tensor]:
    """How many rows of each sample every fold sets aside, as if they had been drawn one by one."""
    random = np.random.default_rng(seed)
    labels = samples.y.numpy() if samples.y.ndim == 1 else np.zeros(len(samples), dtype=int)
    left, held = counts.copy(), np.zeros((folds, len(samples)), dtype=np.int64)
    for label in np.unique(labels):
        (places,) = np.nonzero(labels == label)
        total = counts[places].sum()
        for fold in range(folds):
            wanted = total * (fold + 1) // parts - total * fold // parts
            held[fold, places] = random.multivariate_hypergeometric(left[places], wanted, method="marginals")
            left[places] -= held[fold, places]
    return list(torch.from_numpy(held))


def _share_of(samples: Samples, counts: Tensor) -> Samples:
    """So many rows of each sample; those without any leave."""
    assert samples.counts is not None
    weights = samples.weights * counts / samples.counts
    return replace(samples, weights=weights, counts=counts).rows(torch.nonzero(counts > 0)[:, 0])


def typical(samples: Samples, most: int) -> tuple[Tensor, Tensor]:
    """Numbers of samples that stand for all, those of many rows as often as they occur, and the weight of each.

    Args:
        samples: What `deduplicate` gave.
        most: How many at most.

    Example:
        >>> few = Samples(torch.tensor([[0.0], [1.0]]), torch.zeros(2, 1), torch.ones(2), torch.tensor([1, 3]))
        >>> typical(few, 10)[0].tolist()
        [0, 1, 1, 1]
    """
    if samples.counts is None:
        order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:most]
        kept = order.sort().values
        return kept, samples.weights[kept]
    counts = samples.counts.numpy()
    drawn = np.random.default_rng(0).multivariate_hypergeometric(
        counts, min(most, counts.sum()), method="marginals"
    )
    kept = torch.repeat_interleave(torch.from_numpy(drawn))
    return kept, samples.weights[kept] / samples.counts[kept]
