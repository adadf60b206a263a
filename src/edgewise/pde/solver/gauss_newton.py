"""Damped Gauss-Newton steps on the residual of an equation, on one grid.

Hidden grids follow their inputs between the steps, and points are weighted anew where that is asked for.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ...events import Stop, StopReason, emit
from ...optim import LeastSquares, LevenbergMarquardt, LMState, Loop, Observer, Search
from ...train import Progress
from ..residual.system import LeastSquaresSystem
from .fresh import Overfitting
from .grids import HIDDEN_GRIDS, HIDDEN_GRIDS_IF_LEFT, fit_hidden_grids
from .method import Method
from .sampling import rba_weights

_MAX_QR = 1600
_STANDS_STILL = 0.98  # an iteration that leaves more than this share of the residual gains too little
_PATIENCE = 3  # iterations that gain too little
_UNSOLVED = 0.1  # with more than this share of the terms left,
_PATIENCE_UNSOLVED = 10  # so many iterations may gain little: steps are short as long as the damping is large
_RESIZED_AT = (10, 20)  # iterations after which sizes may be taken from the solution
_MAX_GROWTH = 2.0  # moving hidden grids may raise the residual by this factor
_LOOSE_CHECKS = (
    4,
    8,
    12,
)  # a grid that is too wide is moved after these iterations, one that is left after any


class Monitor(Observer):
    """Looks at the residual after each iteration: history, progress, events, and whether to end.

    Args:
        method: Its tolerance and time.
        callback: Called with the iteration and the residual; a true answer ends the search.
        progress: The line to show.
        total: Iterations there will be at most.
    """

    def __init__(
        self,
        method: Method,
        callback: Callable[[int, float], object] | None,
        progress: Progress,
        total: int,
    ) -> None:
        self._method, self._callback, self._progress, self._total = method, callback, progress, total
        self._began = time.monotonic()
        self.history: list[float] = []

    @property
    def seconds(self) -> float:
        """Wall-clock time so far."""
        return time.monotonic() - self._began

    def after(self, process: Any, done: int) -> Stop | None:
        """Record the residual; why the search ends with it, if it does."""
        reason = self._reason_to_stop(process.value**0.5)
        return None if reason is None else Stop(reason)

    def _reason_to_stop(self, residual: float) -> StopReason | None:
        self.history.append(residual)
        step, values = len(self.history), {"residual": residual}
        self._progress.update(step, values)
        if emit("step", "solve", step=step, total=self._total, values=values):
            return StopReason.CANCELLED
        if self._callback is not None and self._callback(step, residual):
            return StopReason.CALLBACK
        if residual <= self._method.tolerance:
            return StopReason.TOLERANCE
        return StopReason.TIME if self.seconds > self._method.max_seconds else None


@dataclass(frozen=True)
class Minimum:
    """Where the steps on one grid ended.

    Args:
        residual: Root mean square.
        iterations: How many were done.
        stop: Why it ended.
    """

    residual: float
    iterations: int
    stop: StopReason


def minimise(
    system: LeastSquaresSystem,
    method: Method,
    damping: float,
    monitor: Monitor,
    fresh: LeastSquaresSystem | None = None,
    resize: Callable[[], bool] | None = None,
) -> Minimum:
    """Lower the residual of a system, in place, until it stands still or something else ends it.

    Args:
        system: Its network and coefficients have the best values at the end.
        method: Settings.
        damping: Of the first step.
        monitor: Sees every iteration.
        fresh: The same on other points; the steps end where the residual there is much larger.
        resize: May give the system's blocks other sizes, and says whether it did; called now and then.

    Example:
        >>> from edgewise.pde.problems import poisson
        >>> from edgewise.pde.solver.initialisation import first_network
        >>> from edgewise.pde.solver.sampling import collocate
        >>> method, network = Method(steps=3), first_network(poisson(), [2, 1], 4, 5, seed=0)
        >>> monitor = Monitor(method, None, Progress(3, False), total=3)
        >>> found = minimise(collocate(poisson(), network, {}, method, 0, 0), method, 1e-2, monitor)
        >>> found.iterations, len(monitor.history), found.residual == monitor.history[-1]
        (3, 3, True)
    """
    search = GaussNewton(system, damping)
    if search.status is not None:
        return Minimum(search.value**0.5, 0, StopReason.NON_FINITE)
    if search.value**0.5 <= method.tolerance:
        return Minimum(search.value**0.5, 0, StopReason.TOLERANCE)
    observers = [monitor, _HiddenGrids(system), *([_Attention(system)] if method.rba else []), _Plateau()]
    if resize is not None:
        observers.insert(1, _Sizes(system, resize))
    if fresh is not None:
        observers.append(Overfitting(system, fresh))
    loop = Loop(search, method.steps, observers, interruptible=True)
    reason = loop.run().reason
    system.put(search.state.x)
    # Where no step lowers the residual any more, a finer grid does.
    reason = StopReason.PLATEAU if reason in (StopReason.NO_DESCENT, StopReason.STALLED) else reason
    return Minimum(search.value**0.5, loop.done, reason)


class GaussNewton(Search[LeastSquares, LMState]):
    """Damped Gauss-Newton steps on a system.

    Args:
        system: What is minimised, from its present values.
        damping: Of the first step.

    Attributes:
        still: How many of the last steps, in a row, gained too little.
    """

    def __init__(self, system: LeastSquaresSystem, damping: float) -> None:
        super().__init__(LevenbergMarquardt(damping=damping), system.problem, system.vector)
        self.still = 0

    def step(self) -> None:
        """Do one step, by orthogonal factors where damping no longer bounds the condition."""
        before = self.value
        self.minimiser = _solver(self.state)
        super().step()
        self.still = self.still + 1 if self.value > _STANDS_STILL**2 * before else 0


def _solver(state: LMState) -> LevenbergMarquardt:
    # Damping bounds the condition of the normal equations; with little of it, orthogonal factors are needed.
    exact = state.damping < 1e-7 and len(state.x) <= _MAX_QR
    return LevenbergMarquardt(
        solver="qr" if exact else "cholesky",
        tolerance_change=1e-9,
        min_relative_scale=1e-9,
        damping=state.damping,
    )


class _HiddenGrids(Observer):
    """Hidden grids follow their inputs, unless that would raise the residual by much."""

    def __init__(self, system: LeastSquaresSystem) -> None:
        self._system = system

    def after(self, process: GaussNewton, done: int) -> None:
        if process.status is not None:
            return
        system, before = self._system, process.state
        system.put(before.x)
        kept = copy.deepcopy(system.network.state_dict())
        policy = HIDDEN_GRIDS if done in _LOOSE_CHECKS else HIDDEN_GRIDS_IF_LEFT
        if fit_hidden_grids(system.network, system.blocks[0].points[0], policy):
            process.restart(system.vector)
            # Splines of few cells can lose more on other knots than the step has gained.
            if not process.value < _MAX_GROWTH**2 * before.value:
                system.network.load_state_dict(kept)
                process.state = before


class _Attention(Observer):
    """Weights of the points of the equation follow its residuals."""

    def __init__(self, system: LeastSquaresSystem) -> None:
        self._system = system

    def after(self, process: GaussNewton, done: int) -> None:
        if process.status is not None:
            return
        system, inside = self._system, self._system.blocks[0]
        residuals: Tensor = inside.residuals(system.network, system.coefficients)
        inside.point_weights = rba_weights(inside.point_weights, residuals)
        process.restart(system.vector)


class _Sizes(Observer):
    """Residuals count in units of what their terms have become, where these are far from what was expected."""

    def __init__(self, system: LeastSquaresSystem, resize: Callable[[], bool]) -> None:
        self._system, self._resize = system, resize

    def after(self, process: GaussNewton, done: int) -> None:
        if process.status is not None or done not in _RESIZED_AT:
            return
        self._system.put(process.state.x)
        if self._resize():
            process.restart(self._system.vector)


class _Plateau(Observer):
    """Ends the steps where several in a row gained too little."""

    def after(self, process: GaussNewton, done: int) -> Stop | None:
        patience = _PATIENCE if process.value**0.5 < _UNSOLVED else _PATIENCE_UNSOLVED
        return Stop(StopReason.PLATEAU) if process.still >= patience else None
