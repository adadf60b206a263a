"""The training loop: it only puts things in order; grids, step, record, stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ...events import Stop, StopReason
from ...optim import NOT_FINITE, SMALL_GRADIENT
from ..checkpoint.file import Checkpoint
from ..evaluation import Evaluation
from ..grids.updates import GridUpdates, move_grids
from ..step.engines import Engine
from ..step.parameters import Snapshot
from .early_stopping import EarlyStopping
from .progress import Progress
from .scheduler import Scheduler

Callback = Callable[[int, "dict[str, float]"], Any]

_RESTORING = (StopReason.INTERRUPTED, StopReason.CANCELLED, StopReason.NON_FINITE, StopReason.PATIENCE)
"""A run that ends so leaves its best weights, whether that was asked for or not."""

_WORSE = 1.05
"""A grid update that raises the objective by more than this factor is taken back."""


@dataclass
class Loop:
    """One run of training.

    Args:
        model: What is trained.
        engine: How a step is made.
        evaluation: What is measured and kept.
        grids: When grids follow the data.
        steps: Steps to do, at least 1.
        progress: Where the user sees it.
        patience: Steps without improvement that are borne; None for any number.
        best: Whether the best weights are put back at the end.
        scheduler: Moves the learning rate; None for none.
        callback: Called after each step; a true result stops.
        checkpoint: Where the run is kept; None for nowhere.
        done: Steps done.
        notes: What else is worth knowing.
    """

    model: nn.Module
    engine: Engine
    evaluation: Evaluation
    grids: GridUpdates
    steps: int
    progress: Progress
    patience: int | None = None
    best: bool = True
    scheduler: Scheduler | None = None
    callback: Callback | None = None
    checkpoint: Checkpoint | None = None
    done: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def seconds_before(self) -> float:
        """Time that the run took before this process went on with it."""
        return 0.0 if self.checkpoint is None else self.checkpoint.seconds

    def run(self) -> Stop:
        """Train until a reason to stop; the weights left are the best, or the last if so asked."""
        watch = EarlyStopping(self.model)
        try:
            stop = self._kept(watch)
        except KeyboardInterrupt:
            stop = Stop(StopReason.INTERRUPTED, f"after {self.done} steps")
        finally:
            self.progress.close()
        if self.best or stop.reason in _RESTORING:
            watch.restore()
        return stop

    def _kept(self, watch: EarlyStopping) -> Stop:
        """Go on from the checkpoint, if there is one, and leave one of the end."""
        if self.checkpoint is None:
            return self._steps(watch)
        stop = self.checkpoint.resume(self, watch)
        if stop is None:
            with self.checkpoint.first_step(self):
                stop = self._steps(watch)
            self.checkpoint.keep(self, watch, stop)
        return stop

    def _steps(self, watch: EarlyStopping) -> Stop:
        if self.done == 0:
            watch.offer(self._watched(self.evaluation.measure() if self._watched_part() else {}))
        for step in range(self.done, self.steps):
            if self.grids.due(step):
                self._move_grids(step)
            report = self.engine.step()
            if not math.isfinite(report.objective):
                return Stop(StopReason.NON_FINITE, f"at step {step + 1}")
            values = self.evaluation.record(report)
            self.done = step + 1
            watch.offer(self._watched(values))
            stop = self._reason_to_stop(step, values, watch)
            if stop is not None:
                return stop
            if self.checkpoint is not None:
                self.checkpoint.keep(self, watch)
        return Stop(StopReason.STEPS)

    def _watched(self, values: dict[str, float]) -> float:
        """The loss that decides what is best: validation, else test if there is patience, else training."""
        part = self._watched_part()
        if part is None:
            return self.engine.now.objective
        return values.get(f"{part}_loss", math.inf)

    def _watched_part(self) -> str | None:
        if self.evaluation.data.validation_x is not None:
            return "validation"
        if self.patience is not None and self.evaluation.data.test_x is not None:
            return "test"
        return None

    def _reason_to_stop(self, step: int, values: dict[str, float], watch: EarlyStopping) -> Stop | None:
        self.progress.update(
            self.done, {k: v for k, v in values.items() if k in ("train_loss", "test_loss", "penalty")}
        )
        if self.scheduler is not None:
            self.scheduler.step(self._watched(values))
        if self.callback is not None and self.callback(self.done, dict(values)):
            return Stop(StopReason.CALLBACK, f"after {self.done} steps")
        if self.patience is not None and watch.since >= self.patience:
            return Stop(StopReason.PATIENCE, f"after {self.done} steps")
        ending = self.engine.ending
        if ending == NOT_FINITE:
            return Stop(StopReason.NON_FINITE, f"at step {self.done}")
        if ending == SMALL_GRADIENT or (ending is not None and not self.grids.remains(step + 1, self.steps)):
            return Stop(StopReason.CONVERGED, ending)
        return None

    def _move_grids(self, step: int) -> None:
        before, kept = self.engine.now.objective, Snapshot(self.model)
        if not move_grids(self.model, self.evaluation.data.x, sparsify=self.grids.sparsify):
            return
        after = self.engine.restart().objective
        if not after <= _WORSE * before:
            kept.restore()
            self.engine.retract()
            self.notes.append(
                f"The grid update before step {step + 1} was taken back: it raised the objective from "
                f"{before:.3g} to {after:.3g}."
            )
