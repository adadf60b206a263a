"""All that `fit` was asked for, as one value."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from .._checks import check_callable, check_int, is_number
from ..errors import InputError
from .checkpoint.settings import Checkpoint
from .grids.grid_extension import GridExtension
from .grids.updates import GridUpdates
from .objective.loss import Loss, LossFunction
from .objective.penalty import Penalty

_LARGEST_SEED = 2**64 - 1
"""So says torch."""


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """The arguments of `fit` but for the model and the data, where they are explained.

    Raises:
        InputError: a number or a function that does not hold what is asked.

    Example:
        >>> FitSettings(steps=5, lamb=1e-3).sparsity.lamb
        0.001
    """

    opt: Any = "LBFGS"
    steps: int = 100
    lr: float | None = None
    batch: int | None = None
    loss: str | LossFunction | Loss = "mse"
    metrics: Any = None
    lamb: float = 0.0
    penalty: float | Penalty | None = None
    update_grid: bool | GridUpdates = True
    grids: Literal["auto"] | int | Sequence[int] | GridExtension | None = None
    validation: float | None = None
    patience: int | None = None
    best: bool = True
    scheduler: Any = None
    seed: int = 0
    progress: bool | None = None
    callback: Callable[[int, dict[str, float]], Any] | None = None
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None

    @property
    def sparsity(self) -> Penalty:
        """What sparsity costs."""
        if self.penalty is None:
            return Penalty(self.lamb)
        if self.lamb:
            raise InputError(
                f"fit: penalty must be left out with lamb; got {self.penalty!r}. "
                f"Pass the weight of all in it: Penalty({self.lamb!r}, ...)."
            )
        if isinstance(self.penalty, Penalty):
            return self.penalty
        if not is_number(self.penalty):
            raise InputError(
                f"fit: penalty must be a number or Penalty(...); got {self.penalty!r}. For example penalty=1e-3."
            )
        return Penalty(self.penalty)

    @property
    def grid_updates(self) -> GridUpdates:
        """When grids follow the data."""
        updates = self.update_grid
        if not isinstance(updates, (bool, GridUpdates)):
            raise InputError(
                f"fit: update_grid must be True, False or GridUpdates(...); got {updates!r}. "
                f"Use GridUpdates(num=...) for a number of updates."
            )
        if isinstance(updates, bool):
            updates = GridUpdates() if updates else GridUpdates(0)
        return replace(updates, sparsify=self.sparsity.lamb > 0)

    @property
    def grid_extension(self) -> GridExtension:
        """Which grids are trained on, and from how many start values."""
        return self.grids if isinstance(self.grids, GridExtension) else GridExtension(self.grids)

    @property
    def checkpoints(self) -> Checkpoint | None:
        """Where the run is kept, and how often."""
        asked = self.checkpoint
        return asked if asked is None or isinstance(asked, Checkpoint) else Checkpoint(asked)

    def check(self) -> None:
        """Refuse what does not hold for a run on one grid."""
        check_int("steps", self.steps, 0)
        check_int("patience", 1 if self.patience is None else self.patience, 1)
        check_int("seed", self.seed, 0, _LARGEST_SEED)
        check_callable("callback", self.callback, "callback(step, values)")
