"""Training of a whole network by L-BFGS, its curves kept smooth, and monitored on samples set aside."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..network import Network
from ..optim import LBFGS, EarlyStopping, Loop, Search, Smooth
from ..train import FlatParameters, predict_in_chunks, trainable
from .additive import Roughness
from .samples import Samples
from .task import Task

_PER_STEP = 10
"""Iterations between two looks at the samples set aside."""


def mean_loss(model: Network, samples: Samples, task: Task) -> float:
    """Weighted mean loss of a network without scalers on samples whose targets are the task's."""
    losses = task.judged(predict_in_chunks(model, samples.x), samples.y)
    return float(samples.weights @ losses / samples.weights.sum())


@dataclass
class LBFGSFit:
    """Trains one network at one roughness after another.

    Args:
        model: Trained in place; where it starts is what its upper layers are drawn to.
        samples: With the task's targets.
        task: What is to be predicted.
        validation: Samples set aside, or None.
        patience: Steps without improvement on them after which to stop.
        drawn_to: Coefficients that the penalty draws each layer's to; 0 below and those at the start above if None.

    Attributes:
        train: Mean loss after each step.
        held_out: The same on the samples set aside.
    """

    model: Network
    samples: Samples
    task: Task
    validation: Samples | None = None
    patience: int = 3
    drawn_to: list[Tensor] | None = None
    train: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note where it starts."""
        self._flat = FlatParameters(trainable(self.model))
        self._share = self.samples.weights / self.samples.weights.sum()
        if self.drawn_to is None:
            self.drawn_to = [
                torch.zeros_like(layer.basis.coef) if l == 0 else layer.basis.coef.detach().clone()
                for l, layer in enumerate(self.model.layers)
            ]

    def run(self, roughness: Roughness, steps: int) -> tuple[float, int]:
        """Train so many steps, or until the samples set aside have had enough; the best weights stay.

        Returns:
            The loss that decides (on the samples set aside, else in training), and the steps that led to it.
        """

        def value_and_gradient(flat: Tensor) -> tuple[float, Tensor]:
            self._flat.write(flat)
            objective = self._objective(roughness)
            return objective.item(), self._flat.gradient(objective)

        solver = LBFGS(tolerance_change=1e-6, max_iterations_per_step=_PER_STEP)
        search = Search(solver, Smooth(value_and_gradient), self._flat.read())
        best = search.state.x

        def monitored() -> float:
            self._flat.write(search.state.x)
            return self._look()

        def take() -> None:
            nonlocal best
            best = search.state.x

        stopping = EarlyStopping(monitored, take, self.patience)
        loop = Loop(search, steps if search.status is None else 0, [stopping])
        loop.run()
        self._flat.write(best)
        return stopping.lowest, loop.done - stopping.steps_since_best

    def _objective(self, roughness: Roughness) -> Tensor:
        losses = self.task.each(self.model(self.samples.x), self.samples.y)
        pairs = zip(self.model.layers, self.drawn_to or (), strict=True)
        penalty = sum(roughness.of(layer.basis.coef - start) for layer, start in pairs)
        return self._share @ losses + roughness.strength * penalty

    def _look(self) -> float:
        self.train.append(mean_loss(self.model, self.samples, self.task))
        if self.validation is None:
            return self.train[-1]
        self.held_out.append(mean_loss(self.model, self.validation, self.task))
        return self.held_out[-1]
