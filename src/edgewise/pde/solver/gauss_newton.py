"""Damped Gauss-Newton steps on the residual of an equation, on one grid.

Hidden grids follow their inputs between the steps, and points are weighted anew where that is asked for.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

from ...events import StopReason, emit
from ...optim import LevenbergMarquardt, LMState
from ...train import Progress
from ..residual.system import LeastSquaresSystem
from .grids import HIDDEN_GRIDS, HIDDEN_GRIDS_IF_LEFT, fit_hidden_grids
from .method import Method
from .sampling import rba_weights

_MAX_QR = 1600
_STANDS_STILL = 0.98  # an iteration that leaves more than this share of the residual gains too little
_PATIENCE = 3  # iterations that gain too little
_MAX_GROWTH = 2.0  # moving hidden grids may raise the residual by this factor
_LOOSE_CHECKS = (
    4,
    8,
    12,
)  # a grid that is too wide is moved after these iterations, one that is left after any


class Monitor:
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

    def reason_to_stop(self, residual: float) -> StopReason | None:
        """Record a residual; why the search ends with it, if it does."""
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


def minimise(system: LeastSquaresSystem, method: Method, damping: float, monitor: Monitor) -> Minimum:
    """Lower the residual of a system, in place, until it stands still or something else ends it.

    Args:
        system: Its network and coefficients have the best values at the end.
        method: Settings.
        damping: Of the first step.
        monitor: Sees every iteration.

    Example:
        >>> import torch
        >>> from edgewise.pde.problems import poisson
        >>> from edgewise.pde.solver.initialisation import first_network
        >>> from edgewise.pde.solver.sampling import collocate
        >>> method, network = Method(steps=3), first_network(poisson(), [2, 1], 4, 5, seed=0)
        >>> monitor = Monitor(method, None, Progress(3, False), total=3)
        >>> found = minimise(collocate(poisson(), network, {}, method, 0, 0), method, 1e-2, monitor)
        >>> found.iterations, len(monitor.history), found.residual == monitor.history[-1]
        (3, 3, True)
    """
    state = LevenbergMarquardt(damping=damping).start(system.problem, system.vector)
    iterations, still = 0, 0
    stop = _reason_not_to_start(state, method)
    try:
        while stop is None and iterations < method.steps:
            before = state.value
            state = _solver(state).step(system.problem, state)
            iterations += 1
            still = still + 1 if state.value > _STANDS_STILL**2 * before else 0
            stop = monitor.reason_to_stop(state.value**0.5)
            if stop is None and state.status is not None:
                stop = StopReason.CONVERGED
            if stop is None:
                state = _adapted(system, state, iterations, method)
                stop = StopReason.PLATEAU if still >= _PATIENCE else None
    except KeyboardInterrupt:
        stop = StopReason.INTERRUPTED
    system.put(state.x)
    return Minimum(state.value**0.5, iterations, stop or StopReason.STEPS)


def _reason_not_to_start(state: LMState, method: Method) -> StopReason | None:
    if state.status is not None:
        return StopReason.NON_FINITE
    return StopReason.TOLERANCE if state.value**0.5 <= method.tolerance else None


def _solver(state: LMState) -> LevenbergMarquardt:
    # Damping bounds the condition of the normal equations; with little of it, orthogonal factors are needed.
    exact = state.damping < 1e-7 and len(state.x) <= _MAX_QR
    return LevenbergMarquardt(
        solver="qr" if exact else "cholesky", tolerance_change=1e-9, min_relative_scale=1e-9, damping=state.damping
    )


def _adapted(system: LeastSquaresSystem, state: LMState, iterations: int, method: Method) -> LMState:
    """Hidden grids follow their inputs; weights of points follow the residuals."""
    system.put(state.x)
    network, inside = system.network, system.blocks[0]
    policy = HIDDEN_GRIDS if iterations in _LOOSE_CHECKS else HIDDEN_GRIDS_IF_LEFT
    kept = copy.deepcopy(network.state_dict())
    if fit_hidden_grids(network, inside.points[0], policy):
        moved = _solver(state).restart(system.problem, system.vector, state)
        # Splines of few cells can lose more on other knots than the step has gained.
        if moved.value < _MAX_GROWTH**2 * state.value:
            state = moved
        else:
            network.load_state_dict(kept)
    if method.rba:
        residuals = inside.residuals(network, system.coefficients)
        inside.point_weights = rba_weights(inside.point_weights, residuals)
        state = _solver(state).restart(system.problem, system.vector, state)
    return state
