"""Train a model in place: the arguments are gathered here, and one of two ways of training is taken."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

from torch import nn

from .._unknown_arguments import refusing_unknown
from ..network import Network
from .checkpoint.settings import Checkpoint
from .grids.fit_over_grids import fit_over_grids
from .grids.grid_extension import GridExtension
from .grids.updates import GridUpdates
from .objective.loss import Loss, LossFunction
from .objective.penalty import Penalty
from .replaced import review_replaced
from .run.result import FitResult
from .settings import FitSettings
from .train_once import train_once

_OF_PYKAN = {
    "lamb_l1": "penalty=Penalty(lamb, l1=...)",
    "lamb_entropy": "penalty=Penalty(lamb, entropy=...)",
    "lamb_coef": "penalty=Penalty(lamb, coef=...)",
    "lamb_coefdiff": "penalty=Penalty(lamb, coefdiff=...)",
    "reg_metric": "penalty=Penalty(lamb, magnitude=...)",
    "grid_update_num": "update_grid=GridUpdates(num=...)",
    "start_grid_update_step": "update_grid=GridUpdates(start=...)",
    "stop_grid_update_step": "update_grid=GridUpdates(stop=...)",
    "loss_fn": "loss",
    "log": "progress and callback",
    "display_metrics": "callback",
    "singularity_avoiding": "nothing: functions that have poles are made safe",
    "y_th": "nothing: functions that have poles are made safe",
    "save_fig": "plot, from a callback",
    "img_folder": "plot, from a callback",
}


@refusing_unknown("fit", _OF_PYKAN)
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
    penalty: float | Penalty | None = None,
    update_grid: bool | GridUpdates = True,
    grids: Literal["auto"] | int | Sequence[int] | GridExtension | None = None,
    validation: float | None = None,
    patience: int | None = None,
    best: bool = True,
    scheduler: Any = None,
    seed: int = 0,
    progress: bool | None = None,
    callback: Callable[[int, dict[str, float]], Any] | None = None,
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
) -> FitResult:
    """Train a model on data, in place.

    The units of the data do not matter: a network that was not trained yet is given an input or output scaler where
    columns are far from size 1, which the result's notes say; losses stay in the users' units.

    Where some edges are formulas and others are trained as splines, the model that comes out is what later
    formulas are judged by, if it is better than the network that the formulas had replaced.

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
            outputs count as that size, for the losses "mse" and "mae"; targets far from it are given one.
        penalty: The same with the weights of its terms, a `Penalty(...)`; or that number. Pass one of the two.
        update_grid: Whether grids follow the data: where a layer's inputs leave its grid, or fill little of it.
            `GridUpdates(...)` says at which steps.
        grids: Train on one grid after another, each finer one taking over exactly what was learnt: a number of
            intervals, several that rise, or "auto" for twice as many each time until samples set aside say that
            more no longer pays; `GridExtension(...)` says how many start values are tried first. The model has
            the best grid at the end. `steps` are then those of a grid, at most.
        validation: Share of the samples set aside to decide what is best.
        patience: Early stopping: steps without improvement of the monitored loss (validation, else test, else
            training) after which to stop.
        best: Whether the weights with the lowest monitored loss are put back at the end.
        scheduler: "cosine", "exponential", "linear", "plateau", or a callable from the optimiser.
        seed: Of the validation split and the order of mini-batches.
        progress: True or False to force or forbid the progress line; None shows it on a terminal.
        callback: Called after each step with its number and the measured values; a true result stops.
        checkpoint: File in which the run is kept. Where it is there already, the run goes on from it: a run
            that is killed and started again comes to the same weights, bit for bit. `Checkpoint(path, every)`
            says how often it is written, which is otherwise after every tenth step.

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
    settings = FitSettings(
        opt=opt, steps=steps, lr=lr, batch=batch, loss=loss, metrics=metrics,
        lamb=lamb, penalty=penalty, update_grid=update_grid, grids=grids, validation=validation,
        patience=patience, best=best, scheduler=scheduler, seed=seed, progress=progress, callback=callback,
        checkpoint=checkpoint,
    )  # fmt: skip
    result = (fit_over_grids if grids is not None else train_once)(model, data, settings)
    if isinstance(model, Network):
        review_replaced(model, data)
    return result
