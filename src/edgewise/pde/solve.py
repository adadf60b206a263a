"""`solve`: a network, a ladder of grids, and damped Gauss-Newton steps on the residual."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from ..network import Network, Scaler, refine
from ..network.build import build
from ..optim import LevenbergMarquardt, LMState
from ..train.progress import Progress
from .equation import Equation
from .first_grid import bend_first_grid
from .hidden_grids import fit_hidden_grids
from .rows import Rows
from .sampling import attend, draw_by_residual, follow_knots
from .solution import Rung, Solution
from .start import smooth_start
from .system import System

_MOST_QR = 1600
_STILL = 0.98  # an iteration that leaves more than this of the residual has stood still


@dataclass(frozen=True)
class Method:
    """How an equation is solved.

    Args:
        steps: Gauss-Newton iterations to a grid, at most.
        points: Points of the equation to a parameter.
        boundary_points: Points to a face; eight to a cell of the first grid if None.
        condition_weight: Weight of conditions that name none, beside the equation's mean square.
        horizons: Shares of the time up to which the equation is asked for, one after the other, before it
            is asked for everywhere: solutions of evolution equations grow from their start.
        follow: Whether knots of the first layer move to where the solution bends.
        adaptive: Share of the points that is drawn by the residual from the second grid on.
        attention: Whether points are weighted by their residuals (RBA).
        damping: Of the first step.
        tolerance: Root mean square residual at which to end.
        seconds: Wall-clock time after which to end.
    """

    steps: int = 30
    points: float = 3.0
    boundary_points: int | None = None
    condition_weight: float = 100.0
    horizons: Sequence[float] = ()
    follow: bool = False
    adaptive: float = 0.0
    attention: bool = False
    damping: float = 1e-2
    tolerance: float = 0.0
    seconds: float = float("inf")

    def __post_init__(self) -> None:
        for name in ("steps", "points", "condition_weight", "damping", "seconds"):
            if not getattr(self, name) > 0:
                raise InputError(f"solve: {name} must be positive; got {getattr(self, name)!r}.")
        if not 0 <= self.adaptive < 1 or not all(0 < share <= 1 for share in self.horizons):
            raise InputError(
                f"solve: adaptive must be from 0 to below 1 and horizons from above 0 to 1; got "
                f"{self.adaptive!r} and {self.horizons!r}."
            )


def solve(
    equation: Equation,
    width: Sequence[Any],
    grid: Sequence[int] | int = (4, 8, 16),
    *,
    k: int | None = None,
    seed: int = 0,
    path: Sequence[Equation] = (),
    method: Method | None = None,
    progress: bool | None = None,
    callback: Callable[[int, float], object] | None = None,
    **settings: Any,
) -> Solution:
    """Solve a differential equation by a network whose residual is brought to zero.

    The network's inputs are scaled to the box; its grids are refined along `grid` by exact knot insertion;
    on each, the residual's exact Jacobian drives damped Gauss-Newton steps.

    Args:
        equation: What is to be solved.
        width: Of the network, from the number of coordinates to the number of unknowns.
        grid: Intervals of each spline, one grid after the other.
        k: Degree of the splines; the order of the equation plus three, at least 3, if None.
        seed: Of the start values and the points.
        path: Easier equations on the same domain that are solved before, on the first grid.
        method: All settings at once.
        progress: Whether a line of progress is shown; None shows it on a terminal.
        callback: Called with the iteration and the residual after each; a true answer ends the search.
        **settings: Settings of `Method` by name.

    Returns:
        The solution, which can be called, with what was done and why it ended.

    Raises:
        InputError: the width does not fit the equation, or a setting is out of its bounds.

    Example:
        >>> from edgewise.pde import Box, Equation, prescribed
        >>> rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx + 2, conditions=[prescribed(0.0)])
        >>> solution = solve(rod, [1, 1], grid=4)
        >>> float((solution(torch.tensor([[0.5]])) - 0.25).abs()) < 1e-9
        True
    """
    if method is not None and settings:
        raise InputError("solve: give either method or its settings by name; got both.")
    method = method or Method(**settings)
    grids = [grid] if isinstance(grid, int) else list(grid)
    _check(equation, width, grids)
    degree = max(3, equation.order + 3) if k is None else k
    run = _Run(_network(equation, width, grids[0], degree, seed), method, seed)
    run.progress = Progress((len(grids) + len(path) + len(method.horizons)) * method.steps, progress)
    run.callback = callback
    plan = [(easier, grids[0], 1.0) for easier in path]
    plan += [(equation, grids[0], share) for share in method.horizons if share < 1]
    plan += [(equation, intervals, 1.0) for intervals in grids]
    try:
        for number, (target, intervals, share) in enumerate(plan):
            run.climb(target, intervals, share, number)
            if run.stop in ("tolerance", "seconds", "interrupted", "non-finite"):
                break
    finally:
        run.progress.close()
    found = {name: run.coefficients[name] for name in equation.coefficients}
    return Solution(equation, run.network, found, tuple(run.rungs), tuple(run.history), run.stop)


def _check(equation: Equation, width: Sequence[Any], grids: Sequence[Any]) -> None:
    last = width[-1] if not isinstance(width[-1], (tuple, list)) else sum(width[-1])
    if width[0] != len(equation.domain.names) or last != len(equation.unknowns):
        raise InputError(
            f"solve: width must run from {len(equation.domain.names)} coordinates to "
            f"{len(equation.unknowns)} unknowns; got {list(width)}. For example "
            f"[{len(equation.domain.names)}, 10, {len(equation.unknowns)}]."
        )
    if not grids:
        raise InputError("solve: grid must name at least one number of intervals; got none.")


def _network(equation: Equation, width: Sequence[Any], grid: Any, k: int, seed: int) -> Network:
    domain = equation.domain
    scaler = Scaler((domain.low + domain.high) / 2, (domain.high - domain.low) / 2)
    network = build(
        width, grid=grid, k=k, base="zero", seed=seed, dtype=torch.float64, input_scaler=scaler, grid_eps=1.0
    )
    smooth_start(network, domain.sample(1024), seed)
    return network


@dataclass
class _Run:
    """What one call of `solve` keeps."""

    network: Network
    method: Method
    seed: int
    coefficients: dict[str, float] = field(default_factory=dict)
    rungs: list[Rung] = field(default_factory=list)
    history: list[float] = field(default_factory=list)
    stop: str = "steps"
    progress: Progress = field(default_factory=lambda: Progress(1, False))
    callback: Callable[[int, float], object] | None = None
    began: float = field(default_factory=time.monotonic)

    def climb(self, equation: Equation, grid: Any, share: float, number: int) -> None:
        """Solve on one grid, up to a share of the time."""
        self.coefficients = {**equation.coefficients, **self.coefficients}
        self._move_grids(equation, grid, share, number)
        system = self._system(equation, share, number)
        damping = self.method.damping if not number else min(self.method.damping, 1e-4)
        state = LevenbergMarquardt(damping=damping).start(system.problem, system.vector)
        if state.ending is not None:
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
                if state.ending is not None or self._ended(state.value**0.5):
                    break
                if iterations in (4, 8, 12) or self.method.attention:
                    state = self._adjusted(system, state, iterations)
            else:
                self.stop = "converged" if still >= 3 else self.stop
        except KeyboardInterrupt:
            self.stop = "interrupted"
        if state.ending is not None and self.stop == "steps":
            self.stop = "converged"
        system.put(state.x)
        self._record(equation, system, iterations, state.value**0.5)

    def _move_grids(self, equation: Equation, grid: Any, share: float, number: int) -> None:
        sample = equation.domain.until(share).sample(2048, self.seed)
        self.stop = "steps"
        bends = None
        if self.method.follow and number:
            bends = lambda column, s: _bends(self, equation, column, s, share)
        if bends is not None or self.method.horizons:
            ends = {equation.domain.column("t"): 2 * share - 1} if self.method.horizons else {}
            bend_first_grid(self.network, bends, ends=ends)
        if not number:
            return
        fit_hidden_grids(self.network, sample)
        grids = (grid,) * self.network.depth if isinstance(grid, int) else tuple(grid)
        if grids != self.network.grid:
            self.network = refine(self.network, grids)[0]

    def _system(self, equation: Equation, share: float, number: int) -> System:
        parameters = sum(p.numel() for p in self.network.parameters() if p.requires_grad)
        equations = max(1, len(equation.unknowns))
        count = max(64, int(self.method.points * parameters / equations))
        domain, spline = equation.domain, self.network.stages[0].spline
        within = domain.until(share)
        points = follow_knots(domain, spline, count, self.seed + number, within)
        inside = Rows(equation, equation.residual, points[None])
        if self.method.adaptive and number:
            inside = self._drawn(equation, inside, count, share, number)
        rows = [inside]
        cells = max(spline.grid, 4)
        on_faces = self.method.boundary_points or 8 * cells
        for condition in equation.conditions:
            points = condition.points(within, on_faces, self.seed + number)
            weight = self.method.condition_weight if condition.weight is None else condition.weight
            rows.append(Rows(equation, condition.residual, points, weight))
        return System(self.network, self.coefficients, rows)

    def _drawn(self, equation: Equation, inside: Rows, count: int, share: float, number: int) -> Rows:
        domain, spline = equation.domain, self.network.stages[0].spline
        pool = follow_knots(domain, spline, 8 * count, self.seed + 1000 + number, domain.until(share))
        values = {name: torch.tensor(v, dtype=torch.float64) for name, v in self.coefficients.items()}
        size = Rows(equation, equation.residual, pool[None]).residuals(self.network, values)
        chosen = int(self.method.adaptive * count)
        drawn = draw_by_residual(pool, size, chosen, self.seed + number)
        kept = inside.points[0, : count - chosen]
        return Rows(equation, equation.residual, torch.cat([kept, drawn])[None])

    def _adjusted(self, system: System, state: LMState, iterations: int) -> LMState:
        """Hidden grids follow their inputs; weights follow the residuals."""
        system.put(state.x)
        changed = False
        if iterations in (4, 8, 12):
            changed = fit_hidden_grids(self.network, system.rows[0].points[0])
        if self.method.attention:
            inside = system.rows[0]
            inside.importance = attend(inside.importance, inside.residuals(self.network, system.coefficients))
            changed = True
        if not changed:
            return state
        return _solver(state).restart(system.problem, system.vector, state)

    def _report(self, residual: float) -> None:
        self.history.append(residual)
        self.progress.update(len(self.history), {"residual": residual})

    def _ended(self, residual: float) -> bool:
        if self.callback is not None and self.callback(len(self.history), residual):
            self.stop = "interrupted"
        elif residual <= self.method.tolerance:
            self.stop = "tolerance"
        elif time.monotonic() - self.began > self.method.seconds:
            self.stop = "seconds"
        return self.stop in ("interrupted", "tolerance", "seconds")

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
        solver="qr" if exact else "cholesky", tolerance_change=1e-9, least_scale=1e-9, damping=state.damping
    )


def _bends(run: _Run, equation: Equation, column: int, s: Tensor, share: float) -> Tensor:
    """Largest second derivative in one coordinate at each of its scaled values, over the others."""
    domain = equation.domain
    others = domain.until(share).sample(16, run.seed)
    points = others[None].repeat(len(s), 1, 1)
    middle, half = (domain.high + domain.low)[column] / 2, (domain.high - domain.low)[column] / 2
    points[:, :, column] = (middle + half * s)[:, None]
    name = domain.names[column]
    rows = Rows(
        equation, lambda *fields: [field.d(name, name) for field in fields[:-1]], points.flatten(0, 1)[None]
    )
    values = {key: torch.tensor(v, dtype=torch.float64) for key, v in run.coefficients.items()}
    return rows.residuals(run.network, values).abs().amax(0).view(len(s), -1).amax(1)
