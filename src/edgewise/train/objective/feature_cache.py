"""What need not be computed twice while a network is trained on the same samples: its first features.

The first layer's inputs are the data, and its knots move only when the grid is updated; between updates
the features there, and their covariance, are constants.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...layers import feature_statistics
from ...network import Network

_MOST_NUMBERS = 2**25


class FeatureCache:
    """The first layer's features of a network on samples that stay the same.

    Args:
        model: The network.
        x: Its inputs, shape (batch, n_columns).

    Example:
        >>> from edgewise.network import build
        >>> model, x = build([2, 5, 1]), torch.rand(10, 2)
        >>> torch.allclose(FeatureCache(model, x).sums(), model.layers[0].sums(x), atol=1e-6)
        True
    """

    def __init__(self, model: Network, x: Tensor) -> None:
        self._model, self._x = model, x
        self.refresh()

    @torch.no_grad()
    def refresh(self) -> None:
        """Compute the features anew, after the grid has moved."""
        self.inputs = self._model.prepare_inputs(self._x)
        self._features = self._model.layers[0].basis.features(self.inputs)
        self._statistics = feature_statistics(self._features)

    def sums(self) -> Tensor:
        """As `Layer.sums` of the first layer."""
        layer = self._model.layers[0]
        return layer.with_formulas(layer.basis.sums(self._features), self.inputs)

    def sums_with_variances(self) -> tuple[Tensor, Tensor]:
        """The sums, and the variances of the first layer's spline edges, shape (in, out)."""
        layer = self._model.layers[0]
        sums, _, variances = layer.basis.sums_with_moments(self._features, self._statistics)
        return layer.with_formulas(sums, self.inputs), variances


def feature_cache(model: nn.Module, x: Tensor) -> FeatureCache | None:
    """The features to keep; None for other modules, and where they would take too much memory.

    Example:
        >>> feature_cache(nn.Linear(2, 1), torch.rand(10, 2)) is None
        True
    """
    if not isinstance(model, Network) or x.ndim != 2:
        return None
    spline = model.layers[0].basis
    if len(x) * spline.in_features * (spline.size + 1) > _MOST_NUMBERS:
        return None
    return FeatureCache(model, x)
