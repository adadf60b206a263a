"""What one call of `solve` does: Gauss-Newton steps on one grid after the other."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ...network import Network, Scaler, build
from ...optim import LevenbergMarquardt, LMState
from ...train import Progress
from ..domain import Box
from ..equation import Equation
from ..residual.blocks import Rows
from ..residual.system import System
from ..solution import Rung
from .hidden_grids import (
    HIDDEN_GRIDS,
    HIDDEN_GRIDS_IF_LEFT,
    fit_hidden_grids,
    place_hidden_grids,
    refine_grids,
)
from .initialisation import smooth_start
from .knots import bend_first_grid
from .method import Method
from .sampling import attend, draw_by_residual, follow_knots

_MOST_QR = 1600
_STILL = 0.98  # an iteration that leaves more than this of the residual has stood still
_LOST = 2.0  # moving hidden grids may raise the residual by so much
_FINAL = ("tolerance", "seconds", "interrupted", "non-finite")


def first_network(equation: Equation, width: Sequence[Any], grid: Any, k: int, seed: int) -> Network:
    """A network over the equation's domain, with smooth start values.

    Example:
        >>> from edgewise.pde.problems import poisson
        >>> first_network(poisson(), [2, 3, 1], 4, 5, seed=0).width
        (2, 3, 1)
    """
    network = build(
        width,
        grid=grid,
        k=k,
        base="zero",
        seed=seed,
        dtype=torch.float64,
        input_scaler=_scaler(equation.domain),
        grid_eps=1.0,
    )
    smooth_start(network, equation.domain.sample(1024), seed)
    return network


def _scaler(domain: Box) -> Scaler:
    return Scaler((domain.low + domain.high) / 2, (domain.high - domain.low) / 2)


@dataclass
class Climb:
    """The network on its way, and the record of it.

    Args:
        network: On the first grid.
        method: All settings.
        seed: Of the points.
        callback: Called with the iteration and the residual after each; a true answer ends the search.
    """

    network: Network
    method: Method
    seed: int
    callback: Callable[[int, float], object] | None = None
    coefficients: dict[str, float] = field(default_factory=dict)
    rungs: list[Rung] = field(default_factory=list)
    history: list[float] = field(default_factory=list)
    stop: str = "steps"
    progress: Progress = field(default_factory=lambda: Progress(1, False))
    began: float = field(default_factory=time.monotonic)
    _entered: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.stop in ("seconds", "interrupted", "non-finite")

    def all(self, plan: Iterable[tuple[Equation, Any]]) -> None:
        """One equation on one grid after the other, until the search ends.

        Raises:
            KeyboardInterrupt: it came before there was anything to keep.
        """
        for equation, grid in plan:
            kept = copy.deepcopy(self.network)
            try:
                self.on(equation, grid)
            except KeyboardInterrupt:
                if not self.rungs:
                    raise
                self.network, self.stop = kept, "interrupted"
            if self.stop in _FINAL:
                return

    def enter(self, window: Box) -> None:
        """Go on with a copy of the network on another part of the time."""
        self.network = copy.deepcopy(self.network)
        self.network.input_scaler = _scaler(window)
        self._entered = bool(self.rungs)

    def on(self, equation: Equation, grid: Any) -> None:
        """Solve on one grid."""
        self.coefficients = {**equation.coefficients, **self.coefficients}
        self.stop = "steps"
        self._move_grids(equation, grid)
        system = self._system(equation)
        if self._entered:
            self._start_over_if_better(system)
        damping = min(self.method.damping, 1e-4) if self.rungs else self.method.damping
        state = LevenbergMarquardt(damping=damping).start(system.problem, system.vector)
        if state.status is not None:
            self.stop = "non-finite"
        elif state.value**0.5 <= self.method.tolerance:
            self.stop = "tolerance"
        iterations, still = 0, 0
        try:
            while self.stop == "steps" and iterations < self.method.steps and still < 3:
                before = state.value
                state = _solver(state).step(system.problem, state)
                iterations += 1
                still = still + 1 if state.value > _STILL**2 * before else 0
                self._report(state.value**0.5)
                if state.status is not None or self._ends_at(state.value**0.5):
                    break
                state = self._adjusted(system, state, iterations)
            else:
                self.stop = "converged" if still >= 3 else self.stop
        except KeyboardInterrupt:
            self.stop = "interrupted"
        if state.status is not None and self.stop == "steps":
            self.stop = "converged"
        system.put(state.x)
        self._record(equation, system, iterations, state.value**0.5)

    @torch.no_grad()
    def _start_over_if_better(self, system: System) -> None:
        """Keep the last layer of the window before only where it helps; the layers below it are kept."""
        self._entered = False
        last = self.network.layers[-1].basis.coef
        kept, before = last.clone(), float(system.residual(system.vector).norm())
        last.zero_()
        if before < float(system.residual(system.vector).norm()):
            last.copy_(kept)

    def _move_grids(self, equation: Equation, grid: Any) -> None:
        sample = equation.domain.sample(2048, self.seed)
        if self.method.follow:
            bend_first_grid(self.network, lambda column, s: self._bends(equation, column, s))
        grids = (grid,) * self.network.depth if isinstance(grid, int) else tuple(grid)
        if grids != self.network.grid:
            self.network = refine_grids(self.network, grids, sample)
        elif self.rungs:
            fit_hidden_grids(self.network, sample)
        else:
            place_hidden_grids(self.network, sample)

    def _bends(self, equation: Equation, column: int, s: Tensor) -> Tensor:
        """How the solution bends in one coordinate at each of its scaled values: the largest over the others.

        A layer is straight in its middle, where its slope is largest: u_x^2 counts beside u_xx.
        """
        domain = equation.domain
        points = domain.sample(4, self.seed)[None].repeat(len(s), 1, 1)
        middle, half = (domain.high + domain.low)[column] / 2, (domain.high - domain.low)[column] / 2
        points[:, :, column] = (middle + half * s)[:, None]
        name = domain.names[column]
        rows = Rows(
            equation,
            lambda *fields: [
                part for u in fields[:-1] for part in (u.value, u.d(name) * half, u.d(name, name) * half**2)
            ],
            points.flatten(0, 1)[None],
        )
        value, slope, second = rows.residuals(self.network, self._values()).unflatten(0, (-1, 3)).unbind(1)
        spread = (value.amax(1) - value.amin(1)).clamp_min(1e-9)[:, None]
        return ((second.abs() + slope.square() / spread) / spread).amax(0).view(len(s), -1).amax(1)

    def _values(self) -> dict[str, Tensor]:
        return {name: torch.tensor(v, dtype=torch.float64) for name, v in self.coefficients.items()}

    def _system(self, equation: Equation) -> System:
        number, domain, spline = len(self.rungs), equation.domain, self.network.layers[0].basis
        parameters = sum(p.numel() for p in self.network.parameters() if p.requires_grad)
        count = max(64, int(self.method.points * parameters / max(1, len(equation.unknowns))))
        inside = Rows(
            equation, equation.residual, follow_knots(domain, spline, count, self.seed + number)[None]
        )
        if self.method.adaptive and number:
            inside = self._drawn(equation, inside, count)
        rows = [inside]
        on_faces = self.method.boundary_points or 8 * max(spline.grid, 4)
        for condition in equation.conditions:
            points = condition.points(domain, on_faces, self.seed + number)
            weight = self.method.condition_weight if condition.weight is None else condition.weight
            rows.append(Rows(equation, condition.residual, points, weight))
        return System(self.network, self.coefficients, rows)

    def _drawn(self, equation: Equation, inside: Rows, count: int) -> Rows:
        number, spline = len(self.rungs), self.network.layers[0].basis
        pool = follow_knots(equation.domain, spline, 8 * count, self.seed + 1000 + number)
        size = Rows(equation, equation.residual, pool[None]).residuals(self.network, self._values())
        chosen = int(self.method.adaptive * count)
        drawn = draw_by_residual(pool, size, chosen, self.seed + number)
        kept = inside.points[0, : count - chosen]
        return Rows(equation, equation.residual, torch.cat([kept, drawn])[None])

    def _adjusted(self, system: System, state: LMState, iterations: int) -> LMState:
        """Hidden grids follow their inputs; weights follow the residuals."""
        system.put(state.x)
        # A grid that is too wide is put right early on; one that is left, at any time.
        policy = HIDDEN_GRIDS if iterations in (4, 8, 12) else HIDDEN_GRIDS_IF_LEFT
        kept = copy.deepcopy(self.network.state_dict())
        if fit_hidden_grids(self.network, system.rows[0].points[0], policy):
            moved = _solver(state).restart(system.problem, system.vector, state)
            # Splines of few cells can lose more on other knots than the step has gained.
            if moved.value < _LOST**2 * state.value:
                state = moved
            else:
                self.network.load_state_dict(kept)
        if self.method.attention:
            inside = system.rows[0]
            inside.importance = attend(inside.importance, inside.residuals(self.network, system.coefficients))
            state = _solver(state).restart(system.problem, system.vector, state)
        return state

    def _report(self, residual: float) -> None:
        self.history.append(residual)
        self.progress.update(len(self.history), {"residual": residual})

    def _ends_at(self, residual: float) -> bool:
        if self.callback is not None and self.callback(len(self.history), residual):
            self.stop = "interrupted"
        elif residual <= self.method.tolerance:
            self.stop = "tolerance"
        elif time.monotonic() - self.began > self.method.seconds:
            self.stop = "seconds"
        return self.stop in _FINAL

    def _record(self, equation: Equation, system: System, iterations: int, residual: float) -> None:
        self.coefficients |= {name: float(value) for name, value in system.coefficients.items()}
        self.rungs.append(
            Rung(
                equation.name,
                self.network.grid,
                len(system.vector),
                system.rows[0].points.shape[1],
                iterations,
                residual,
                time.monotonic() - self.began,
            )
        )


def _solver(state: LMState) -> LevenbergMarquardt:
    # Damping bounds the condition of the normal equations; with little of it, orthogonal factors are needed.
    exact = state.damping < 1e-7 and len(state.x) <= _MOST_QR
    return LevenbergMarquardt(
        solver="qr" if exact else "cholesky",
        tolerance_change=1e-9,
        min_relative_scale=1e-9,
        damping=state.damping,
    )
