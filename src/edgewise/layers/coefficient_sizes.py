"""Sizes, data type and device of a layer of edges, all read off its coefficients."""

from __future__ import annotations

import torch
from torch import nn

from .structure import StructuredModule


class CoefficientSizes(StructuredModule):
    """A module whose `coef` (in, size, out) says how large it is.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> layer = KANLayer(3, 2, grid=5)
        >>> isinstance(layer, CoefficientSizes), layer.in_features, layer.size
        (True, 3, 8)
    """

    coef: nn.Parameter

    @property
    def in_features(self) -> int:
        """Number of inputs."""
        return self.coef.shape[0]

    @property
    def out_features(self) -> int:
        """Number of outputs."""
        return self.coef.shape[2]

    @property
    def size(self) -> int:
        """Number of coefficients per edge."""
        return self.coef.shape[1]

    @property
    def dtype(self) -> torch.dtype:
        """Data type of the coefficients and of the input."""
        return self.coef.dtype

    @property
    def device(self) -> torch.device:
        """Device of the coefficients."""
        return self.coef.device
