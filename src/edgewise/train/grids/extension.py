"""Grid extension by least squares: several starts on the coarsest grid, then finer ones by exact knot insertion.

Each stage is trained by Levenberg-Marquardt; hidden grids keep to the range of their nodes, and a trace of
roughness continues the splines where no sample is.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from ..._checks import check_int
from ...errors import InputError
from ...events import Stop, StopReason
from ...network import Network, has_jacobian, refine, refine_layer
from ...optim import LevenbergMarquardt
from ..data.data import Data, as_data
from ..multi_start import init_candidate, multi_start, run_candidate
from ..objective.loss import LOSSES
from ..outputs import predict_in_chunks
from ..run.checked_stop import checked_stop
from ..run.progress import Progress
from ..units.standardise import standardise
from .grid_extension import GridExtension
from .ranges import fit_grid_ranges
from .schedule import GridStage, run_stages

VALIDATION_SHARE = 0.15
"""Share of the samples set aside where nothing else is said."""


@dataclass(frozen=True)
class FitStage(GridStage):
    """What one grid came to; losses are root mean squares.

    Args:
        grid: Intervals of every spline.
        iterations: Of Levenberg-Marquardt.
        seconds: Wall-clock time.
        stop: Why training ended on this grid.
        selection_loss: That of validation where there is one, else that of training.
        train_loss: On the training samples.
        validation_loss: On those set aside; None without.
        test_loss: On the test samples; None without.
        model: The network as this stage left it.
    """

    grid: int
    train_loss: float
    validation_loss: float | None
    test_loss: float | None
    model: Network = field(repr=False)


@dataclass(frozen=True, repr=False)
class ExtendedFit:
    """Outcome of `extend_grids`.

    Args:
        model: The network of the best stage.
        stages: One to a grid.
        best: Which stage is best: by validation where there is one, else by the training loss.
        stop: GRIDS where all were trained, NO_BETTER_GRID where more no longer paid, INTERRUPTED or CANCELLED; or
            what `fit` says of a loss that is no better than the mean's, or at the data's last digits.
        notes: What else is worth knowing, such as scalers that the model was given.
        said: What else is to be said of `stop`, but for what the stages tell.
    """

    model: Network
    stages: tuple[FitStage, ...]
    best: int
    stop: StopReason = StopReason.GRIDS
    notes: tuple[str, ...] = ()
    said: str = ""

    @property
    def detail(self) -> str:
        """What else is to be said of why it ended."""
        grid = self.stages[-1].grid
        if self.said or self.stop is StopReason.GRIDS:
            return self.said
        if self.stop is StopReason.NO_BETTER_GRID:
            return f"grid {grid} was no better on the samples set aside"
        return f"ended after grid {grid}"

    def __repr__(self) -> str:
        lines = [f"ExtendedFit: best grid {self.stages[self.best].grid}"]
        for stage in self.stages:
            test = "" if stage.test_loss is None else f"  test {stage.test_loss:.2e}"
            held = "" if stage.validation_loss is None else f"  validation {stage.validation_loss:.2e}"
            lines.append(
                f"  grid {stage.grid:4d}  train {stage.train_loss:.2e}{held}{test}  "
                f"{stage.iterations} iterations  {stage.seconds:.2f} s"
            )
        return "\n".join([*lines, *([f"  {self.detail}"] if self.detail else [])])


def extend_grids(
    model: Network,
    data: Any,
    extension: GridExtension | None = None,
    *,
    steps: int = 60,
    solver: str | LevenbergMarquardt = "cholesky",
    validation: float | None = None,
    seed: int = 0,
    progress: bool | None = False,
) -> ExtendedFit:
    """Train a network by least squares to the accuracy that its splines allow: what `fit` does with opt="LM".

    Args:
        model: A network of spline edges; left as it is. Its values are the first of the starts.
        data: As for `fit`: (x, y), a dict or a `Data`, with test samples perhaps.
        extension: Which grids, and from how many start values; `GridExtension()` if None.
        steps: Iterations to a grid, at most; a grid is left earlier where they gain little.
        solver: "cholesky" or "qr", or the settings of the solver: `LevenbergMarquardt(...)`.
        validation: Share of the samples set aside; a seventh or so with "auto", else none, if None.
        seed: Of the start values and of the samples set aside.
        progress: Whether a line of progress is shown; None shows it on a terminal.

    Returns:
        The network of the best grid, in the model's own data type, and what every grid came to.

    Raises:
        InputError: formula edges, or grids that do not rise.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 200, dtype=torch.float64)[:, None]
        >>> model = build([1, 1], dtype=torch.float64)
        >>> result = extend_grids(model, (x, torch.sin(3 * x)), GridExtension([6, 12, 24]))
        >>> result.stages[-1].train_loss < 1e-5
        True

    Source: grid extension: Liu et al. 2024, arXiv:2404.19756, section 2.4.
    """
    if not isinstance(model, Network) or not has_jacobian(model):
        raise InputError("fit: model must be a network of spline edges only. Leave grids or opt='LM' out.")
    check_int("steps", steps, 1)
    refine_layer.require("fit", [layer.basis for layer in model.layers])
    extension = GridExtension() if extension is None else extension
    schedule = extension.schedule(model)
    share = VALIDATION_SHARE if schedule.until_no_better and validation is None else validation
    ready = as_data(data, model, loss=LOSSES["mse"], validation=share, seed=seed, whole=True)
    chosen = LevenbergMarquardt(solver=solver) if isinstance(solver, str) else solver
    line = Progress(len(schedule.grids), progress)
    training = _StageTraining(_doubled(ready), extension, chosen, steps, seed, line)
    own = copy.deepcopy(model)
    notes = standardise(own, ready, LOSSES["mse"]).notes
    own.is_trained = True
    training.model = own.double()
    try:
        stop = run_stages(schedule.grids, training.stage, training.stages, schedule.goes_on)
    finally:
        line.close()
    stages = training.stages
    best = min(range(len(stages)), key=lambda at: stages[at].selection_loss)
    found = copy.deepcopy(stages[best].model).to(model.dtype)
    reached = stages[best].train_loss ** 2
    checked = checked_stop(Stop(stop), found, ready, LOSSES["mse"], reached)
    return ExtendedFit(found, tuple(stages), best, checked.reason, tuple(notes), checked.detail)


class _StageTraining:
    """Trains on one grid after another, each from where the one before ended."""

    def __init__(
        self,
        data: Data,
        extension: GridExtension,
        solver: LevenbergMarquardt,
        steps: int,
        seed: int,
        line: Progress,
    ) -> None:
        self.data, self.extension, self.solver = data, extension, solver
        self.steps, self.seed, self.line = steps, seed, line
        self.stages: list[FitStage] = []
        self.model: Network

    def stage(self, grid: int) -> FitStage:
        """Train on this grid, from several starts if it is the first, and measure."""
        began = time.perf_counter()
        if self.stages:
            last = self.stages[-1]
            self.line.update(len(self.stages), {"grid": last.grid, "train_loss": last.train_loss})
        if set(self.model.grid) != {grid}:
            self.model = refine(self.model, grid, self.data.x).model
        if not self.stages and self.extension.n_starts > 1:
            self.model = self._best_start(self.model)
        return self._measured(grid, *self._trained(self.model), began)

    def _best_start(self, model: Network) -> Network:
        data, extension = self.data, self.extension
        return multi_start(
            model, data.x, data.y, data.weights, self.solver,
            n_starts=extension.n_starts, steps=extension.start_steps,
            roughness_weight=extension.roughness_weight, seed=self.seed,
        )  # fmt: skip

    def _trained(self, model: Network) -> tuple[float, int]:
        """The mean square and the iterations, once more where hidden grids had to move at the end."""
        data, iterations = self.data, 0
        for may_move in (True, False):
            weight = self.extension.roughness_weight
            candidate = init_candidate(model, data.x, data.y, data.weights, self.solver, weight)
            run_candidate(candidate, self.steps, x=data.x, plateau_tol=self.extension.plateau_tol)
            iterations += candidate.iterations
            if not (may_move and fit_grid_ranges(model, data.x)):
                break
        return candidate.loss, iterations

    def _measured(self, grid: int, loss: float, iterations: int, began: float) -> FitStage:
        data = self.data
        validation = self._loss(data.validation_x, data.validation_y)
        train = loss**0.5
        return FitStage(
            grid, iterations, time.perf_counter() - began, StopReason.STEPS, train if validation is None else validation,
            train, validation, self._loss(data.test_x, data.test_y), self.model,
        )  # fmt: skip

    def _loss(self, x: torch.Tensor | None, y: torch.Tensor | None) -> float | None:
        if x is None or y is None:
            return None
        return LOSSES["mse"].measure(predict_in_chunks(self.model, x), y) ** 0.5


def _doubled(data: Data) -> Data:
    """The samples in float64, where least squares keep their digits."""
    parts: dict[str, Any] = {
        name: value.double()
        for name, value in vars(data).items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    return replace(data, **parts)
