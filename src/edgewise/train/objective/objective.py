"""What training minimises: the loss on a batch, plus the weighted penalty."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from ...network import Network, forward_with
from .feature_cache import FeatureCache
from .loss import Loss
from .penalty import Penalty, forward_with_penalty


class Terms(NamedTuple):
    """The objective and its parts; `penalty` is None where it was not asked for."""

    objective: Tensor
    loss: Tensor
    penalty: Tensor | None


class Report(NamedTuple):
    """The same as numbers."""

    objective: float
    loss: float
    penalty: float | None


@dataclass(frozen=True)
class Objective:
    """Loss of a model on a batch plus `weight` times its penalty.

    Args:
        model: Whose outputs are judged.
        loss: By which loss.
        penalty: How sparsity counts.

    Example:
        >>> import torch
        >>> from edgewise.train.objective.loss import as_loss
        >>> objective = Objective(torch.nn.Linear(1, 1), as_loss("mse"), Penalty())
        >>> objective(torch.zeros(3, 1), torch.zeros(3, 1)).penalty is None
        True
    """

    model: nn.Module
    loss: Loss
    penalty: Penalty

    @functools.cached_property
    def weight(self) -> float:
        """`lamb` in the units of the loss, so that sparsity does not depend on those of the targets."""
        scaler = self.model.output_scaler if isinstance(self.model, Network) else None
        if scaler is None or self.loss.power == 0:
            return self.penalty.lamb
        return self.penalty.lamb * float(scaler.scale.abs().pow(self.loss.power).mean())

    @property
    def is_sum_of_squares(self) -> bool:
        """Whether it is a mean square and nothing else."""
        return self.loss.name == "mse" and self.loss.mean_square and not self.penalty.lamb

    def __call__(
        self, x: Tensor, y: Tensor, weights: Tensor | None = None, *, fixed: FeatureCache | None = None
    ) -> Terms:
        """Evaluate on a batch, with a graph; `fixed` holds what is known of `x` already."""
        if not self.penalty.lamb:
            loss = self.loss(_forward(self.model, x, fixed), y, weights)
            return Terms(loss, loss, None)
        prediction, penalty = forward_with_penalty(self.model, x, self.penalty, fixed)
        loss = self.loss(prediction, y, weights)
        return Terms(loss + self.weight * penalty, loss, penalty)


def _forward(model: nn.Module, x: Tensor, fixed: FeatureCache | None) -> Tensor:
    if fixed is None or not isinstance(model, Network):
        return model(x)
    return forward_with(model, fixed.inputs, lambda l, layer, h: layer(h) if l else layer.nodes(fixed.sums()))


def report(terms: Terms) -> Report:
    """Read the numbers off."""
    penalty = None if terms.penalty is None else terms.penalty.item()
    return Report(terms.objective.item(), terms.loss.item(), penalty)
