"""Training up a ladder of grids: several starts on the coarsest, then finer ones by exact insertion of knots.

Each rung is trained by Levenberg-Marquardt; hidden grids are kept snug around their nodes, and a trace of
roughness continues the splines where no sample is.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from ...errors import Cancelled, InputError
from ...events import StopReason, reason_of
from ...layers import whole_number
from ...network import Network, has_jacobian, refine
from ...optim import LevenbergMarquardt
from ..arguments import check_whole
from ..data.data import Data, as_data
from ..multi_start import init_candidate, multi_start, run_candidate
from ..objective.loss import LOSSES
from ..objective.residuals import ROUGHNESS_WEIGHT
from ..outputs import predict_in_chunks
from ..run.progress import Progress
from .ranges import fit_grid_ranges

VALIDATION_SHARE = 0.15
"""Share of the samples set aside where nothing else is said."""

_GAIN = 0.9
_PLATEAU_TOL = 0.1


@dataclass(frozen=True)
class Rung:
    """What one grid came to; losses are root mean squares.

    Args:
        grid: Intervals of every spline.
        train_loss: On the training samples.
        validation_loss: On those set aside; None without.
        test_loss: On the test samples; None without.
        iterations: Of Levenberg-Marquardt.
        seconds: Wall-clock time.
        model: The network as this rung left it.
    """

    grid: int
    train_loss: float
    validation_loss: float | None
    test_loss: float | None
    iterations: int
    seconds: float
    model: Network = field(repr=False)


@dataclass(frozen=True, repr=False)
class Ladder:
    """Outcome of `ladder`.

    Args:
        model: The network of the best rung.
        rungs: One to a grid.
        best: Which rung is best: by validation where there is one, else by the training loss.
        stop: GRIDS where all were trained, NO_BETTER_GRID where more no longer paid, or INTERRUPTED.
        notes: The same in words.
    """

    model: Network
    rungs: tuple[Rung, ...]
    best: int
    stop: StopReason = StopReason.GRIDS
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"Ladder: best grid {self.rungs[self.best].grid}"]
        for rung in self.rungs:
            test = "" if rung.test_loss is None else f"  test {rung.test_loss:.2e}"
            held = "" if rung.validation_loss is None else f"  validation {rung.validation_loss:.2e}"
            lines.append(
                f"  grid {rung.grid:4d}  train {rung.train_loss:.2e}{held}{test}  "
                f"{rung.iterations} iterations  {rung.seconds:.2f} s"
            )
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def ladder(
    model: Network,
    data: Any,
    *,
    grids: str | Sequence[int] = "auto",
    starts: int = 8,
    start_steps: int = 10,
    steps: int = 60,
    most_grid: int = 200,
    smooth: float = ROUGHNESS_WEIGHT,
    solver: str | LevenbergMarquardt = "cholesky",
    validation: float | None = None,
    seed: int = 0,
    progress: bool | None = False,
) -> Ladder:
    """Train a network to the accuracy that its splines allow.

    Args:
        model: A network of spline edges; left as it is. Its values are the first of the starts.
        data: As for `fit`: (x, y), a dict or a `Data`, with test samples perhaps.
        grids: Intervals of the splines, rising; or "auto": from the model's own on twice as many each
            time, until samples set aside say that more grid no longer pays.
        starts: Start values tried on the first grid; all but the model's own are drawn.
        start_steps: Iterations that each of them is given at first.
        steps: Iterations to a grid, at most; a grid is left earlier where they gain little.
        most_grid: Where "auto" ends at the latest.
        smooth: Weight of the roughness of splines beside the mean square.
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
        >>> result = ladder(build([1, 1], dtype=torch.float64), (x, torch.sin(3 * x)), grids=[6, 12, 24])
        >>> result.rungs[-1].train_loss < 1e-5
        True

    Source: grid extension: Liu et al. 2024, arXiv:2404.19756, section 2.4.
    """
    if not isinstance(model, Network) or not has_jacobian(model):
        raise InputError("ladder: model must be a network of spline edges only. Use fit for any other.")
    for name, value in (("starts", starts), ("start_steps", start_steps), ("steps", steps)):
        check_whole(name, value, 1)
    dtype = model.layers[0].basis.coef.dtype
    auto = isinstance(grids, str)
    share = VALIDATION_SHARE if auto and validation is None else validation
    work = copy.deepcopy(model).double()
    ready = as_data(data, model, loss=LOSSES["mse"], validation=share, seed=seed, whole=True)
    chosen = LevenbergMarquardt(solver=solver) if isinstance(solver, str) else solver
    climb = _Climb(_doubled(ready), chosen, steps, smooth)
    rising = list(grid_sequence(grids, model, most=most_grid))
    began = time.perf_counter()
    first = rising[0]
    work = climb.refined(work, first)
    x, y, weights = climb.data.x, climb.data.y, climb.data.weights
    if starts > 1:
        work = multi_start(
            work, x, y, weights, climb.solver,
            n_starts=starts, steps=start_steps, roughness_weight=smooth, seed=seed,
        )  # fmt: skip
    rungs = [climb.rung(work, first, began)]
    stop, note = StopReason.GRIDS, ""
    line = Progress(len(rising), progress)
    try:
        for grid in rising[1:]:
            line.update(len(rungs), {"grid": rungs[-1].grid, "train_loss": rungs[-1].train_loss})
            rungs.append(climb.rung(climb.refined(rungs[-1].model, grid), grid, time.perf_counter()))
            if auto and not pays([_judged(rung) for rung in rungs]):
                stop, note = StopReason.NO_BETTER_GRID, f"grid {grid} was no better on the samples set aside"
                break
    except (KeyboardInterrupt, Cancelled) as cause:
        stop, note = reason_of(cause), f"ended after grid {rungs[-1].grid}"
    finally:
        line.close()
    best = min(range(len(rungs)), key=lambda at: _judged(rungs[at]))
    return Ladder(
        copy.deepcopy(rungs[best].model).to(dtype), tuple(rungs), best, stop, (note,) if note else ()
    )


@dataclass
class _Climb:
    """One way up: the data and how a rung is trained."""

    data: Data
    solver: LevenbergMarquardt
    steps: int
    smooth: float

    def refined(self, model: Network, grid: int) -> Network:
        return model if set(model.grid) == {grid} else refine(model, grid, self.data.x).model

    def rung(self, model: Network, grid: int, began: float) -> Rung:
        """Train on this grid, in place, and measure."""
        data = self.data
        candidate = init_candidate(model, data.x, data.y, data.weights, self.solver, self.smooth)
        run_candidate(candidate, self.steps, x=data.x, plateau_tol=_PLATEAU_TOL)
        if fit_grid_ranges(model, data.x):
            iterations = candidate.iterations
            candidate = init_candidate(model, data.x, data.y, data.weights, self.solver, self.smooth)
            run_candidate(candidate, self.steps, x=data.x, plateau_tol=_PLATEAU_TOL)
            candidate.iterations += iterations
        return Rung(
            grid,
            candidate.loss**0.5,
            self._loss(model, data.validation_x, data.validation_y),
            self._loss(model, data.test_x, data.test_y),
            candidate.iterations,
            time.perf_counter() - began,
            model,
        )

    def _loss(self, model: Network, x: torch.Tensor | None, y: torch.Tensor | None) -> float | None:
        if x is None or y is None:
            return None
        return float((predict_in_chunks(model, x) - y).square().mean().sqrt())


def grid_sequence(grids: str | Sequence[int], model: Network, *, most: int) -> Iterator[int]:
    """The grids to climb: those given, or from the model's own on twice as many each time.

    Args:
        grids: "auto", or rising whole numbers.
        model: Whose grid is the first.
        most: Where "auto" ends at the latest.

    Raises:
        InputError: neither.

    Example:
        >>> from edgewise.network import build
        >>> list(grid_sequence("auto", build([2, 1], grid=3), most=20))
        [3, 6, 12]
    """
    if isinstance(grids, str):
        if grids != "auto":
            raise InputError(f"ladder: grids must be 'auto' or rising whole numbers; got {grids!r}.")
        grid = max(model.grid)
        yield grid
        while 2 * grid <= most:
            grid *= 2
            yield grid
        return
    try:
        numbers = [whole_number(grid, 1) for grid in grids]
    except ValueError:
        numbers = []
    if not numbers or numbers != sorted(set(numbers)):
        raise InputError(
            f"ladder: grids must be rising whole numbers; got {grids!r}. For example [3, 6, 12]."
        )
    yield from numbers


def pays(losses: Sequence[float]) -> bool:
    """Whether the last of several losses is lower than all before by enough to go on.

    Example:
        >>> pays([1.0]), pays([1.0, 0.5]), pays([1.0, 0.5, 0.49])
        (True, True, False)
    """
    return len(losses) < 2 or losses[-1] < _GAIN * min(losses[:-1])


def _judged(rung: Rung) -> float:
    return rung.train_loss if rung.validation_loss is None else rung.validation_loss


def _doubled(data: Data) -> Data:
    """The samples in float64, where least squares keep their digits."""
    parts: dict[str, Any] = {
        name: value.double()
        for name, value in vars(data).items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }
    return replace(data, **parts)
