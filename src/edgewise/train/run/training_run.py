"""One run of training: the loop of all optimisers with the observers that `fit` needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ...events import Stop
from ...optim import Callback, Listener, Loop, Observer, status_from_words, status_to_words
from ..checkpoint.file import CheckpointFile
from ..evaluation import Evaluation
from ..grids.updates import GridUpdates
from ..step.engine import Engine
from ..step.parameters import copy_into, whole_state
from .early_stopping import BestWeights, Patience
from .observers import CheckpointWriter, LearningRate, ProgressLine, Record, UpdateGrids, check_knots
from .progress import Progress
from .scheduler import Scheduler

CallbackFunction = Callable[[int, "dict[str, float]"], Any]


@dataclass
class TrainingRun:
    """What a run is made of, and how far it is.

    Args:
        model: What is trained.
        engine: How a step is made.
        evaluation: What is measured and kept.
        grids: When grids follow the data.
        steps: Steps to do, at least 1.
        progress: Where the user sees it.
        patience: Early stopping: steps without improvement that are borne; None for any number.
        best: Whether the best weights are put back at the end.
        lr_scheduler: Moves the learning rate; None for none.
        callback: Called after each step; a true result stops.
        checkpoint: Where the run is kept; None for nowhere.
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
    lr_scheduler: Scheduler | None = None
    callback: CallbackFunction | None = None
    checkpoint: CheckpointFile | None = None
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Gather the observers, in the order in which they act."""
        self._record = Record(self.evaluation)
        self._best = BestWeights(self.model, self._monitored_loss, always=self.best)
        self._loop = Loop(self.engine, self.steps, self._observers(), interruptible=True)

    def _observers(self) -> list[Observer]:
        updates = UpdateGrids(self.model, self.evaluation.data.x, self.grids, self.steps, self.notes)
        observers: list[Observer] = (
            [] if self.checkpoint is None else [CheckpointWriter(self.checkpoint, self)]
        )
        observers += [updates, self._record, self._best, ProgressLine(self.progress, self._record)]
        if self.lr_scheduler is not None:
            observers.append(LearningRate(self.lr_scheduler, self._monitored_loss))
        observers.append(Listener("fit", self.steps, lambda: self._record.values))
        if self.callback is not None:
            observers.append(Callback(self.callback, lambda: dict(self._record.values)))
        return [*observers, Patience(self._best, self.patience)]

    @property
    def done(self) -> int:
        """Steps done."""
        return self._loop.done

    @property
    def seconds_before(self) -> float:
        """Time that the run took before this process went on with it."""
        return 0.0 if self.checkpoint is None else self.checkpoint.seconds

    def run(self) -> Stop:
        """Train until a reason to stop; the weights left are the best, or the last if so asked."""
        stop = None if self.checkpoint is None else self.checkpoint.resume(self)
        if stop is None:
            with self._faults_of_a_file():
                return self._loop.run()
        self.progress.close()
        self._best.end(self.engine, stop)
        return stop

    def _faults_of_a_file(self) -> Any:
        """What fails before a resumed run has made one step is its checkpoint's fault."""
        if self.checkpoint is None or self.done == 0:
            return nullcontext()
        resumed_at = self.done
        return self.checkpoint.misfits(unless=lambda: self.done > resumed_at)

    def _monitored_loss(self) -> float:
        """The loss that decides what is best: validation, else test if there is patience, else training."""
        part = self._monitored_part()
        if part is None:
            return self.engine.current.objective
        values = self._record.values or self.evaluation.measure()
        return values.get(f"{part}_loss", math.inf)

    def _monitored_part(self) -> str | None:
        if self.evaluation.data.validation_x is not None:
            return "validation"
        if self.patience is not None and self.evaluation.data.test_x is not None:
            return "test"
        return None

    def state_dict(self, stop: Stop | None = None) -> dict[str, Any]:
        """All that the next steps depend on, between two of them.

        Args:
            stop: Why the run ended; None while it goes on.
        """
        return {
            "model": [part.clone() for part in whole_state(self.model)],
            "engine": self.engine.state_dict(),
            "lr_scheduler": None if self.lr_scheduler is None else self.lr_scheduler.state_dict(),
            "best": self._best.state_dict(),
            "history": self.evaluation.history,
            "notes": self.notes,
            "done": self.done,
            "stop": status_to_words(stop),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> Stop | None:
        """Bring a fresh run to where `state_dict` was asked.

        Returns:
            Why the run had ended; None if it goes on.
        """
        copy_into(whole_state(self.model), state["model"])
        check_knots(self.model)
        self.engine.load_state_dict(state["engine"])
        if self.lr_scheduler is not None:
            self.lr_scheduler.load_state_dict(state["lr_scheduler"])
        self._best.load_state_dict(state["best"])
        self.evaluation.history.clear()
        self.evaluation.history.update(state["history"])
        self.notes[:] = state["notes"]
        self._loop.done = int(state["done"])
        return status_from_words(state["stop"])
