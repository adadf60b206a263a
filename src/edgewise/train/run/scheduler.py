"""Learning-rate schedules by name or as a callable from the optimiser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch.optim import lr_scheduler as torch_schedules

from ...errors import InputError, unknown_name

SCHEDULERS: Mapping[str, Callable[[torch.optim.Optimizer, int], Any]] = MappingProxyType(
    {
        "cosine": lambda optimiser, steps: torch_schedules.CosineAnnealingLR(optimiser, max(1, steps)),
        "exponential": lambda optimiser, steps: torch_schedules.ExponentialLR(
            optimiser, 0.01 ** (1 / max(1, steps))
        ),
        "linear": lambda optimiser, steps: torch_schedules.LinearLR(optimiser, 1.0, 0.01, max(1, steps)),
        "plateau": lambda optimiser, steps: torch_schedules.ReduceLROnPlateau(
            optimiser, factor=0.5, patience=10
        ),
    }
)


class Scheduler:
    """Moves the learning rate after each step.

    Args:
        scheduler: "cosine", "exponential" (to a hundredth over the run), "linear" (likewise), "plateau"
            (halved when the monitored loss stalls), or a callable from the optimiser to a torch scheduler.
        optimiser: Whose rate is moved.
        steps: Length of the run.

    Raises:
        UnknownName: no schedule has this name.
        InputError: not a schedule, or the optimiser has no learning rate to move.
    """

    def __init__(self, scheduler: Any, optimiser: Any, steps: int) -> None:
        if not isinstance(optimiser, torch.optim.Optimizer):
            raise InputError(
                "fit: scheduler must be None with opt='LBFGS', whose line search finds the step length; got "
                f"{scheduler!r}. Leave it out, or choose opt='Adam'."
            )
        if isinstance(scheduler, str):
            if scheduler.lower() not in SCHEDULERS:
                raise unknown_name("fit", "scheduler", scheduler, SCHEDULERS)
            self._schedule = SCHEDULERS[scheduler.lower()](optimiser, steps)
        elif callable(scheduler):
            self._schedule = scheduler(optimiser)
        else:
            raise InputError(
                f"fit: scheduler must be a name or a callable from the optimiser; got {type(scheduler).__name__}. "
                f"Pass for example lambda optimiser: StepLR(optimiser, 30)."
            )

    def step(self, monitored: float) -> None:
        """Move on; `monitored` is the loss that a plateau is looked for in."""
        if isinstance(self._schedule, torch_schedules.ReduceLROnPlateau):
            self._schedule.step(monitored)
        else:
            self._schedule.step()

    def state_dict(self) -> dict[str, Any]:
        """All there is to know, for a checkpoint.

        Raises:
            InputError: the schedule is one that cannot say.
        """
        if not hasattr(self._schedule, "state_dict"):
            raise InputError(
                f"fit: scheduler must have a state_dict to be kept in a checkpoint; got {type(self._schedule).__name__}. "
                f"Use one of torch's, or leave checkpoint out."
            )
        return dict(self._schedule.state_dict())

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._schedule.load_state_dict(state)
