"""Mini-batches for one epoch after another: shuffled from memory, or streamed from the user's loader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..._checks import is_int
from ...errors import InputError
from ..data.data import Data, as_data, pair_of
from ..objective.loss import Loss

Batch = tuple[Any, ...]
Batches = Callable[[], Iterator[Batch]]


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
        yield from self._cut(torch.randperm(self.data.samples, generator=self._generator))

    def in_order(self) -> Iterator[Batch]:
        """The same samples as they stand, without using up an order."""
        yield from self._cut(torch.arange(self.data.samples))

    def state(self) -> Tensor:
        """Where the stream of orders stands."""
        return self._generator.get_state()

    def resume(self, state: Tensor) -> None:
        """Go on from what `state` gave."""
        self._generator.set_state(state)

    def _cut(self, order: Tensor) -> Iterator[Batch]:
        weights: Tensor | None = self.data.weights
        for rows in order.to(self.data.x.device).split(self.size):
            yield self.data.x[rows], self.data.y[rows], None if weights is None else weights[rows]


@dataclass(frozen=True)
class StreamedBatches:
    """Calling it iterates over the user's loader once, checking each batch as all data is checked.

    Args:
        loader: Gives pairs (x, y); its shuffling is its own.
        model: Whose device, dtype and width count.
        loss: Decides what targets must be.
    """

    loader: Any
    model: nn.Module
    loss: Loss

    def __call__(self) -> Iterator[Batch]:
        """Iterate over one epoch."""
        for batch in self.loader:
            data = as_data(pair_of(batch), self.model, loss=self.loss)
            yield data.x, data.y, None


def make_batches(data: Data, batch: int | None, model: nn.Module, loss: Loss, seed: int) -> Batches | None:
    """Choose how epochs are made; None means that all samples are one batch.

    Raises:
        InputError: `batch` is not a positive whole number.
    """
    if batch == -1:  # pykan's way to say all
        batch = None
    if batch is not None and (not is_int(batch) or batch < 1):
        raise InputError(
            f"fit: batch must be a positive whole number, or None for all samples; got {batch!r}. "
            f"Pass for example 64."
        )
    if batch is None:
        return None if data.batches is None else StreamedBatches(data.batches, model, loss)
    if data.batches is not None or not data.complete:
        raise InputError(
            f"fit: batch must be None with a DataLoader, which has batches of its own; got {batch}. Leave it out."
        )
    return None if batch >= data.samples else ShuffledBatches(data, int(batch), int(seed))
