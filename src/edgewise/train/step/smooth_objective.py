"""The objective of training as a smooth function of one flat vector, in fused code where there is some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ...optim import Minimiser, QuasiNewtonState, Smooth
from ..data.data import Data
from ..objective.feature_cache import feature_cache
from ..objective.objective import Objective, Report, report
from .fused import fused_objective, is_supported
from .parameters import FlatParameters


class SmoothObjective:
    """Loss and penalty of a model on all its samples.

    Args:
        objective: What is minimised.
        data: The samples.
        parameters: What is trained.

    Attributes:
        problem: What the optimisers take.
    """

    def __init__(self, objective: Objective, data: Data, parameters: list) -> None:
        self._objective, self._data = objective, data
        self._flat = FlatParameters(parameters)
        self._fused = fused_objective(objective, data, self._flat)
        self._features = None if self._fused else feature_cache(objective.model, data.x)
        self._reports: dict[float, Report] = {}
        self.problem = Smooth(self._value_and_gradient)

    def read_from_model(self) -> Tensor:
        """The parameters as they are, shape (n,)."""
        return self._flat.read()

    def write_to_model(self, x: Tensor) -> None:
        """Put parameters into the model."""
        self._flat.write(x)

    def refresh(self) -> None:
        """Take note that the model was changed by someone else."""
        if self._fused is not None:
            self._fused = fused_objective(self._objective, self._data, self._flat)
        elif self._features is not None:
            self._features.refresh()

    def undo_refresh(self) -> None:
        """Take note that it is as it was before the last `refresh`."""
        self.refresh()

    def step(self, minimiser: Minimiser[Smooth, Any], state: QuasiNewtonState) -> QuasiNewtonState:
        """One step of the minimiser; the one that fused code knows is done there."""
        self._renew_if_moved()
        if self._fused is None or not is_supported(minimiser):
            return minimiser.step(self.problem, state)
        if state.status is None:
            state, found = self._fused.step(minimiser, state)
            self._reports.setdefault(state.value, found)
        return state

    def report(self, state: QuasiNewtonState) -> Report:
        """Parts of the accepted value, which need not be the last one tried, in the users' units."""
        value = state.value
        found = self._reports.get(value) or Report(value, value, None)
        self._reports = {value: found}
        return found.in_units_of(self._objective.units.factor)

    def state_dict(self) -> dict[str, Any]:
        """The parts of the last value that was accepted."""
        (found,) = self._reports.values()
        return {"report": tuple(found)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, the model being back already."""
        self.refresh()
        found = Report(*state["report"])
        self._reports = {found.objective: found}

    def _renew_if_moved(self) -> None:
        """Look again where the model's tensors are, if they were replaced without a word."""
        if self._fused is not None and not self._fused.is_current():
            self.refresh()

    def _value_and_gradient(self, flat: Tensor) -> tuple[float, Tensor]:
        if self._fused is not None:
            found, gradient = self._fused(flat)
        else:
            self._flat.write(flat)
            terms = self._objective(self._data.x, self._data.y, self._data.weights, fixed=self._features)
            found, gradient = report(terms), self._flat.gradient(terms.objective)
        if found.penalty is not None:
            self._reports[found.objective] = found
        return found.objective, gradient
