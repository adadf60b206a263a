"""How one training step is made: a quasi-Newton method on the full batch, or any torch optimiser on it or on batches.

An engine's `step` trains and gives the `Report` at the weights it leaves (for mini-batches: the mean over
the epoch); `restart` is called when the weights were changed by someone else.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from ...optim import QuasiNewton
from ..checkpoint.optimizer_state import (
    optimiser_state,
    quasi_newton_state,
    resume_optimiser,
    resumed_quasi_newton,
)
from ..data.data import Data
from ..objective.feature_cache import feature_cache
from ..objective.objective import Objective, Report, report
from .batches import Batch, Batches, ShuffledBatches
from .fused import fused_objective, is_plain
from .parameters import FlatParameters


class Engine(Protocol):
    """What the training loop asks of an engine."""

    now: Report

    @property
    def evaluations(self) -> int:
        """Times the loss and its gradient were computed."""
        ...

    @property
    def ending(self) -> str | None:
        """Why the optimiser has nothing more to do, or None."""
        ...

    def step(self) -> Report:
        """Train one step."""
        ...

    def restart(self) -> Report:
        """Take note that the weights or the grid have changed."""
        ...

    def retract(self) -> None:
        """Take note that what `restart` was called for has been undone."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """An engine that a checkpoint can keep."""

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        ...

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, the model and its knots being back already."""
        ...


class QuasiNewtonEngine:
    """Our L-BFGS or BFGS on all samples at once."""

    def __init__(self, objective: Objective, data: Data, parameters: list, solver: QuasiNewton) -> None:
        self._objective, self._data, self._solver = objective, data, solver
        self._flat = FlatParameters(parameters)
        self._compiled = fused_objective(objective, data, self._flat)
        self._fixed = None if self._compiled else feature_cache(objective.model, data.x)
        self._seen: dict[float, Report] = {}
        self._state = solver.start(self._value_and_gradient, self._flat.read())
        self.now = self._now_before = self._read()
        self._before = self._state

    @property
    def evaluations(self) -> int:
        """Times the loss and its gradient were computed."""
        return self._state.evaluations

    @property
    def ending(self) -> str | None:
        """Why the optimiser has nothing more to do, or None."""
        return self._state.ending

    def step(self) -> Report:
        """Do up to twenty iterations."""
        if self._compiled is None or not is_plain(self._solver):
            self._state = self._solver.step(self._value_and_gradient, self._state)
        elif self._state.ending is None:
            self._state, found = self._compiled.step(self._solver, self._state)
            self._seen.setdefault(self._state.value, found)
        self._flat.write(self._state.x)
        self.now = self._read()
        return self.now

    def restart(self) -> Report:
        """Forget the curvature: the function has changed."""
        self._refresh()
        self._before, self._now_before = self._state, self.now
        self._state = self._solver.restart(self._value_and_gradient, self._flat.read(), self._state)
        self.now = self._read()
        return self.now

    def retract(self) -> None:
        """Go on as if nothing had been tried, but for the evaluation it cost."""
        self._refresh()
        self._state = replace(self._before, evaluations=self._state.evaluations)
        self.now = self._now_before

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        return {"solver": quasi_newton_state(self._state), "now": tuple(self.now)}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, the model and its knots being back already."""
        self._refresh()
        self._state = self._before = resumed_quasi_newton(self._state, state["solver"])
        self.now = self._now_before = Report(*state["now"])
        self._seen = {self._state.value: self.now}
        self._flat.write(self._state.x)

    def _refresh(self) -> None:
        if self._compiled is not None:
            self._compiled = fused_objective(self._objective, self._data, self._flat)
        elif self._fixed is not None:
            self._fixed.refresh()

    def _value_and_gradient(self, flat: Tensor) -> tuple[float, Tensor]:
        if self._compiled is not None:
            found, gradient = self._compiled(flat)
        else:
            self._flat.write(flat)
            terms = self._objective(self._data.x, self._data.y, self._data.weights, fixed=self._fixed)
            found, gradient = report(terms), self._flat.gradient(terms.objective)
        if found.penalty is not None:
            self._seen[found.objective] = found
        return found.objective, gradient

    def _read(self) -> Report:
        """Parts of the accepted value, which need not be the last one tried."""
        value = self._state.value
        found = self._seen.get(value) or Report(value, value, None)
        self._seen = {value: found}
        return found


class FullBatchEngine:
    """A torch optimiser on all samples at once; a step is one call of it."""

    ending = None

    def __init__(
        self, objective: Objective, data: Data, parameters: list, optimiser: torch.optim.Optimizer
    ) -> None:
        self._objective, self._data, self._optimiser = objective, data, optimiser
        self._parameters = parameters
        self._primed = False
        self.evaluations = 0
        self.now = self._evaluate()

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

    def retract(self) -> None:
        """Evaluate once more, at the weights that are back."""
        self._evaluate()

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        return {"optimiser": optimiser_state(self._optimiser), "evaluations": self.evaluations}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, the model and its knots being back already."""
        resume_optimiser(self._optimiser, state["optimiser"])
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
        self.now = report(terms)
        return self.now


class MiniBatchEngine:
    """A torch optimiser on one batch after another; a step is one epoch."""

    ending = None

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
        self.now = self._measured() or self._last

    def step(self) -> Report:
        """Go through all batches once; samples in memory are then measured at the weights left."""
        reports: list[tuple[int, Report]] = []
        for batch in self._batches():
            self._batch = batch
            self._optimiser.step(self._closure)  # type: ignore[arg-type]
            reports.append((len(batch[0]), self._last))
        self.now = self._measured() or _mean(reports)
        return self.now

    @torch.no_grad()
    def _measured(self) -> Report | None:
        if not isinstance(self._batches, ShuffledBatches):
            return None
        return _mean([(len(batch[0]), report(self._objective(*batch))) for batch in self._batches.in_order()])

    def _closure(self) -> Tensor:
        with torch.enable_grad():
            terms = self._objective(*self._batch)
            set_gradients(self._parameters, terms.objective)
        self.evaluations += 1
        self._last = report(terms)
        return terms.objective.detach()

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots; a loader's order is not known."""
        batches = self._batches
        return {
            "optimiser": optimiser_state(self._optimiser),
            "evaluations": self.evaluations,
            "order": batches.state() if isinstance(batches, ShuffledBatches) else None,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, the model and its knots being back already."""
        resume_optimiser(self._optimiser, state["optimiser"])
        self.evaluations = int(state["evaluations"])
        if isinstance(self._batches, ShuffledBatches):
            self._batches.resume(state["order"])
        self.restart()

    def restart(self) -> Report:
        """Measure anew; what the optimiser remembers is carried on."""
        self.now = self._measured() or self.now
        return self.now

    def retract(self) -> None:
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
