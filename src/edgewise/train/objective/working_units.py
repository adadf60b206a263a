"""The units that the objective is worked on in: errors are measured in the targets' size.

What users see stays in their units: `Report`s are multiplied by `factor`. In its own units the objective has size
1, so that no threshold of an optimiser, and no square in float32, depends on theirs; and where a network ends in a
scaler, its outputs are compared before that, so that a large mean takes no digits from the errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...network import Network, Scaler
from ..data.data import Data
from .loss import Loss

_LEAST, _MOST = 0.1, 10.0
"""Deviations of targets that are left as they are where the model has no scaler."""


@dataclass(frozen=True)
class WorkingUnits:
    """How targets and outputs are brought to size 1.

    Args:
        size: What errors are divided by.
        power: Which power of it the loss is measured in.
        level: What the loss is divided by after that, where its unit is not known.
        shift: Subtracted from the targets, shape (outputs,); None for nothing.
        scale: What the last layer's outputs are multiplied with, shape (outputs,); None for nothing.
        before_scaler: Whether outputs are those before the network's output scaler.

    Example:
        >>> WorkingUnits(size=2.0).targets(torch.ones(1))
        tensor([0.5000])
    """

    size: float = 1.0
    power: int = 0
    level: float = 1.0
    shift: Tensor | None = None
    scale: Tensor | None = None
    before_scaler: bool = False

    @property
    def factor(self) -> float:
        """What an objective in these units is multiplied with, to be in the users'."""
        return self.size**self.power * self.level

    def targets(self, y: Tensor) -> Tensor:
        """Targets in these units."""
        y = y if self.shift is None else y - self.shift
        return y if self.size == 1.0 else y / self.size

    def outputs(self, h: Tensor) -> Tensor:
        """A model's outputs in these units; those before the scaler if so agreed."""
        if self.before_scaler:
            return h if self.scale is None else h * self.scale
        return h if self.size == 1.0 else h / self.size


PLAIN = WorkingUnits()
"""The users' own units."""


@torch.no_grad()
def working_units(model: nn.Module, data: Data, loss: Loss) -> WorkingUnits:
    """The units for a model and its data; the users' own for a loss whose units are not known.

    Example:
        >>> from .loss import LOSSES
        >>> y = torch.tensor([[-1e-9], [1e-9]])
        >>> round(working_units(nn.Linear(1, 1), Data(y, y), LOSSES["mse"]).factor * 1e18, 3)
        1.0
    """
    y = data.y
    if loss.targets != "values" or not y.is_floating_point() or y.ndim != 2:
        return PLAIN
    level = 1.0 if loss.power else _level(y, loss)
    if type(model).forward is Network.forward and model.output_scaler is not None:
        scale = model.output_scaler.scale.double()
        size = float(scale.square().mean().sqrt()) if loss.power else 1.0
        ratio = None if bool((scale == size).all()) else (scale / size).to(y.dtype)
        return WorkingUnits(size, loss.power, level, model.output_scaler.shift, ratio, before_scaler=True)
    size = float(Scaler.of(y.double()).scale.square().mean().sqrt()) if loss.power else 1.0
    if _LEAST <= size <= _MOST:
        size = 1.0
    return WorkingUnits(size, loss.power, level)


def _level(y: Tensor, loss: Loss) -> float:
    """The loss of the mean, where that is far from 1."""
    level = loss.measure(y.mean(0).expand_as(y), y)
    return 1.0 if _LEAST**2 <= level <= _MOST**2 or not 0 < level < float("inf") else level
