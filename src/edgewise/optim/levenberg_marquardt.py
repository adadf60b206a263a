"""Levenberg-Marquardt: sums of squares by their Jacobian, damped so that missing rank does no harm.

`LevenbergMarquardt` holds the settings; `start` makes a state; `step` turns a state into the next one and
leaves the old one as it was. The residuals can be any: errors of a fit, residuals of an equation.

Source: Nielsen 1999, "Damping parameter in Marquardt's method", IMM-REP-1999-05 (update of the damping);
Moré 1978 (scaling by the largest columns seen); Transtrum and Sethna 2012, "Improvements to the
Levenberg-Marquardt algorithm for nonlinear least-squares minimization", arXiv:1201.5885 (steps that geodesic_acceleration).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from ..errors import InputError, unknown_name
from ..events import Stop
from .damped_least_squares import (
    CGLS,
    QR,
    Damped,
    NormalEquations,
    Step,
    TruncatedSVD,
    squared_length,
)
from .jacobian import Jacobian, SparseRows, as_jacobian
from .minimiser import AGREEING, Minimiser, copies_like
from .problems import LeastSquares
from .status import (
    DAMPED_OUT,
    NOT_FINITE,
    SMALL_CHANGE,
    SMALL_GRADIENT,
    STANDSTILL,
    status_from_words,
    status_to_words,
)

SOLVERS = ("auto", "qr", "cholesky", "cg", "svd")

_MOST_DENSE = 4000
_MOST_QR = 4e8
_LEAST_DAMPING = {"qr": 1e-24, "cholesky": 1e-14, "cg": 1e-12, "svd": 1e-14}
_MOST_DAMPING = 1e12
_DAMPING_DECREASE = 1 / 3
_AS_PREDICTED = 0.1
_PROBE = 0.1


@dataclass(frozen=True)
class LMState:
    """Where the search stands: always the best point found.

    Args:
        x: Parameters, shape (n,).
        value: |r|^2 at `x`.
        residual: r at `x`, shape (m,).
        damping: What the next step is tried with, in units of the metric.
        growth: What the damping is multiplied with if that step fails.
        scale: Largest norm of each column of the Jacobian so far, shape (n,).
        iterations: Iterations done so far.
        evaluations: Times the residuals were computed.
        status: Why there is no point in going on; None while there is one.
    """

    x: Tensor
    value: float
    residual: Tensor = field(repr=False)
    damping: float
    growth: float = 2.0
    scale: Tensor | None = field(default=None, repr=False)
    iterations: int = 0
    evaluations: int = 1
    status: Stop | None = None


@dataclass(frozen=True)
class LevenbergMarquardt(Minimiser[LeastSquares, LMState]):
    """Settings of the Levenberg-Marquardt method.

    Args:
        damping: Damping of the first step, in units of the metric.
        solver: "qr" (most digits), "cholesky" (fast), "cg" (no matrix), "svd" (directions that change nothing stay
            as they are; few parameters), or "auto", by size.
        max_iterations_per_step: Iterations to a call of `step`.
        tolerance_gradient: The search ends when no entry of the gradient is larger, in the units of |r|^2; 0 for a
            gradient of zero.
        tolerance_change: It ends when an iteration lowers the value by a smaller share.
        min_relative_scale: Columns count as at least this share of the largest one in the damping.
        monotone_scaling: Whether columns count with the largest norm they ever had, or with that of now.
        geodesic_acceleration: A step follows the curvature of the residuals, by one more evaluation, and is
            rejected if 2 |a| / |v| exceeds this ratio, a being the acceleration and v the step (0.75 is
            customary); 0 for none. Narrow, curved valleys take far fewer iterations. For float64.
        damping_decrease: What the damping is multiplied with after a step that gained what was predicted, to a
            tenth. Nearly linear problems take fewer iterations with 0.1.

    Example:
        >>> line = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> points = torch.tensor([1.0, 3.0, 5.0])
        >>> problem = LeastSquares(lambda x: line @ x - points, lambda x: line)
        >>> [round(float(v), 3) for v in LevenbergMarquardt().minimise(problem, torch.zeros(2)).x]
        [1.0, 2.0]
    """

    needs: ClassVar[Literal["smooth", "squares"]] = "squares"

    damping: float = 1e-3
    solver: str = "auto"
    max_iterations_per_step: int = 1
    tolerance_gradient: float = 0.0
    tolerance_change: float = 1e-12
    min_relative_scale: float = 1e-3
    monotone_scaling: bool = True
    geodesic_acceleration: float = 0.0
    damping_decrease: float = _DAMPING_DECREASE

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.solver not in SOLVERS:
            raise unknown_name("LevenbergMarquardt", "solver", self.solver, SOLVERS)
        for name in ("damping", "max_iterations_per_step", "min_relative_scale", "damping_decrease"):
            if not getattr(self, name) > 0:
                raise InputError(
                    f"LevenbergMarquardt: {name} must be positive; got {getattr(self, name)!r}. "
                    f"Leave it out for the default."
                )
        if not self.geodesic_acceleration >= 0:
            raise InputError(
                f"LevenbergMarquardt: geodesic_acceleration must be at least 0; got "
                f"{self.geodesic_acceleration!r}. 0.75 is customary."
            )

    def numbers(self, iterations: int) -> tuple[int, float, float, float, bool, float, float]:
        """The settings as compiled code takes them: `LmSettings` of native/least_squares.hpp."""
        return (
            iterations,
            self.tolerance_gradient,
            self.tolerance_change,
            self.min_relative_scale,
            self.monotone_scaling,
            self.geodesic_acceleration,
            self.damping_decrease,
        )

    def is_by_qr(self, rows: int, columns: int) -> bool:
        """Whether steps of a dense problem of this size, without a metric of its own, are solved by QR."""
        if self.solver != "auto":
            return self.solver == "qr"
        return columns <= _MOST_DENSE and rows * columns**2 <= _MOST_QR

    def start(self, problem: LeastSquares, x: Tensor) -> LMState:
        """Compute the residuals at `x`.

        Args:
            problem: What is minimised.
            x: First point, shape (n,).

        Returns:
            The first state; its `status` is set if the residuals are not finite.
        """
        residual = problem.residual(x)
        value = float(residual.dot(residual))
        status = None if math.isfinite(value) else NOT_FINITE
        return LMState(x.clone(), value, residual, self.damping, status=status)

    def restart(self, problem: LeastSquares, x: Tensor, state: LMState) -> LMState:
        """Begin anew at `x`, keeping the damping and the counts: the residuals have changed."""
        fresh = self.start(problem, x)
        return replace(
            fresh,
            damping=max(state.damping, _LEAST_DAMPING["cholesky"]),
            iterations=state.iterations,
            evaluations=state.evaluations + 1,
        )

    def step(self, problem: LeastSquares, state: LMState) -> LMState:
        """Do `max_iterations_per_step` iterations, each of which lowers the value or ends the search.

        Args:
            problem: What `state` was made with.
            state: Left as it is.

        Returns:
            The next state, whose value is never above the old one's.
        """
        compiled = None if problem.compiled is None else problem.compiled(self, state)
        if compiled is not None:
            found: LMState = compiled
            return found
        for _ in range(self.max_iterations_per_step):
            if state.status is not None:
                break
            state = self._iterate(problem, state)
        return state

    def state_dict(self, state: LMState) -> dict[str, Any]:
        """The state as tensors, numbers and words."""
        return {**vars(state), "status": status_to_words(state.status)}

    def load_state_dict(self, fresh: LMState, kept: Mapping[str, Any]) -> LMState:
        """The state that `state_dict` wrote down."""
        x, residual = copies_like([fresh.x, fresh.residual], [kept["x"], kept["residual"]])
        scale = kept["scale"]
        if scale is not None:
            (scale,) = copies_like([fresh.x], [scale])
        return LMState(
            x,
            float(kept["value"]),
            residual,
            float(kept["damping"]),
            float(kept["growth"]),
            scale,
            int(kept["iterations"]),
            int(kept["evaluations"]),
            status_from_words(kept["status"]),
        )

    def _iterate(self, problem: LeastSquares, state: LMState) -> LMState:
        jacobian = as_jacobian(problem.jacobian(state.x))
        scale = _column_norms(jacobian, state.x)
        if not bool(torch.isfinite(scale).all()):
            return replace(state, status=NOT_FINITE)
        if self.monotone_scaling and state.scale is not None:
            scale = torch.maximum(scale, state.scale)
        state = replace(state, scale=scale)
        solver = self._solver(jacobian, problem.metric)
        sqrt_metric = self._sqrt_metric(scale, problem.metric)
        damped = _prepare(solver, jacobian, state.residual, sqrt_metric)
        if float(damped.gradient.abs().max()) <= self.tolerance_gradient:
            return replace(state, status=SMALL_GRADIENT)
        while state.damping <= _MOST_DAMPING:
            step = damped.solve(state.damping)
            if step is not None and self.geodesic_acceleration:
                along = jacobian.times(step.delta)
                step = self._accelerated(problem, state, damped, step, along, sqrt_metric)
                state = replace(state, evaluations=state.evaluations + 1)
            tried = None if step is None else self._try(problem, state, step, solver)
            if tried is not None:
                return tried
            state = replace(
                state,
                damping=state.damping * state.growth,
                growth=2 * state.growth,
                evaluations=state.evaluations + (step is not None),
            )
        return replace(state, status=DAMPED_OUT)

    def _accelerated(
        self,
        problem: LeastSquares,
        state: LMState,
        damped: Damped,
        step: Step,
        along: Tensor,
        sqrt_metric: Tensor,
    ) -> Step | None:
        """The step with half its acceleration; None where that is too large to be trusted."""
        near = problem.residual(state.x + _PROBE * step.delta)
        curvature = (2 / _PROBE) * ((near - state.residual) / _PROBE - along)
        acceleration = damped.solve_rhs(curvature)
        allowed = self.geodesic_acceleration**2 * squared_length(sqrt_metric, step.delta)
        if not 4 * squared_length(sqrt_metric, acceleration) <= allowed:
            return None
        return Step(step.delta + acceleration / 2, step.predicted)

    def _try(self, problem: LeastSquares, state: LMState, step: Step, solver: str) -> LMState | None:
        """The state after the step; None where the value would not fall."""
        x = state.x + step.delta
        residual = problem.residual(x)
        value = float(residual.dot(residual))
        # The difference of squares as a product: no digits are lost where both are nearly equal.
        gained = float((state.residual - residual).dot(state.residual + residual))
        if not (gained > 0 and math.isfinite(value) and step.predicted > 0):
            return None
        damping = max(state.damping * self._damping_factor(gained / step.predicted), _LEAST_DAMPING[solver])
        status = None
        if gained <= self.tolerance_change * state.value:
            # Where the damping shortens the step, little is promised though much may be left.
            promised = math.inf if state.damping > 1 else step.predicted
            met = promised <= AGREEING * self.tolerance_change * state.value
            status = SMALL_CHANGE if met else STANDSTILL
        return LMState(
            x,
            value,
            residual,
            damping,
            2.0,
            state.scale,
            state.iterations + 1,
            state.evaluations + 1,
            status,
        )

    def _damping_factor(self, ratio: float) -> float:
        """What the damping is multiplied with where a step gained `ratio` times what was predicted."""
        if self.damping_decrease < _DAMPING_DECREASE and abs(ratio - 1) < _AS_PREDICTED:
            return self.damping_decrease
        return max(_DAMPING_DECREASE, 1 - (2 * min(ratio, 1.0) - 1) ** 3)

    def _sqrt_metric(self, scale: Tensor, metric: Tensor | None) -> Tensor:
        if metric is not None:
            return metric
        largest = float(scale.max())
        return scale.clamp_min(self.min_relative_scale * largest if largest > 0 else 1.0)

    def _solver(self, jacobian: Jacobian, metric: Tensor | None) -> str:
        if not hasattr(jacobian, "gram"):
            return "cg"
        if self.solver != "auto":
            return self.solver
        rows, columns = jacobian.shape
        if columns > _MOST_DENSE and metric is None:
            return "cg"
        return "qr" if rows * columns**2 <= _MOST_QR else "cholesky"


def _prepare(solver: str, jacobian: Jacobian, residual: Tensor, sqrt_metric: Tensor) -> Damped:
    if solver == "cg":
        diagonal = sqrt_metric if sqrt_metric.ndim == 1 else sqrt_metric.norm(dim=0)
        return CGLS(jacobian, residual, diagonal)
    if solver == "svd":
        diagonal = sqrt_metric if sqrt_metric.ndim == 1 else sqrt_metric.norm(dim=0)
        return TruncatedSVD(jacobian.dense(), residual, diagonal)  # type: ignore[attr-defined]
    if solver == "qr":
        return QR(jacobian.dense(), residual, sqrt_metric)  # type: ignore[attr-defined]
    return NormalEquations(jacobian, residual, sqrt_metric)


def _column_norms(jacobian: Jacobian, like: Tensor) -> Tensor:
    """Norms of the columns; ones where only products are known."""
    if isinstance(jacobian, SparseRows):
        squares = jacobian.values.new_zeros(jacobian.parameters)
        return squares.index_add_(0, jacobian.columns.flatten(), jacobian.values.square().flatten()).sqrt()
    matrix = getattr(jacobian, "matrix", None)
    return torch.ones_like(like) if matrix is None else matrix.norm(dim=0)
