"""An equation solved on one grid after the other: grids are placed, points chosen, and the residual minimised."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ...events import StopReason
from ...network import Network
from ...train import run_stages
from ..domain import Box
from ..equation import Equation
from ..residual.blocks import ResidualBlock
from ..residual.system import LeastSquaresSystem
from ..solution import SolveStage
from ..units import Units
from .fresh import is_overfitted, missed, root_mean_squares
from .gauss_newton import Monitor, minimise
from .grids import adapt_input_knots, fit_hidden_grids, place_hidden_grids, refine_grids
from .initialisation import reset_output_layer_if_better, unit_scaler
from .method import Method
from .sampling import Draw, collocate
from .sizes import reached_sizes

_GRID_POINTS = 2048
_LINES = 4
_WARM_DAMPING = 1e-4
_FRESH_SEED = 10_007
_MOST_GROWTH = 8  # of the number of points
_MOST_NUMBERS = 1e8  # in a Jacobian that is made larger by itself
_FAR_OFF = 3.0  # sizes that differ by this factor
_LEAST_AMPLITUDE = 1e-3  # unknowns count as varying by at least this share of what was expected
_ENDS_BY_FORCE = frozenset(
    {
        StopReason.TIME,
        StopReason.CALLBACK,
        StopReason.CANCELLED,
        StopReason.INTERRUPTED,
        StopReason.NON_FINITE,
    }
)

Target = tuple[Equation, Any]
"""An equation and the grid to solve it on."""


class StagedSolve:
    """A network on its way through the stages of a solution.

    Args:
        network: On the first grid.
        method: All settings.
        seed: Of the points.
        monitor: Sees every iteration.
        units: Of the problem.

    Attributes:
        stages: What was done.
        coefficients: Unknown coefficients found so far, by name.
    """

    def __init__(self, network: Network, method: Method, seed: int, monitor: Monitor, units: Units) -> None:
        self.network, self.method, self.seed, self.monitor = network, method, seed, monitor
        self.units = units
        self.coefficients: dict[str, float] = {}
        self.stages: list[SolveStage] = []
        self._enters_window = False

    def run(self, targets: Iterable[Target]) -> StopReason:
        """Solve one equation on one grid after the other.

        Raises:
            KeyboardInterrupt: it came before there was anything to keep.
        """
        stop = run_stages(targets, self._stage, self.stages)
        return self.stages[-1].stop if stop is StopReason.GRIDS else stop

    def enter(self, window: Box) -> None:
        """Go on with a copy of the network on another window of time."""
        self.network = copy.deepcopy(self.network)
        self.network.input_scaler = unit_scaler(window)
        self._enters_window = bool(self.stages)

    def _stage(self, target: Target) -> SolveStage:
        kept = copy.deepcopy(self.network)
        try:
            return self._solved(*target)
        except KeyboardInterrupt:
            self.network = kept
            raise

    def _solved(self, equation: Equation, grid: Any) -> SolveStage:
        self.coefficients = {**equation.coefficients, **self.coefficients}
        self._place_grids(equation, grid)
        points, iterations = _MorePoints(), 0
        while True:
            system, fresh = (self._collocated(equation, draw) for draw in points.draws)
            if self._enters_window:
                self._enters_window = False
                reset_output_layer_if_better(system)
            warm = bool(self.stages) or iterations > 0
            resize = _Resize(equation, self.units, system, fresh)
            if warm:
                resize.now()
            minimum = minimise(
                system,
                replace(self.method, steps=self.method.steps - iterations),
                min(self.method.damping, _WARM_DAMPING) if warm else self.method.damping,
                self.monitor,
                fresh if points.may_grow(system) else None,
                None if warm else resize.where_far_off,
            )
            self.coefficients |= {name: float(value) for name, value in system.coefficients.items()}
            iterations += minimum.iterations
            fresh.put(system.vector)
            at_fresh = root_mean_squares(fresh)
            by_force = minimum.stop in _ENDS_BY_FORCE
            overfitted = not by_force and is_overfitted(root_mean_squares(system), at_fresh)
            if not (overfitted and iterations < self.method.steps and points.may_grow(system)):
                break
            points.grow(system, fresh)
        return SolveStage(
            self.network.grid,
            iterations,
            self.monitor.seconds,
            StopReason.OVERFITTED if overfitted else minimum.stop,
            float(at_fresh.norm()),
            equation.name,
            len(system.vector),
            system.blocks[0].points.shape[1],
            minimum.residual,
        )

    def _collocated(self, equation: Equation, draw: Draw) -> LeastSquaresSystem:
        number = len(self.stages)
        return collocate(
            equation, self.network, self.coefficients, self.method, number, self.seed, self.units, draw
        )

    def _place_grids(self, equation: Equation, grid: Any) -> None:
        points = equation.domain.sample(_GRID_POINTS, self.seed)
        if self.method.adapt_knots:
            adapt_input_knots(self.network, lambda column, s: self._second_derivatives(equation, column, s))
        grids = (grid,) * self.network.depth if isinstance(grid, int) else tuple(grid)
        if grids != self.network.grid:
            self.network = refine_grids(self.network, grids, points)
        elif self.stages:
            fit_hidden_grids(self.network, points)
        else:
            place_hidden_grids(self.network, points)

    def _second_derivatives(self, equation: Equation, column: int, s: Tensor) -> Tensor:
        """Scaled second derivatives in one coordinate at each of its scaled values: the largest over the others.

        A layer is straight in its middle, where its slope is largest: u_x^2 counts beside u_xx.
        """
        domain = equation.domain
        points = domain.sample(_LINES, self.seed)[None].repeat(len(s), 1, 1)
        middle, half = (domain.high + domain.low)[column] / 2, (domain.high - domain.low)[column] / 2
        points[:, :, column] = (middle + half * s)[:, None]
        name = domain.names[column]
        block = ResidualBlock(
            equation,
            lambda *fields: [
                part for u in fields[:-1] for part in (u.value, u.d(name) * half, u.d(name, name) * half**2)
            ],
            points.flatten(0, 1)[None],
        )
        values = {key: torch.tensor(value, dtype=torch.float64) for key, value in self.coefficients.items()}
        value, slope, second = block.residuals(self.network, values).unflatten(0, (-1, 3)).unbind(1)
        least = 1e-9 * self.units.amplitudes
        spread = torch.maximum(value.amax(1) - value.amin(1), least)[:, None]
        return ((second.abs() + slope.square() / spread) / spread).amax(0).view(len(s), -1).amax(1)


class _MorePoints:
    """Points of one stage: where the equation is missed between them, there are more."""

    def __init__(self) -> None:
        self._own, self._round = Draw(), 1

    @property
    def draws(self) -> tuple[Draw, Draw]:
        """Points to solve at, and others to look at."""
        return self._own, Draw(_FRESH_SEED * self._round, on_faces=self._own.on_faces)

    def may_grow(self, system: LeastSquaresSystem) -> bool:
        """Whether a system may have twice its points."""
        rows = sum(block.points.shape[1] for block in system.blocks)
        return 2**self._round <= _MOST_GROWTH and 2 * rows * len(system.vector) <= _MOST_NUMBERS

    def grow(self, system: LeastSquaresSystem, fresh: LeastSquaresSystem) -> None:
        """Take in the points that were missed."""
        new = missed(system, fresh)
        further = new if self._own.further is None else torch.cat([self._own.further, new])
        at_own, at_fresh = root_mean_squares(system)[1:], root_mean_squares(fresh)[1:]
        more = is_overfitted(at_own, at_fresh) if len(at_own) else False
        self._own = Draw(further=further, on_faces=self._own.on_faces * (2 if more else 1))
        self._round += 1


class _Resize:
    """Gives the blocks of systems the sizes of the terms of the solution so far."""

    def __init__(self, equation: Equation, units: Units, *systems: LeastSquaresSystem) -> None:
        self._equation, self._units, self._systems = equation, units, systems

    def now(self) -> None:
        """Whatever the sizes were before."""
        self._set(self._sizes())

    def where_far_off(self) -> bool:
        """Only if that of a condition is far from what it was; whether it is so."""
        sizes, blocks = self._sizes(), self._systems[0].blocks
        ratios = [(new / block.sizes).log().abs().max() for new, block in zip(sizes, blocks, strict=True)]
        if not any(ratio > math.log(_FAR_OFF) for ratio in ratios[1:]):
            return False
        self._set(sizes)
        return True

    def _sizes(self) -> list[Tensor]:
        first = self._systems[0]
        values = {name: float(value) for name, value in first.coefficients.items()}
        least = _LEAST_AMPLITUDE * self._units.amplitudes
        return reached_sizes(self._equation, first.blocks, first.network, self._units, values, least)

    def _set(self, sizes: list[Tensor]) -> None:
        for system in self._systems:
            for block, size in zip(system.blocks, sizes, strict=True):
                block.sizes = size
