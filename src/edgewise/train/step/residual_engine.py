"""The engine of `opt="LM"`: one Levenberg-Marquardt iteration on all samples a step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import nn

from ...errors import InputError
from ...optim import LevenbergMarquardt
from ..checkpoint.optimizer_state import resumed_lm
from ..data.data import Data
from ..objective.objective import Objective, Report
from ..objective.residuals import FitResiduals


class ResidualEngine:
    """Levenberg-Marquardt on all samples at once; it serves mean squares without a penalty.

    Args:
        objective: What is minimised.
        data: The samples.
        parameters: What is trained.
        solver: Settings.

    Raises:
        InputError: the loss is no mean square, or there is a penalty.
    """

    def __init__(
        self, objective: Objective, data: Data, parameters: list[nn.Parameter], solver: LevenbergMarquardt
    ) -> None:
        if not is_sum_of_squares(objective):
            raise InputError(
                f"fit: loss must be 'mse' and lamb 0 with opt='LM', which needs a sum of squares; got "
                f"loss={objective.loss.name!r}, lamb={objective.penalty.lamb}. Choose opt='LBFGS'."
            )
        self._solver = solver
        self._errors = FitResiduals(objective.model, data.x, data.y, data.weights, parameters=parameters)
        self._state = solver.start(self._errors.problem, self._errors.start())
        self._before = self._state
        self.now = self._now_before = self._read()

    @property
    def evaluations(self) -> int:
        """Times the residuals were computed."""
        return self._state.evaluations

    @property
    def ending(self) -> str | None:
        """Why the optimiser has nothing more to do, or None."""
        return self._state.ending

    def step(self) -> Report:
        """Do one iteration."""
        self._state = self._solver.step(self._errors.problem, self._state)
        self._errors.finish(self._state.x)
        self.now = self._read()
        return self.now

    def restart(self) -> Report:
        """Take the weights as they are now; the damping is kept."""
        self._before, self._now_before = self._state, self.now
        self._errors.refresh()
        self._state = self._solver.restart(self._errors.problem, self._errors.start(), self._state)
        self.now = self._read()
        return self.now

    def retract(self) -> None:
        """Go on as if nothing had been tried, but for the evaluation it cost."""
        self._errors.refresh()
        self._state = replace(self._before, evaluations=self._state.evaluations)
        self.now = self._now_before

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, but for the model and its knots."""
        return {"solver": vars(self._state), "roughness": self._errors.roughness()}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, the model and its knots being back already."""
        self._errors.refresh(state["roughness"])
        self._state = self._before = resumed_lm(self._state, state["solver"])
        self._errors.finish(self._state.x)
        self.now = self._now_before = self._read()

    def _read(self) -> Report:
        loss = self._errors.loss(self._state.residual)
        return Report(loss, loss, None)


def is_sum_of_squares(objective: Objective) -> bool:
    """Whether the objective is a mean square and nothing else.

    Example:
        >>> from edgewise.train.objective.loss import as_loss
        >>> from edgewise.train.objective.penalty import Penalty
        >>> is_sum_of_squares(Objective(nn.Linear(1, 1), as_loss("mae"), Penalty()))
        False
    """
    return objective.loss.name == "mse" and objective.loss.mean_square and not objective.penalty.lamb
