"""`fit` with `grids`: training on one grid after another, the model growing in place."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from ...errors import Cancelled, InputError
from ...events import Stop, reason_of
from ...network import Network, refine, replace_layers
from ...optim import LevenbergMarquardt
from ..data.data import as_data
from ..objective.loss import LOSSES, as_loss
from ..run.result import FitResult
from ..settings import FitSettings
from ..step.automatic import choose_optimiser
from ..step.parameters import trainable
from ..train_once import train_once
from ..units.standardise import standardise
from .extension import VALIDATION_SHARE, ExtendedFit, extend_grids
from .schedule import GridStage, run_stages

_NOT_HERE = ("checkpoint", "batch", "patience", "scheduler", "metrics", "callback", "lr")


def fit_over_grids(model: nn.Module, data: Any, settings: FitSettings) -> FitResult:
    """Train along a sequence of grids, from the best of several start values.

    Mean squares of a network of splines go by `extend_grids`, which is Levenberg-Marquardt; all else is trained
    anew on each grid.

    Args:
        model: A network; it has the best grid at the end.
        data: As for `fit`.
        settings: The other arguments of `fit`.

    Returns:
        The result; its histories have an entry a grid, "grid" among them.

    Raises:
        InputError: no network, or settings that do not go with grids.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 200, dtype=torch.float64)[:, None]
        >>> model = build([1, 1], grid=3, dtype=torch.float64)
        >>> settings = FitSettings(opt="LM", grids=[5, 10, 20])
        >>> fit_over_grids(model, (x, torch.sin(3 * x)), settings)["grid"], model.grid
        ([5, 10, 20], (20,))
    """
    if not isinstance(model, Network):
        raise InputError(
            f"fit: model must be a network for grids; got a {type(model).__name__}. Leave grids out."
        )
    if _is_squares_by_lm(model, data, settings):
        _refuse(settings)
        return _by_least_squares(model, data, settings)
    if settings.grid_extension.n_starts > 1:
        raise InputError(
            f"fit: grids must have n_starts=1 but for opt='LM' with loss='mse' and no penalty; got "
            f"{settings.grid_extension.n_starts}. "
            f"Pass opt='LM', or fit several models."
        )
    return _grid_by_grid(model, data, settings)


def _is_squares_by_lm(model: Network, data: Any, settings: FitSettings) -> bool:
    opt = settings.opt
    squares = as_loss(settings.loss) is LOSSES["mse"] and not settings.sparsity.lamb
    if isinstance(opt, str) and opt.lower() == "auto":
        count = as_data(data, model).y.numel()
        parameters = sum(part.numel() for part in trainable(model))
        whole = settings.batch is None
        return (
            choose_optimiser(squares=squares, whole=whole, outputs=count, parameters=parameters).name == "LM"
        )
    return squares and (isinstance(opt, LevenbergMarquardt) or (isinstance(opt, str) and opt.lower() == "lm"))


def _refuse(settings: FitSettings) -> None:
    for name in _NOT_HERE:
        value = getattr(settings, name)
        if value is not None:
            raise InputError(
                f"fit: {name} must be left out with grids and opt='LM'; got {value!r}. "
                f"Refine first and fit once more with it."
            )


def _by_least_squares(model: Network, data: Any, settings: FitSettings) -> FitResult:
    began, opt = time.perf_counter(), settings.opt
    try:
        found = extend_grids(
            model,
            data,
            settings.grid_extension,
            steps=settings.steps,
            solver=opt if isinstance(opt, LevenbergMarquardt) else "cholesky",
            validation=settings.validation,
            seed=settings.seed,
            progress=settings.progress,
        )
    except (KeyboardInterrupt, Cancelled) as cause:
        measured = train_once(model, data, replace(settings, steps=0))
        return replace(measured, stop=Stop(reason_of(cause), "before the first grid was trained"))
    replace_layers(model, found.model)
    model.is_trained = True
    return _result(found, time.perf_counter() - began)


def _result(found: ExtendedFit, seconds: float) -> FitResult:
    best = found.stages[found.best]
    history: dict[str, list[float]] = {"grid": [], "train_loss": [], "validation_loss": [], "test_loss": []}
    for stage in found.stages:
        for name, values in history.items():
            value = getattr(stage, name)
            if value is not None:
                values.append(value)
    iterations = sum(stage.iterations for stage in found.stages)
    return FitResult(
        train_loss=best.train_loss,
        test_loss=best.test_loss,
        validation_loss=best.validation_loss,
        loss=best.train_loss**2,
        loss_name="mse",
        history={name: values for name, values in history.items() if values},
        stop=Stop(found.stop, found.detail),
        steps=iterations,
        evaluations=iterations,
        seconds=seconds,
        notes=(
            f"Levenberg-Marquardt up to grid {found.stages[-1].grid}; the best is {best.grid}",
            *found.notes,
        ),
    )


@dataclass(frozen=True)
class _ResultStage(GridStage):
    """What `train_once` gave on one grid, and the network as it was then if it was the best so far."""

    result: FitResult
    model: Network | None


def _grid_by_grid(model: Network, data: Any, settings: FitSettings) -> FitResult:
    schedule = settings.grid_extension.schedule(model)
    if schedule.until_no_better and settings.validation is None:
        settings = replace(settings, validation=VALIDATION_SHARE)
    prepared = as_data(data, model)
    x, standardised = prepared.x, standardise(model, prepared, as_loss(settings.loss))
    stages: list[_ResultStage] = []

    def train(grid: int) -> _ResultStage:
        if set(model.grid) != {grid}:
            replace_layers(model, refine(model, grid, x).model)
        result = train_once(model, data, settings)
        loss = _selection_loss(result)
        is_best = loss <= min((stage.selection_loss for stage in stages), default=math.inf)
        kept = copy.deepcopy(model) if is_best else None
        return _ResultStage(grid, result.steps, result.seconds, result.stop.reason, loss, result, kept)

    try:
        reason = run_stages(schedule.grids, train, stages, schedule.goes_on)
    except BaseException:
        if not stages:
            standardised.undo()
        raise
    best = next(stage for stage in reversed(stages) if stage.model is not None)
    if best.model is not None:
        replace_layers(model, best.model)
    stop = stages[-1].result.stop
    if reason is not stop.reason:
        stop = Stop(reason, f"the best grid is {best.grid}")
    return _joined(stages, best, stop, standardised.notes)


def _joined(
    stages: Sequence[_ResultStage], best: _ResultStage, stop: Stop, notes: Sequence[str]
) -> FitResult:
    results, chosen = [stage.result for stage in stages], best.result
    names = list(dict.fromkeys(name for result in results for name in result))
    history: dict[str, list[float]] = {
        name: [value for result in results if name in result for value in result[name]] for name in names
    }
    history["grid"] = [float(stage.grid) for stage in stages for _ in range(max(stage.iterations, 1))]  # type: ignore[arg-type]
    return FitResult(
        train_loss=chosen.train_loss,
        test_loss=chosen.test_loss,
        validation_loss=chosen.validation_loss,
        loss=chosen.loss,
        loss_name=chosen.loss_name,
        history=history,
        stop=stop,
        steps=sum(result.steps for result in results),
        evaluations=sum(result.evaluations for result in results),
        seconds=sum(result.seconds for result in results),
        notes=(*notes, *dict.fromkeys(note for result in results for note in result.notes)),
    )


def _selection_loss(result: FitResult) -> float:
    value = result.train_loss if result.validation_loss is None else result.validation_loss
    return math.inf if math.isnan(value) else value
