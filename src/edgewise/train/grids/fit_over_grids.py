"""`fit` with `grids`: training on one grid after another, the model growing in place."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from ...errors import Cancelled, InputError
from ...events import Stop, StopReason, reason_of
from ...network import Network, refine, take_over
from ...optim import LevenbergMarquardt
from ..arguments import is_whole
from ..data.data import as_data
from ..objective.loss import LOSSES, as_loss
from ..run.result import FitResult
from ..settings import FitSettings
from ..step.automatic import choose_optimiser
from ..step.parameters import trainable
from ..train_once import train_once
from .extension import VALIDATION_SHARE, Ladder, grid_sequence, ladder, pays

_NOT_HERE = ("checkpoint", "batch", "patience", "scheduler", "metrics", "callback", "lr")
_ENDED = (StopReason.INTERRUPTED, StopReason.CANCELLED, StopReason.NON_FINITE, StopReason.CALLBACK)


def fit_over_grids(model: nn.Module, data: Any, settings: FitSettings) -> FitResult:
    """Train along a sequence of grids, from the best of several start values.

    Mean squares of a network of splines go by `ladder`, which is Levenberg-Marquardt; all else is trained anew
    on each grid.

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
        return _by_ladder(model, data, settings)
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


def _grids(model: Network, settings: FitSettings) -> str | Sequence[int]:
    """The grids asked for: the model's own where only start values were."""
    grid: Any = settings.grid_extension.grids
    if grid is None:
        return [max(model.grid)]
    return [grid] if is_whole(grid) else grid


def _refuse(settings: FitSettings) -> None:
    for name in _NOT_HERE:
        value = getattr(settings, name)
        if value is not None:
            raise InputError(
                f"fit: {name} must be left out with grids and opt='LM'; got {value!r}. "
                f"Refine first and fit once more with it."
            )


def _by_ladder(model: Network, data: Any, settings: FitSettings) -> FitResult:
    began, opt = time.perf_counter(), settings.opt
    try:
        found = ladder(
            model,
            data,
            grids=_grids(model, settings),
            starts=settings.grid_extension.n_starts,
            steps=settings.steps,
            solver=opt if isinstance(opt, LevenbergMarquardt) else "cholesky",
            validation=settings.validation,
            seed=settings.seed,
            progress=settings.progress,
        )
    except (KeyboardInterrupt, Cancelled) as cause:
        measured = train_once(model, data, replace(settings, steps=0))
        return replace(measured, stop=Stop(reason_of(cause), "before the first grid was trained"))
    take_over(model, found.model)
    return _result(found, time.perf_counter() - began)


def _result(found: Ladder, seconds: float) -> FitResult:
    best = found.rungs[found.best]
    history: dict[str, list[float]] = {"grid": [], "train_loss": [], "validation_loss": [], "test_loss": []}
    for rung in found.rungs:
        for name, values in history.items():
            value = getattr(rung, name)
            if value is not None:
                values.append(value)
    iterations = sum(rung.iterations for rung in found.rungs)
    return FitResult(
        train_loss=best.train_loss,
        test_loss=best.test_loss,
        validation_loss=best.validation_loss,
        loss=best.train_loss**2,
        loss_name="mse",
        history={name: values for name, values in history.items() if values},
        stop=Stop(found.stop, "; ".join(found.notes)),
        steps=iterations,
        evaluations=iterations,
        seconds=seconds,
        notes=(f"Levenberg-Marquardt up to grid {found.rungs[-1].grid}; the best is {best.grid}",),
    )


def _grid_by_grid(model: Network, data: Any, settings: FitSettings) -> FitResult:
    auto = isinstance(settings.grid_extension.grids, str)
    if auto and settings.validation is None:
        settings = replace(settings, validation=VALIDATION_SHARE)
    x = as_data(data, model).x
    results: list[FitResult] = []
    grids, best, kept = [], 0, copy.deepcopy(model)
    for grid in grid_sequence(_grids(model, settings), model, most=200):
        if set(model.grid) != {grid}:
            take_over(model, refine(model, grid, x).model)
        results.append(train_once(model, data, settings))
        grids.append(grid)
        if _judged(results[-1]) <= _judged(results[best]):
            best, kept = len(results) - 1, copy.deepcopy(model)
        if results[-1].stop.reason in _ENDED:
            break
        if auto and not pays([_judged(result) for result in results]):
            break
    take_over(model, kept)
    return _joined(results, grids, best, auto)


def _joined(results: Sequence[FitResult], grids: list[int], best: int, auto: bool) -> FitResult:
    last, chosen = results[-1], results[best]
    if last.stop.reason in _ENDED:
        stop = last.stop
    else:
        stalled = auto and not pays([_judged(result) for result in results])
        reason = StopReason.NO_BETTER_GRID if stalled else StopReason.GRIDS
        stop = Stop(reason, f"the best grid is {grids[best]}")
    names = list(dict.fromkeys(name for result in results for name in result))
    history: dict[str, list[float]] = {
        name: [value for result in results if name in result for value in result[name]] for name in names
    }
    history["grid"] = [
        float(grid) for grid, result in zip(grids, results, strict=True) for _ in range(max(result.steps, 1))
    ]
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
        notes=tuple(dict.fromkeys(note for result in results for note in result.notes)),
    )


def _judged(result: FitResult) -> float:
    value = result.validation_loss
    value = result.train_loss if value is None else value
    return value if value == value else float("inf")
