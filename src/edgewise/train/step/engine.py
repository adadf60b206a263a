"""How training makes its steps: what a run asks of an engine, and the engine of our own optimisers.

An engine's `step` trains and gives the `Report` at the weights it leaves (for mini-batches: the mean over
the epoch); `restart` is called when the weights were changed by someone else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from torch import Tensor

from ...errors import InputError
from ...events import Stop
from ...optim import Minimiser
from ..data.data import Data
from ..objective.objective import Objective, Report
from ..objective.residuals import FitResiduals
from .smooth_objective import SmoothObjective


class Engine(Protocol):
    """What a run of training asks of an engine."""

    current: Report

    @property
    def value(self) -> float:
        """The objective as it is now."""
        ...

    @property
    def evaluations(self) -> int:
        """Times the loss and its gradient were computed."""
        ...

    @property
    def status(self) -> Stop | None:
        """Why the optimiser has nothing more to do, or None."""
        ...

    def step(self) -> Report:
        """Train one step."""
        ...

    def restart(self) -> Report:
        """Take note that the weights or the grid have changed."""
        ...

    def undo_restart(self) -> None:
        """Take note that what `restart` was called for has been undone."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave, the model and its knots being back already."""
        ...


class FitProblem(Protocol):
    """A model and its samples as a problem of one flat vector: `SmoothObjective` or `FitResiduals`."""

    problem: Any

    def read_from_model(self) -> Tensor:
        """The parameters as they are, shape (n,)."""
        ...

    def write_to_model(self, x: Tensor) -> None:
        """Put parameters into the model."""
        ...

    def refresh(self) -> None:
        """Take note that the model was changed by someone else."""
        ...

    def undo_refresh(self) -> None:
        """Take note that it is as it was before the last `refresh`."""
        ...

    def step(self, minimiser: Any, state: Any) -> Any:
        """One step of the minimiser."""
        ...

    def report(self, state: Any) -> Report:
        """The parts of a state's value."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What cannot be told from the model."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave, the model being back already."""
        ...


class FullBatchEngine:
    """One of our optimisers on all samples at once.

    Args:
        minimiser: Its settings.
        problem: The model and its samples.
    """

    def __init__(self, minimiser: Minimiser[Any, Any], problem: FitProblem) -> None:
        self._minimiser, self._problem = minimiser, problem
        self._state = self._before = minimiser.start(problem.problem, problem.read_from_model())
        self.current = self._current_before = problem.report(self._state)

    @property
    def value(self) -> float:
        """The objective as it is now."""
        return self.current.objective

    @property
    def evaluations(self) -> int:
        """Times the loss and its gradient were computed."""
        return self._state.evaluations

    @property
    def status(self) -> Stop | None:
        """Why the optimiser has nothing more to do, or None."""
        return self._state.status

    def step(self) -> Report:
        """Do one step of the optimiser, which may be many iterations."""
        self._state = self._problem.step(self._minimiser, self._state)
        self._problem.write_to_model(self._state.x)
        self.current = self._problem.report(self._state)
        return self.current

    def restart(self) -> Report:
        """Take the weights as they are now: the function has changed."""
        self._before, self._current_before = self._state, self.current
        self._problem.refresh()
        x = self._problem.read_from_model()
        self._state = self._minimiser.restart(self._problem.problem, x, self._state)
        self.current = self._problem.report(self._state)
        return self.current

    def undo_restart(self) -> None:
        """Go on as if nothing had been tried, but for the evaluation it cost."""
        self._problem.undo_refresh()
        self._state = replace(self._before, evaluations=self._state.evaluations)
        self.current = self._current_before

    def state_dict(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        return {
            "minimiser": self._minimiser.state_dict(self._state),
            "problem": self._problem.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave, the model and its knots being back already."""
        self._problem.load_state_dict(state["problem"])
        self._state = self._before = self._minimiser.load_state_dict(self._state, state["minimiser"])
        self._problem.write_to_model(self._state.x)
        self.current = self._current_before = self._problem.report(self._state)


def full_batch_engine(
    minimiser: Minimiser[Any, Any], objective: Objective, data: Data, parameters: list
) -> FullBatchEngine:
    """The engine of one of our optimisers, on the kind of problem that it needs.

    Args:
        minimiser: Its settings.
        objective: What is minimised.
        data: The samples.
        parameters: What is trained.

    Raises:
        InputError: the optimiser needs a sum of squares, and the loss is no mean square or there is a penalty.
    """
    if minimiser.needs == "smooth":
        return FullBatchEngine(minimiser, SmoothObjective(objective, data, parameters))
    if not objective.is_sum_of_squares:
        raise InputError(
            f"fit: loss must be 'mse' and lamb 0 with opt='LM', which needs a sum of squares; got "
            f"loss={objective.loss.name!r}, lamb={objective.penalty.lamb}. Choose opt='LBFGS'."
        )
    problem = FitResiduals(objective.model, data.x, data.y, data.weights, parameters=parameters)
    return FullBatchEngine(minimiser, problem)
