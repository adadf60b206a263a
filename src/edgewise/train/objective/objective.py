"""What training minimises: the loss on a batch, plus the weighted penalty."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from ...network import Layer, Network, forward_with
from .feature_cache import FeatureCache
from .loss import Loss
from .penalty import Penalty, outputs_and_penalty
from .working_units import PLAIN, WorkingUnits


class Terms(NamedTuple):
    """The objective and its loss in working units; `penalty` is None where it was not asked for."""

    objective: Tensor
    loss: Tensor
    penalty: Tensor | None


class Report(NamedTuple):
    """The same as numbers."""

    objective: float
    loss: float
    penalty: float | None

    def in_units_of(self, factor: float) -> Report:
        """The same in the users' units, `factor` being that of the working units."""
        return Report(factor * self.objective, factor * self.loss, self.penalty)


@dataclass(frozen=True)
class Objective:
    """Loss of a model on a batch plus `weight` times its penalty, in working units.

    Args:
        model: Whose outputs are judged.
        loss: By which loss.
        penalty: How sparsity counts.
        units: What it is worked on in.

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
    units: WorkingUnits = PLAIN

    @functools.cached_property
    def weight(self) -> float:
        """`lamb` in the units of the loss, so that sparsity does not depend on those of the targets."""
        scaler = self.model.output_scaler if isinstance(self.model, Network) else None
        lamb = self.penalty.lamb / self.units.factor
        if scaler is None or self.loss.power == 0:
            return lamb
        return lamb * float(scaler.scale.double().abs().pow(self.loss.power).mean())

    @property
    def is_sum_of_squares(self) -> bool:
        """Whether it is a mean square and nothing else."""
        return self.loss.name == "mse" and self.loss.mean_square and not self.penalty.lamb

    def __call__(
        self, x: Tensor, y: Tensor, weights: Tensor | None = None, *, fixed: FeatureCache | None = None
    ) -> Terms:
        """Evaluate on a batch, with a graph; `fixed` holds what is known of `x` already."""
        if not self.penalty.lamb:
            loss = self._loss(self._forward(x, fixed), y, weights)
            return Terms(loss, loss, None)
        finish = not self.units.before_scaler
        outputs, penalty = outputs_and_penalty(self.model, x, self.penalty, fixed, finish=finish)
        loss = self._loss(outputs, y, weights)
        return Terms(loss + self.weight * penalty, loss, penalty)

    def _loss(self, outputs: Tensor, y: Tensor, weights: Tensor | None) -> Tensor:
        loss = self.loss(self.units.outputs(outputs), self.units.targets(y), weights)
        return loss if self.units.level == 1.0 else loss / self.units.level

    def _forward(self, x: Tensor, fixed: FeatureCache | None) -> Tensor:
        model, finish = self.model, not self.units.before_scaler
        if not isinstance(model, Network) or (fixed is None and finish):
            return model(x)
        if fixed is None:
            return model.run_layers(model.prepare_inputs(x))
        first = fixed

        def run(l: int, layer: Layer, h: Tensor) -> Tensor:
            return layer(h) if l else layer.nodes(first.sums())

        return forward_with(model, fixed.inputs, run, finish=finish)


def report(terms: Terms) -> Report:
    """Read the numbers off."""
    penalty = None if terms.penalty is None else terms.penalty.item()
    return Report(terms.objective.item(), terms.loss.item(), penalty)
