"""One run of training on one grid: data, objective, engine and observers are made from the settings."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from ..errors import InputError
from ..events import Stop, StopReason
from ..network import Network
from ..optim import Minimiser
from .checkpoint.file import checkpoint_at
from .checkpoint.fingerprint import run_fingerprint
from .data.data import Data, as_data
from .evaluation import Evaluation
from .grids.updates import GridUpdates, has_adaptive_grid
from .objective.loss import as_loss
from .objective.metrics import as_metrics
from .objective.objective import Objective
from .objective.working_units import working_units
from .run.checked_stop import checked_stop
from .run.progress import Progress
from .run.result import FitResult
from .run.scheduler import Scheduler
from .run.training_run import TrainingRun
from .settings import FitSettings
from .step.automatic import resolve_auto
from .step.batches import make_batches
from .step.engine import Engine, full_batch_engine
from .step.optimisers import is_full_batch, make_optimiser
from .step.parameters import trainable
from .step.torch_engine import TorchBatchEngine, TorchEngine
from .units.standardise import standardise


def train_once(model: nn.Module, data: Any, settings: FitSettings) -> FitResult:
    """Train a model in place on the grid that it has.

    Args:
        model: As in `fit`.
        data: As in `fit`.
        settings: The other arguments of `fit`; `grids` is not looked at.

    Raises:
        InputError: as in `fit`.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 50)[:, None]
        >>> train_once(build([1, 1], seed=0), (x, x.sin()), FitSettings(steps=3)).train_loss < 1e-2
        True
    """
    started = time.perf_counter()
    penalty, grid_updates = settings.sparsity, settings.grid_updates
    settings.check()
    criterion, metrics = as_loss(settings.loss), as_metrics(settings.metrics)
    prepared = as_data(
        data,
        model,
        loss=criterion,
        validation=settings.validation,
        seed=settings.seed,
        whole=is_full_batch(settings.opt),
    )
    evaluation = Evaluation(model, prepared, criterion, metrics)
    if settings.steps == 0:
        setup = _Setup(Objective(model, criterion, penalty), evaluation, settings, started)
        return setup.result(Stop(StopReason.NO_STEPS))
    standardised = standardise(model, prepared, criterion)
    try:
        objective = Objective(model, criterion, penalty, working_units(model, prepared, criterion))
        setup = _Setup(objective, evaluation, settings, started, standardised.notes)
        run = setup.run(grid_updates if has_adaptive_grid(model) else GridUpdates(0))
    except BaseException:
        standardised.undo()
        raise
    return setup.result(_run(run, model), run)


def _run(run: TrainingRun, model: nn.Module) -> Stop:
    """Train in training mode, and leave modes and gradients as they were found."""
    modes = [(module, module.training) for module in model.modules()]
    model.train()
    try:
        return run.run()
    finally:
        if isinstance(model, Network):
            model.is_trained = True
        for module, mode in modes:
            module.training = mode
        for parameter in model.parameters():
            parameter.grad = None


@dataclass
class _Setup:
    """What a run and its result are made from."""

    objective: Objective
    evaluation: Evaluation
    settings: FitSettings
    started: float
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.batches = make_batches(
            self.evaluation.data,
            self.settings.batch,
            self.objective.model,
            self.objective.loss,
            self.settings.seed,
        )

    def run(self, grid_updates: GridUpdates) -> TrainingRun:
        """The run, not begun yet."""
        settings, model, data = self.settings, self.objective.model, self.evaluation.data
        opt, reason = resolve_auto(settings.opt, self.objective, data, settings.batch)
        engine, lr_scheduler = self._engine(opt)
        asked = settings.checkpoints
        checkpoint = checkpoint_at(
            None if asked is None else asked.path,
            10 if asked is None else asked.every,
            self.batches,
            lambda: run_fingerprint(model, data, vars(settings)),
        )
        _name_inputs(model, data)
        return TrainingRun(
            model,
            engine,
            self.evaluation,
            grid_updates,
            settings.steps,
            Progress(settings.steps, settings.progress),
            settings.patience,
            settings.best,
            lr_scheduler,
            settings.callback,
            checkpoint,
            notes=[*reason, *self.notes],
        )

    def _engine(self, opt: Any) -> tuple[Engine, Scheduler | None]:
        settings, data, parameters = self.settings, self.evaluation.data, trainable(self.objective.model)
        optimiser = make_optimiser(opt, parameters, settings.lr)
        lr_scheduler = (
            None if settings.scheduler is None else Scheduler(settings.scheduler, optimiser, settings.steps)
        )
        if isinstance(optimiser, Minimiser):
            if settings.batch is not None and self.batches is not None:
                raise InputError(
                    f"fit: batch must be None with {type(optimiser).__name__}, "
                    f"which needs all samples at once; got {settings.batch}. "
                    f"Leave it out, or choose opt='Adam'."
                )
            return full_batch_engine(optimiser, self.objective, data, parameters), lr_scheduler
        if self.batches is None:
            return TorchEngine(self.objective, data, parameters, optimiser), lr_scheduler
        return TorchBatchEngine(self.objective, self.batches, parameters, optimiser), lr_scheduler

    def result(self, stop: Stop, run: TrainingRun | None = None) -> FitResult:
        """What is measured at the weights left."""
        criterion = self.evaluation.loss
        raw = self.evaluation.train_loss(self.batches)
        if run is not None and not math.isfinite(raw) and stop.reason is not StopReason.NON_FINITE:
            stop = Stop(StopReason.NON_FINITE, "the loss is beyond the data's type")
        if run is not None:
            stop = checked_stop(stop, self.objective.model, self.evaluation.data, criterion, raw)
        return FitResult(
            train_loss=criterion.report(raw),
            test_loss=self.evaluation.loss_on("test"),
            validation_loss=self.evaluation.loss_on("validation"),
            loss=raw,
            loss_name=criterion.name,
            history=self.evaluation.history,
            stop=stop,
            steps=0 if run is None else run.done,
            evaluations=0 if run is None else run.engine.evaluations,
            seconds=time.perf_counter() - self.started + (0.0 if run is None else run.seconds_before),
            notes=() if run is None else tuple(run.notes),
        )


def _name_inputs(model: nn.Module, data: Data) -> None:
    """Give the columns' names to a network that has none."""
    if not isinstance(model, Network) or model.input_names is not None or data.names is None:
        return
    if len(set(data.names)) == model.n_columns:
        model.input_names = data.names
