"""Train a model in place: arguments are read and checked here, and the loop is run."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from ..errors import InputError
from ..network import Network
from ..optim import LevenbergMarquardt, QuasiNewton
from .arguments import check_callable, check_whole
from .checkpoint.file import checkpoint_at
from .checkpoint.fingerprint import run_fingerprint
from .data.data import Data, as_data
from .evaluation import Evaluation
from .grids.fit_over_grids import climb
from .grids.schedule import GridSchedule, has_adaptive_grid
from .objective.loss import Loss, LossFunction, as_loss
from .objective.metrics import as_metrics
from .objective.objective import Objective
from .objective.penalty import Magnitude, Penalty
from .run.loop import Loop
from .run.progress import Progress
from .run.result import FitResult, Stop
from .run.scheduler import Scheduler
from .scaling_warnings import scaling_warnings
from .step.automatic import resolve_auto
from .step.batches import make_batches
from .step.engines import Engine, FullBatchEngine, MiniBatchEngine, QuasiNewtonEngine
from .step.optimisers import is_full_batch, make_optimiser
from .step.parameters import trainable
from .step.residual_engine import ResidualEngine

_LARGEST_SEED = 2**64 - 1
"""So says torch."""


def fit(
    model: nn.Module,
    data: Any,
    *,
    opt: Any = "LBFGS",
    steps: int = 100,
    lr: float | None = None,
    batch: int | None = None,
    loss: str | LossFunction | Loss = "mse",
    metrics: Any = None,
    lamb: float = 0.0,
    lamb_l1: float = 1.0,
    lamb_entropy: float = 2.0,
    lamb_coef: float = 0.0,
    lamb_coefdiff: float = 0.0,
    magnitude: str | Magnitude = "gain",
    update_grid: bool = True,
    grid_update_num: int = 10,
    start_grid_update_step: int = -1,
    stop_grid_update_step: int = 50,
    grid: str | int | Sequence[int] | None = None,
    starts: int = 1,
    validation: float | None = None,
    patience: int | None = None,
    best: bool = True,
    scheduler: Any = None,
    seed: int = 0,
    progress: bool | None = None,
    callback: Callable[[int, dict[str, float]], Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
) -> FitResult:
    """Train a model on data, in place.

    Args:
        model: A network, or any module. Only parameters that require gradients are trained.
        data: (x, y) of arrays, tensors, lists, frames or series; a dict with "train_input", "train_label"
            and perhaps "test_input", "test_label"; a `Data`; or a DataLoader.
        opt: "LBFGS" (ours; a step is up to 20 iterations on all samples), "BFGS" (ours, the same with the whole
            inverse Hessian, for small networks), "LM" (ours, for mean squares; a step is one iteration), their
            settings `LBFGS(...)`, `BFGS(...)` or `LevenbergMarquardt(...)`, "auto" (one of these by loss and
            size; the choice is in the result's notes), the name of a torch optimiser, or a torch optimiser
            class, instance or callable from parameters.
        steps: Steps to do; 0 measures and changes nothing. For a torch optimiser a step is one epoch with
            `batch` or a DataLoader, else one update on all samples.
        lr: Learning rate; None for one that suits small networks.
        batch: Samples to a mini-batch; None for all.
        loss: "mse", "mae", "huber", "log_cosh", "cross_entropy", "bce", or a callable(prediction, target).
        metrics: Names or callables(prediction, target), measured at each step.
        lamb: Weight of the sparsity penalty; 1e-3 to 1e-2 on outputs of size 1. With an `output_scaler` the
            outputs count as that size, for the losses "mse" and "mae".
        lamb_l1: Weight of the sum of edge magnitudes in it.
        lamb_entropy: Weight of the entropy of their shares.
        lamb_coef: Weight of the coefficients' size.
        lamb_coefdiff: Weight of the difference of neighbouring coefficients.
        magnitude: How large an edge counts as; see `train.penalty`.
        update_grid: Whether grids follow the data: where a layer's inputs leave its grid, or fill little of it.
        grid_update_num: Updates until `stop_grid_update_step`.
        start_grid_update_step: First step at which one may happen.
        stop_grid_update_step: Step from which on none happens.
        grid: Train on one grid after another, each finer one taking over exactly what was learnt: rising numbers
            of intervals, or "auto" for twice as many each time until samples set aside say that more no longer
            pays. The model has the best grid at the end. `steps` are then those of a grid, at most.
        starts: Start values tried at first, the best of which is trained on; with opt="LM".
        validation: Share of the samples set aside to decide what is best.
        patience: Steps without improvement of the watched loss (validation, else test, else training)
            after which to stop.
        best: Whether the weights with the lowest watched loss are put back at the end.
        scheduler: "cosine", "exponential", "linear", "plateau", or a callable from the optimiser.
        seed: Of the validation split and the order of mini-batches.
        progress: True or False to force or forbid the progress line; None shows it on a terminal.
        callback: Called after each step with its number and the measured values; a true result stops.
        checkpoint: File in which the run is kept. Where it is there already, the run goes on from it: a run
            that is killed and started again comes to the same weights, bit for bit.
        checkpoint_every: Steps from one to the next.

    Returns:
        Losses, histories, and why training ended.

    Raises:
        InputError: data, a name or a number that does not hold what is asked.
        ShapeError: data of the wrong shape.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 50)[:, None]
        >>> result = fit(build([1, 1], seed=0), (x, x.sin()), steps=5)
        >>> result.train_loss < 1e-2
        True
    """
    asked, started = {**locals()}, time.perf_counter()
    if grid is not None or starts != 1:
        return climb(fit, **asked)
    penalty = Penalty(lamb, lamb_l1, lamb_entropy, lamb_coef, lamb_coefdiff, magnitude)
    grids = GridSchedule(
        grid_update_num if update_grid else 0, start_grid_update_step, stop_grid_update_step, lamb > 0
    )
    _check_arguments(steps, patience, seed, callback, checkpoint_every)
    judge, measures = as_loss(loss), as_metrics(metrics)
    whole = is_full_batch(opt)
    ready = as_data(data, model, loss=judge, validation=validation, seed=seed, whole=whole)
    evaluation = Evaluation(model, ready, judge, measures)
    training = _Training(Objective(model, judge, penalty), evaluation, batch, seed)
    if steps == 0:
        return training.result(Stop("evaluated"), None, started)
    opt, why = resolve_auto(opt, training.objective, ready, batch)
    engine, mover = training.engine(opt, lr, scheduler, steps)
    kept = checkpoint_at(
        checkpoint, checkpoint_every, training.batches, lambda: run_fingerprint(model, ready, asked)
    )
    _name_inputs(model, ready)
    schedule = grids if has_adaptive_grid(model) else GridSchedule(0)
    loop = Loop(
        model, engine, evaluation, schedule, steps, Progress(steps, progress), patience, best, mover, callback, kept
    )  # fmt: skip
    loop.notes += [*why, *scaling_warnings(model, ready, judge)]
    stop = _run(loop, model)
    return training.result(stop, loop, started)


def _run(loop: Loop, model: nn.Module) -> Stop:
    """Run the loop in training mode, and leave modes and gradients as they were found."""
    modes = [(module, module.training) for module in model.modules()]
    model.train()
    try:
        return loop.run()
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter in model.parameters():
            parameter.grad = None


@dataclass
class _Training:
    """What the engine and the result are made from."""

    objective: Objective
    evaluation: Evaluation
    batch: int | None
    seed: int

    def __post_init__(self) -> None:
        model, judge = self.objective.model, self.objective.loss
        self.batches = make_batches(self.evaluation.data, self.batch, model, judge, self.seed)

    def engine(
        self, opt: Any, lr: float | None, scheduler: Any, steps: int
    ) -> tuple[Engine, Scheduler | None]:
        data, parameters = self.evaluation.data, trainable(self.objective.model)
        optimiser = make_optimiser(opt, parameters, lr)
        mover = None if scheduler is None else Scheduler(scheduler, optimiser, steps)
        if isinstance(optimiser, (QuasiNewton, LevenbergMarquardt)):
            if self.batch is not None and self.batches is not None:
                raise InputError(
                    f"fit: batch must be None with {type(optimiser).__name__}, "
                    f"which needs all samples at once; got {self.batch}. "
                    f"Leave it out, or choose opt='Adam'."
                )
            if isinstance(optimiser, LevenbergMarquardt):
                return ResidualEngine(self.objective, data, parameters, optimiser), mover
            return QuasiNewtonEngine(self.objective, data, parameters, optimiser), mover
        if self.batches is None:
            return FullBatchEngine(self.objective, data, parameters, optimiser), mover
        return MiniBatchEngine(self.objective, self.batches, parameters, optimiser), mover

    def result(self, stop: Stop, loop: Loop | None, started: float) -> FitResult:
        judge = self.evaluation.loss
        raw = self.evaluation.train_loss(self.batches)
        if loop is not None and not math.isfinite(raw) and stop.reason != "non-finite":
            stop = Stop("non-finite", "the loss is beyond the data's type")
        return FitResult(
            train_loss=judge.report(raw),
            test_loss=self.evaluation.loss_on("test"),
            validation_loss=self.evaluation.loss_on("validation"),
            loss=raw,
            loss_name=judge.name,
            history=self.evaluation.history,
            stop=stop,
            steps=0 if loop is None else loop.done,
            evaluations=0 if loop is None else loop.engine.evaluations,
            seconds=time.perf_counter() - started + (0.0 if loop is None else loop.seconds_before),
            notes=() if loop is None else tuple(loop.notes),
        )


def _check_arguments(
    steps: object, patience: object, seed: object, callback: object, checkpoint_every: object
) -> None:
    check_whole("checkpoint_every", checkpoint_every, 1)
    check_whole("steps", steps, 0)
    check_whole("patience", 1 if patience is None else patience, 1)
    check_whole("seed", seed, 0, _LARGEST_SEED)
    check_callable("callback", callback, "callback(step, values)")


def _name_inputs(model: nn.Module, data: Data) -> None:
    """Give the columns' names to a network that has none."""
    if not isinstance(model, Network) or model.input_names is not None or data.names is None:
        return
    if len(set(data.names)) == model.n_columns:
        model.input_names = data.names
