"""What `solve` gives back: the solution as a function, how good it is, how it was reached, why it ended."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from ..events import Stop
from ..network import Network
from ..train import GridStage
from .conditions import Observations
from .equation import Equation
from .fields import Points, per_point
from .residual.blocks import ResidualBlock
from .solver.windows import TimeWindow

_SIDES = (201, 201, 34)
_MOST_POINTS = 40_000


@dataclass(frozen=True)
class SolveStage(GridStage):
    """What one grid, or one equation of a continuation, came to.

    Args:
        grid: Intervals of each layer.
        iterations: Gauss-Newton iterations.
        seconds: Wall-clock time since the start.
        stop: Why it ended.
        selection_loss: As `residual`.
        equation: Name of the equation.
        parameters: Number of unknowns, coefficients of the equation included.
        points: Collocation points of the equation.
        collocation_residual: As `residual`, at the points at which it was minimised.
    """

    equation: str
    parameters: int
    points: int
    collocation_residual: float

    @property
    def residual(self) -> float:
        """Root mean square at fresh points, as a share of the equation's terms, conditions weighted in."""
        return self.selection_loss


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """A network that solves an equation.

    Args:
        equation: Which one.
        windows: The trained networks, one to a window of time, each with the equation as it saw it.
        coefficients: Unknown coefficients that were found, by name.
        stages: What each grid came to.
        history: Root mean square residual after each iteration.
        stop: Why it ended: `stop.reason` is "steps", "plateau", "converged", "tolerance", "time", "callback",
            "interrupted", "cancelled", "non-finite", "overfitted", "large residual" or "not unique".
        relative_residuals: Root mean squares at points that were not used to solve: of each equation as a share of
            its largest term, of each condition as a share of what the unknown varies by, of observations in units
            of their noise if that was given; the largest of all windows of time.
    """

    equation: Equation
    windows: tuple[TimeWindow, ...]
    coefficients: Mapping[str, float]
    stages: tuple[SolveStage, ...]
    history: tuple[float, ...] = field(repr=False)
    stop: Stop
    relative_residuals: Mapping[str, float] = field(default_factory=dict)

    @property
    def relative_residual(self) -> float:
        """The largest of `relative_residuals`, those of observations left out: compare seeds by it."""
        observed = {part.name for part in self.equation.conditions if isinstance(part, Observations)}
        kept = [
            value
            for name, value in self.relative_residuals.items()
            if not any(name.startswith(word) for word in observed)
        ]
        return max(kept, key=lambda value: math.inf if math.isnan(value) else value)

    @property
    def network(self) -> Network:
        """The last network; with conditions kept exactly it is only a part: call the solution instead."""
        return self.windows[-1].network

    def __call__(self, x: Tensor) -> Tensor:
        """The unknowns at points of the domain (batch, coordinates): shape (batch, unknowns); NaN at times not reached."""
        return self._at(lambda *fields: [field.value for field in fields[:-1]], x).T

    def derivative(self, x: Tensor, *coordinates: str, unknown: int = 0) -> Tensor:
        """A derivative of one unknown at points (batch, coordinates): shape (batch,)."""
        return self._at(lambda *fields: [fields[unknown].d(*coordinates)], x)[0]

    def residual(self, x: Tensor) -> Tensor:
        """What is left of the equation at points: shape (equations, batch)."""
        return self._at(self.equation.residual, x)

    def _at(self, what: Callable[..., list[Tensor]], x: Tensor) -> Tensor:
        if x.ndim != 2 or x.shape[1] != len(self.equation.domain.names):
            raise ShapeError(
                f"Solution: x must be (batch, {len(self.equation.domain.names)}), a column to each of "
                f"{', '.join(self.equation.domain.names)}; got shape {tuple(x.shape)}."
            )
        x = x.to(torch.float64)
        if bool(self.equation.domain.outside(x).any()):
            raise InputError(
                f"Solution: x must lie in {self.equation.domain}, where the equation was solved; got points outside. "
                f"Solve it on a larger domain."
            )
        values = {name: torch.tensor(v, dtype=torch.float64) for name, v in self.coefficients.items()}
        if len(self.windows) == 1 and "t" not in self.equation.domain.names:
            return ResidualBlock(self.equation, what, x[None]).residuals(self.network, values)
        column = self.equation.domain.column("t")
        found, begin = None, -math.inf
        for window in self.windows:
            end = float(window.equation.domain.high[column])
            until = math.inf if end == float(self.equation.domain.high[column]) else end
            chosen = (x[:, column] > begin) & (x[:, column] <= until)
            part = ResidualBlock(window.equation, what, x[chosen][None]).residuals(window.network, values)
            found = part.new_full((len(part), len(x)), math.nan) if found is None else found
            found[:, chosen], begin = part, until
        assert found is not None
        return found

    def error(
        self, reference: Callable[[Points], Tensor] | None = None, *, points: int | None = None
    ) -> float:
        """Relative L2 error on an even mesh, against the equation's exact solution or another.

        Args:
            reference: Function of the points, for the first unknown; the equation's own if None, and then
                the largest error over the unknowns that have one.
            points: To a side of the mesh. If None, 201 for one or two coordinates, 34 for three, and for more
                40,000 quasi-random points in place of a mesh.

        Returns:
            |u - reference| / |reference|; NaN if there is nothing to compare with.
        """
        known = self.equation.exact_by_name if reference is None else {self.equation.unknowns[0]: reference}
        if not known:
            return float("nan")
        mesh = self._mesh(points)
        at = Points(mesh, self.equation.domain.names)
        values = self(mesh)
        errors = []
        for name, function in known.items():
            wanted = per_point(function(at), len(mesh), "Solution: a reference")
            left = values[:, list(self.equation.unknowns).index(name)] - wanted
            errors.append(float(left.norm() / wanted.norm()))
        return max(errors)

    def _mesh(self, points: int | None) -> Tensor:
        domain = self.equation.domain
        if points is None and len(domain.names) > len(_SIDES):
            return domain.sample(_MOST_POINTS)
        return domain.mesh(_SIDES[len(domain.names) - 1] if points is None else points)

    def __repr__(self) -> str:
        last = self.stages[-1]
        shares = ", ".join(f"{name} {value:.2g}" for name, value in self.relative_residuals.items())
        lines = [
            f"Solution of {self.equation.name!r}: {sum(stage.iterations for stage in self.stages)} iterations, "
            f"{last.seconds:.1f} s",
            f"  network {self.network.width}, grid {last.grid}, {last.parameters} parameters",
            f"  residuals at fresh points, as shares of their terms: {shares}",
        ]
        if self.coefficients:
            found = ", ".join(f"{name} = {value:.6g}" for name, value in self.coefficients.items())
            lines.append(f"  found {found}")
        error = self.error()
        if error == error:
            lines.append(f"  relative L2 error {error:.3g} against the known solution")
        return "\n".join([*lines, f"  {self.stop}"])
