"""All that `fit` was asked for, as one value."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .arguments import check_callable, check_whole
from .grids.updates import GridUpdates
from .objective.loss import Loss, LossFunction
from .objective.penalty import Magnitude, Penalty

_LARGEST_SEED = 2**64 - 1
"""So says torch."""


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """The arguments of `fit` but for the model and the data, where they are explained.

    Raises:
        InputError: a number or a function that does not hold what is asked.

    Example:
        >>> FitSettings(steps=5, lamb=1e-3).penalty.lamb
        0.001
    """

    opt: Any = "LBFGS"
    steps: int = 100
    lr: float | None = None
    batch: int | None = None
    loss: str | LossFunction | Loss = "mse"
    metrics: Any = None
    lamb: float = 0.0
    lamb_l1: float = 1.0
    lamb_entropy: float = 2.0
    lamb_coef: float = 0.0
    lamb_coefdiff: float = 0.0
    magnitude: str | Magnitude = "gain"
    update_grid: bool = True
    grid_update_num: int = 10
    start_grid_update_step: int = -1
    stop_grid_update_step: int = 50
    grid: str | int | Sequence[int] | None = None
    starts: int = 1
    validation: float | None = None
    patience: int | None = None
    best: bool = True
    scheduler: Any = None
    seed: int = 0
    progress: bool | None = None
    callback: Callable[[int, dict[str, float]], Any] | None = None
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: int = 10

    @property
    def penalty(self) -> Penalty:
        """What sparsity costs."""
        return Penalty(
            self.lamb, self.lamb_l1, self.lamb_entropy, self.lamb_coef, self.lamb_coefdiff, self.magnitude
        )

    @property
    def grid_updates(self) -> GridUpdates:
        """When grids follow the data."""
        return GridUpdates(
            self.grid_update_num if self.update_grid else 0,
            self.start_grid_update_step,
            self.stop_grid_update_step,
            self.lamb > 0,
        )

    def check(self) -> None:
        """Refuse what does not hold for a run on one grid."""
        check_whole("checkpoint_every", self.checkpoint_every, 1)
        check_whole("steps", self.steps, 0)
        check_whole("patience", 1 if self.patience is None else self.patience, 1)
        check_whole("seed", self.seed, 0, _LARGEST_SEED)
        check_callable("callback", self.callback, "callback(step, values)")
