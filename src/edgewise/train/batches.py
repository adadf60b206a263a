"""Mini-batches for one epoch after another: shuffled from memory, or streamed from the user's loader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from .data import Data, Wanted, as_data

Batch = tuple[Tensor, ...]


@dataclass
class ShuffledBatches:
    """Calling it gives the batches of the next epoch: every sample once, in an order of its own.

    Args:
        data: Where the samples are.
        size: Samples to a batch; the last may be smaller.
        seed: Of the orders.

    Example:
        >>> epochs = ShuffledBatches(Data(torch.zeros(5, 1), torch.zeros(5, 1)), 2)
        >>> [len(x) for x, y, weights in epochs()]
        [2, 2, 1]
    """

    data: Data
    size: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Start the stream of orders."""
        self._generator = torch.Generator().manual_seed(self.seed)

    def __call__(self) -> Iterator[Batch]:
        """Iterate over one epoch."""
        order = torch.randperm(self.data.samples, generator=self._generator).to(self.data.x.device)
        weights = self.data.weights
        for rows in order.split(self.size):
            yield self.data.x[rows], self.data.y[rows], None if weights is None else weights[rows]


@dataclass(frozen=True)
class StreamedBatches:
    """Calling it iterates over the user's loader once, checking each batch as all data is checked.

    Args:
        loader: Gives pairs (x, y).
        wanted: What the model asks for.
    """

    loader: Any
    wanted: Wanted

    def __call__(self) -> Iterator[Batch]:
        """Iterate over one epoch."""
        for pair in self.loader:
            data = as_data(tuple(pair), self.wanted)
            yield data.x, data.y, None


def make_batches(
    data: Data, batch: int | None, wanted: Wanted, seed: int
) -> Callable[[], Iterator[Batch]] | None:
    """Choose how epochs are made; None means that all samples are one batch.

    Raises:
        InputError: `batch` is not a positive whole number.
    """
    if data.batches is not None and batch is None:
        return StreamedBatches(data.batches, replace(wanted))
    if batch is None or batch == -1:  # -1 is how pykan says "all"
        return None
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise InputError(
            f"fit: batch must be a positive whole number, or None for all samples; got {batch!r}. Pass for example 64."
        )
    return None if batch >= data.samples else ShuffledBatches(data, batch, seed)
