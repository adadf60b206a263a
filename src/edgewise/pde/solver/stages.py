"""An equation solved on one grid after the other: grids are placed, points chosen, and the residual minimised."""

from __future__ import annotations

import copy
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
from .fresh import is_overfitted, root_mean_squares
from .gauss_newton import Monitor, minimise
from .grids import adapt_input_knots, fit_hidden_grids, place_hidden_grids, refine_grids
from .initialisation import reset_output_layer_if_better, unit_scaler
from .method import Method
from .sampling import Draw, collocate

_GRID_POINTS = 2048
_LINES = 4
_WARM_DAMPING = 1e-4
_FRESH_SEED = 10_007
_MOST_DENSITY = 8
_MOST_NUMBERS = 1e8  # in a Jacobian that is made larger by itself
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
        density: How many times as many points there are as the method says: more once they were too few.
    """

    def __init__(self, network: Network, method: Method, seed: int, monitor: Monitor, units: Units) -> None:
        self.network, self.method, self.seed, self.monitor = network, method, seed, monitor
        self.units = units
        self.coefficients: dict[str, float] = {}
        self.stages: list[SolveStage] = []
        self.density = 1
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
        iterations = 0
        while True:
            system = self._collocated(equation, Draw(self.density))
            fresh = self._collocated(equation, Draw(self.density, _FRESH_SEED))
            if self._enters_window:
                self._enters_window = False
                reset_output_layer_if_better(system)
            finer = _may_have(2 * self.density, system)
            method = replace(self.method, steps=self.method.steps - iterations)
            minimum = minimise(
                system, method, self._damping(iterations), self.monitor, fresh if finer else None
            )
            self.coefficients |= {name: float(value) for name, value in system.coefficients.items()}
            iterations += minimum.iterations
            fresh.put(system.vector)
            at_fresh = root_mean_squares(fresh)
            overfitted = is_overfitted(root_mean_squares(system), at_fresh)
            if (
                not (overfitted and finer and iterations < self.method.steps)
                or minimum.stop in _ENDS_BY_FORCE
            ):
                break
            self.density *= 2
        stop = StopReason.OVERFITTED if overfitted and minimum.stop not in _ENDS_BY_FORCE else minimum.stop
        return SolveStage(
            self.network.grid,
            iterations,
            self.monitor.seconds,
            stop,
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

    def _damping(self, iterations: int) -> float:
        """A network that has been trained starts near the solution of the next system."""
        warm = bool(self.stages) or iterations > 0
        return min(self.method.damping, _WARM_DAMPING) if warm else self.method.damping

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


def _may_have(density: int, system: LeastSquaresSystem) -> bool:
    """Whether there may be twice the points of a system, `density` times those of the method."""
    rows = sum(block.points.shape[1] for block in system.blocks)
    return density <= _MOST_DENSITY and 2 * rows * len(system.vector) <= _MOST_NUMBERS
