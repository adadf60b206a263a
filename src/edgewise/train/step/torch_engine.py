"""The engines of torch's optimisers: on all samples at once, or on one mini-batch after another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ...events import Stop
from ..data.data import Data
from ..objective.objective import Objective, Report, report
from .batches import Batch, Batches, ShuffledBatches


class TorchEngine:
    """A torch optimiser on all samples at once; a step is one call of it."""

    status: Stop | None = None

    def __init__(
        self, objective: Objective, data: Data, parameters: list, optimiser: torch.optim.Optimizer
    ) -> None:
        self._objective, self._data, self._optimiser = objective, data, optimiser
        self._parameters = parameters
        self._primed = False
        self.evaluations = 0
        self.current = self._evaluate()

    @property
    def value(self) -> float:
        """The objective as it is now."""
        return self.current.objective

    def step(self) -> Report:
        """Call the optimiser once; the first evaluation it asks for is already there."""
        self._primed = True
        self._optimiser.step(self._closure)  # type: ignore[arg-type]
        self._primed = False
        return self._evaluate()

    def restart(self) -> Report:
        """Evaluate anew; a quasi-Newton memory is dropped, moments of first-order methods are carried."""
        if isinstance(self._optimiser, torch.optim.LBFGS):
            self._optimiser.state.clear()
        return self._evaluate()

    def undo_restart(self) -> None:
        """Evaluate once more, at the weights that are back."""
        self._evaluate()

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        return {"optimiser": self._optimiser.state_dict(), "evaluations": self.evaluations}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave, the model and its knots being back already."""
        _load_optimiser(self._optimiser, state["optimiser"])
        self._evaluate()
        self.evaluations = int(state["evaluations"])

    def _closure(self) -> Tensor:
        if not self._primed:
            self._evaluate()
        self._primed = False
        return self._value

    def _evaluate(self) -> Report:
        with torch.enable_grad():
            terms = self._objective(self._data.x, self._data.y, self._data.weights)
            set_gradients(self._parameters, terms.objective)
        self._value = terms.objective.detach()
        self.evaluations += 1
        self.current = report(terms).in_units_of(self._objective.units.factor)
        return self.current


class TorchBatchEngine:
    """A torch optimiser on one batch after another; a step is one epoch."""

    status: Stop | None = None

    def __init__(
        self,
        objective: Objective,
        batches: Batches,
        parameters: list,
        optimiser: torch.optim.Optimizer,
    ) -> None:
        self._objective, self._batches, self._optimiser = objective, batches, optimiser
        self._parameters = parameters
        self._batch: Batch = ()
        self.evaluations = 0
        self._last = Report(math.inf, math.inf, None)
        self.current = self._measured() or self._last

    @property
    def value(self) -> float:
        """The objective as it is now."""
        return self.current.objective

    def step(self) -> Report:
        """Go through all batches once; samples in memory are then measured at the weights left."""
        reports: list[tuple[int, Report]] = []
        for batch in self._batches():
            self._batch = batch
            self._optimiser.step(self._closure)  # type: ignore[arg-type]
            reports.append((len(batch[0]), self._last))
        self.current = self._measured() or _mean(reports)
        return self.current

    @torch.no_grad()
    def _measured(self) -> Report | None:
        if not isinstance(self._batches, ShuffledBatches):
            return None
        return _mean([(len(batch[0]), self._report(*batch)) for batch in self._batches.in_order()])

    def _report(self, *batch: Any) -> Report:
        return report(self._objective(*batch)).in_units_of(self._objective.units.factor)

    def _closure(self) -> Tensor:
        with torch.enable_grad():
            terms = self._objective(*self._batch)
            set_gradients(self._parameters, terms.objective)
        self.evaluations += 1
        self._last = report(terms).in_units_of(self._objective.units.factor)
        return terms.objective.detach()

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots; a loader's order is not known."""
        batches = self._batches
        return {
            "optimiser": self._optimiser.state_dict(),
            "evaluations": self.evaluations,
            "order": batches.state() if isinstance(batches, ShuffledBatches) else None,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave, the model and its knots being back already."""
        _load_optimiser(self._optimiser, state["optimiser"])
        self.evaluations = int(state["evaluations"])
        if isinstance(self._batches, ShuffledBatches):
            self._batches.resume(state["order"])
        self.restart()

    def restart(self) -> Report:
        """Measure anew; what the optimiser remembers is carried on."""
        self.current = self._measured() or self.current
        return self.current

    def undo_restart(self) -> None:
        """Measure once more, at the weights that are back."""
        self.restart()


def _mean(reports: list[tuple[int, Report]]) -> Report:
    """The mean over batches, weighted by their samples."""
    samples = sum(count for count, _ in reports)
    objective = sum(count * part.objective for count, part in reports) / samples
    loss = sum(count * part.loss for count, part in reports) / samples
    penalties = [count * part.penalty for count, part in reports if part.penalty is not None]
    return Report(objective, loss, sum(penalties) / samples if penalties else None)


def set_gradients(parameters: list, value: Tensor) -> None:
    """Put the gradient of `value` on the parameters, None where it does not depend on them."""
    gradients = torch.autograd.grad(value, parameters, allow_unused=True)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient


def _load_optimiser(optimiser: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Put a torch optimiser's state back, every tensor in the data type it had."""
    optimiser.load_state_dict(state)
    parameters = [part for group in optimiser.param_groups for part in group["params"]]
    for place, kept in state["state"].items():
        # Loading casts what is kept to the parameters' type, which may be another.
        owner = parameters[int(place)]
        optimiser.state[owner] = {
            name: value.to(owner.device) if isinstance(value, Tensor) and value.ndim else value
            for name, value in kept.items()
        }
