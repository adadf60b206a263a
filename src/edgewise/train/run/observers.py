"""What looks on between the steps of `fit`: grids, histories, progress, learning rate, checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor, nn

from ...errors import FileError
from ...events import Stop, StopReason, emit
from ...network import Network
from ...optim import Observer
from ..checkpoint.file import CheckpointFile
from ..evaluation import Evaluation
from ..grids.updates import GridUpdates, move_grids
from ..step.engine import Engine
from ..step.parameters import Snapshot
from .progress import Progress
from .scheduler import Scheduler

_WORSE = 1.05
"""A grid update that raises the objective by more than this factor is taken back."""

_SHOWN = ("train_loss", "test_loss", "penalty")


class UpdateGrids(Observer):
    """Lets grids follow the data before the steps for which that is due.

    Args:
        model: Whose grids.
        x: Inputs that they follow.
        schedule: When.
        steps: Steps of the run.
        notes: Where it is told that an update was taken back.
    """

    def __init__(
        self, model: nn.Module, x: Tensor, schedule: GridUpdates, steps: int, notes: list[str]
    ) -> None:
        self._model, self._x, self._schedule = model, x, schedule
        self._steps, self._notes = steps, notes

    def before(self, process: Engine, done: int) -> None:
        """Move the grids, and go back if that did harm."""
        if not self._schedule.due(done):
            return
        before, kept = process.current.objective, Snapshot(self._model)
        if not move_grids(self._model, self._x, sparsify=self._schedule.sparsify):
            return
        after = process.restart().objective
        if after <= _WORSE * before:
            emit("version", "fit", step=done, text="the grids follow the data")
            return
        kept.restore()
        process.undo_restart()
        note = (
            f"The grid update before step {done + 1} was taken back: it raised the objective from "
            f"{before:.3g} to {after:.3g}."
        )
        self._notes.append(note)
        emit("message", "fit", step=done, text=note)

    def will_restart(self, done: int) -> bool:
        """Whether grids may move yet, which gives an optimiser at its end something to do."""
        return self._schedule.remains(done, self._steps)


class Record(Observer):
    """Measures after each step and keeps the histories.

    Args:
        evaluation: What is measured.

    Attributes:
        values: What was measured last, by name; empty before the first step.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self.values: dict[str, float] = {}

    def after(self, process: Engine, done: int) -> None:
        """Measure."""
        self.values = self._evaluation.record(process.current)


class ProgressLine(Observer):
    """Shows the steps on a terminal.

    Args:
        progress: The line.
        record: What was measured.
    """

    def __init__(self, progress: Progress, record: Record) -> None:
        self._progress, self._record = progress, record

    def after(self, process: Any, done: int) -> None:
        """Draw the line anew."""
        self._progress.update(done, {name: v for name, v in self._record.values.items() if name in _SHOWN})

    def end(self, process: Any, stop: Stop | None) -> None:
        """End the line."""
        self._progress.close()


class LearningRate(Observer):
    """Moves the learning rate after each step.

    Args:
        scheduler: How.
        monitored: The loss that a plateau is looked for in.
    """

    def __init__(self, scheduler: Scheduler, monitored: Callable[[], float]) -> None:
        self._scheduler, self._monitored = scheduler, monitored

    def after(self, process: Any, done: int) -> None:
        """Move on."""
        self._scheduler.step(self._monitored())


class Kept(Protocol):
    """A run that says what a checkpoint must keep."""

    def state_dict(self, stop: Stop | None = None) -> dict[str, Any]:
        """All that the next steps depend on, and why the run ended if it did."""
        ...


class CheckpointWriter(Observer):
    """Writes the state of a run every so many steps, and at its end.

    A run that is interrupted or cancelled is left as it was last written, to be gone on with.

    Args:
        checkpoint: The file.
        run: What is kept.
    """

    def __init__(self, checkpoint: CheckpointFile, run: Kept) -> None:
        self._checkpoint, self._run = checkpoint, run
        self._written = 0

    def start(self, process: Any, done: int) -> None:
        """Nothing is written before the first step of this process."""
        self._written = done

    def before(self, process: Any, done: int) -> None:
        """Write what the last step came to, if that is due."""
        if done > self._written and self._checkpoint.due(done):
            self._checkpoint.write(self._run.state_dict())
            self._written = done

    def end(self, process: Any, stop: Stop | None) -> None:
        """Write how it ended."""
        if stop is not None and stop.reason not in (StopReason.INTERRUPTED, StopReason.CANCELLED):
            self._checkpoint.write(self._run.state_dict(stop))


def check_knots(model: nn.Module) -> None:
    """Refuse a model whose knots cannot be those of a run.

    Raises:
        FileError: they are not finite, or do not rise.
    """
    if isinstance(model, Network) and not all(layer.basis.is_sound() for layer in model.layers):
        raise FileError("fit: knots in the checkpoint must be finite and rise; the file is damaged.")
