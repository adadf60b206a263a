"""A layer under test, and its samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerCase:
    """How to make a layer, and where its samples lie.

    Attributes:
        factory: Makes the layer, the same each time.
        in_features: Number of inputs.
        low: Least sample.
        high: Greatest sample.

    Example:
        >>> case = LayerCase(lambda: nn.Linear(2, 1), 2, -1.0, 1.0)
        >>> case.layer()(case.x(4)).shape
        torch.Size([4, 1])
    """

    factory: Callable[[], nn.Module]
    in_features: int
    low: float
    high: float

    def layer(self) -> nn.Module:
        """A new layer in float64."""
        return self.factory().to(torch.float64)

    def x(self, *leading: int, seed: int = 0) -> Tensor:
        """Samples of shape (*leading, in_features) in float64, the same for the same seed."""
        generator = torch.Generator().manual_seed(seed)
        share = torch.rand(*leading, self.in_features, generator=generator, dtype=torch.float64)
        return self.low + (self.high - self.low) * share
