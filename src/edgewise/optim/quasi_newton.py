"""Quasi-Newton methods with a strong Wolfe line search, on one flat vector, as small state machines.

The settings hold no state; `start` makes one; `step` turns a state into the next one and leaves the old one as
it was. What a method remembers of the curvature is its memory: `LBFGS` keeps a few pairs, `BFGS` a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError
from ..events import Stop
from .arrays import Array, as_array, as_tensor
from .line_search import StrongWolfe, Trial
from .minimiser import AGREEING, Minimiser, copies_like
from .problems import Smooth, ValueAndGrad
from .status import (
    LINE_SEARCH_FAILED,
    NOT_FINITE,
    SMALL_CHANGE,
    SMALL_GRADIENT,
    STANDSTILL,
    status_from_words,
    status_to_words,
)


class Curvature(Protocol):
    """What a method remembers of the curvature; see `LBFGSHistory` and `InverseHessian`.

    Attributes:
        arrays: Names of the attributes that are arrays.
        added: Pairs let in so far.
    """

    arrays: ClassVar[tuple[str, ...]]
    added: int

    def __len__(self) -> int:
        """Count what has been learnt; 0 where a step is steepest descent."""
        ...

    def clear(self) -> None:
        """Forget all."""
        ...

    def copy(self) -> Any:
        """Make an independent copy."""
        ...

    def add(self, s: Array, y: Array) -> bool:
        """Learn from a step and the change of the gradient over it, if their product is positive."""
        ...

    def direction(self, gradient: Array) -> Array:
        """Minus the inverse Hessian, as far as it is known, times the gradient."""
        ...


@dataclass(frozen=True)
class QuasiNewtonState:
    """Where the search stands: always the best point that it has accepted.

    Args:
        x: Parameters, shape (n,).
        value: Value at `x`.
        gradient: Gradient at `x`, shape (n,).
        memory: What is known of the curvature.
        iterations: Iterations done so far.
        evaluations: Calls of the function so far.
        status: Why there is no point in going on; None while there is one.
    """

    x: Tensor
    value: float
    gradient: Tensor
    memory: Any = field(repr=False)
    iterations: int = 0
    evaluations: int = 1
    status: Stop | None = None


@dataclass(frozen=True, kw_only=True)
class QuasiNewton(Minimiser[Smooth, QuasiNewtonState]):
    """Settings of all of them.

    Args:
        max_iterations_per_step: Iterations to a call of `step`.
        tolerance_gradient: The search ends when no entry of the gradient is larger, in the function's units; 0
            for a gradient of zero.
        tolerance_change: It ends when a whole step lowers the value by a smaller share; None for the
            rounding unit of the parameters' type.
        initial_step: Length tried first when there is curvature to go by; 1 is Newton's.
        line_search: Settings of the search along the line.
    """

    needs: ClassVar[Literal["smooth", "squares"]] = "smooth"

    max_iterations_per_step: int = 20
    tolerance_gradient: float = 0.0
    tolerance_change: float | None = None
    initial_step: float = 1.0
    line_search: StrongWolfe = field(default_factory=StrongWolfe)

    def __post_init__(self) -> None:
        """Check the settings."""
        self._check_positive("max_iterations_per_step", "initial_step")

    def _check_positive(self, *names: str) -> None:
        for name in names:
            if not getattr(self, name) > 0:
                raise InputError(
                    f"{type(self).__name__}: {name} must be positive; got {getattr(self, name)!r}. "
                    f"Leave it out for the default."
                )

    def new_curvature(self, x: Tensor) -> Curvature:
        """An empty memory for vectors such as `x`, shape (n,)."""
        raise NotImplementedError

    def start(self, problem: Smooth, x: Tensor) -> QuasiNewtonState:
        """Evaluate the function at `x` and begin with an empty memory.

        Args:
            problem: What is minimised.
            x: First point, shape (n,).

        Returns:
            The first state; its `status` is set if the value is not finite.
        """
        value, gradient = problem.value_and_grad(x)
        size = _largest(as_array(gradient))
        status = None if math.isfinite(value) and math.isfinite(size) else NOT_FINITE
        if status is None and size <= self.tolerance_gradient:
            status = SMALL_GRADIENT
        return QuasiNewtonState(x.clone(), value, gradient, self.new_curvature(x), status=status)

    def restart(self, problem: Smooth, x: Tensor, state: QuasiNewtonState) -> QuasiNewtonState:
        """Begin anew at `x`, forgetting curvature but keeping the counts: the function has changed."""
        fresh = self.start(problem, x)
        return replace(fresh, iterations=state.iterations, evaluations=state.evaluations + 1)

    def step(self, problem: Smooth, state: QuasiNewtonState) -> QuasiNewtonState:
        """Do up to `max_iterations_per_step` iterations.

        Args:
            problem: The one that `state` was made with.
            state: Left as it is.

        Returns:
            The next state, whose value is never above the old one's.
        """
        if state.status is not None:
            return state
        with np.errstate(all="ignore"):  # what is not finite is seen to, on numpy's side as on torch's
            return self.with_status(state, self._iterate(problem.value_and_grad, state))

    def state_dict(self, state: QuasiNewtonState) -> dict[str, Any]:
        """The state as tensors, numbers and words, its memory included."""
        memory = {name: as_tensor(getattr(state.memory, name)) for name in state.memory.arrays}
        return {
            "x": state.x,
            "gradient": state.gradient,
            "value": float(state.value),
            "status": status_to_words(state.status),
            "memory": {**memory, "added": state.memory.added},
            "iterations": state.iterations,
            "evaluations": state.evaluations,
        }

    def load_state_dict(self, fresh: QuasiNewtonState, kept: Mapping[str, Any]) -> QuasiNewtonState:
        """The state that `state_dict` wrote down."""
        memory = fresh.memory.copy()
        memory.clear()
        for name in memory.arrays:
            array = as_tensor(getattr(memory, name))
            array.copy_(copies_like([array], [kept["memory"][name]])[0])
        memory.added = max(0, int(kept["memory"]["added"]))
        x, gradient = copies_like([fresh.x, fresh.gradient], [kept["x"], kept["gradient"]])
        return QuasiNewtonState(
            x,
            float(kept["value"]),
            gradient,
            memory,
            int(kept["iterations"]),
            int(kept["evaluations"]),
            status_from_words(kept["status"]),
        )

    def _iterate(self, value_and_grad: ValueAndGrad, state: QuasiNewtonState) -> QuasiNewtonState:
        memory = state.memory.copy()
        x, value, gradient = as_array(state.x), state.value, as_array(state.gradient)
        iterations, evaluations, status = state.iterations, state.evaluations, None
        while iterations - state.iterations < self.max_iterations_per_step and status is None:
            start, direction = self._descent(x, value, gradient, memory)
            line = _along(value_and_grad, start, direction)
            trial, count = self.line_search.search(line, start, self._first_length(memory, x, gradient))
            evaluations += count
            failed = trial is None or not trial.finite
            if failed and len(memory) == 0:
                status = LINE_SEARCH_FAILED if trial is None else NOT_FINITE
            elif trial is None or failed:
                memory.clear()  # once more, from steepest descent
            else:
                memory.add(trial.t * direction, trial.gradient - gradient)
                x, value, gradient = trial.x, trial.value, trial.gradient
                iterations += 1
                if _largest(gradient) <= self.tolerance_gradient:
                    status = SMALL_GRADIENT
        return QuasiNewtonState(
            as_tensor(x), value, as_tensor(gradient), memory, iterations, evaluations, status
        )

    def with_status(self, before: QuasiNewtonState, after: QuasiNewtonState) -> QuasiNewtonState:
        """Return `after`, its status set if the step to it gained too little."""
        rounding = torch.finfo(after.x.dtype).eps
        least = rounding if self.tolerance_change is None else self.tolerance_change
        if after.status is not None or before.value - after.value > least * abs(before.value):
            return after
        agreeing = max(rounding**0.5, AGREEING * least) * abs(after.value)
        return replace(after, status=SMALL_CHANGE if _promised(after) <= agreeing else STANDSTILL)

    def _descent(self, x: Array, value: float, gradient: Array, memory: Curvature) -> tuple[Trial, Array]:
        direction = memory.direction(gradient)
        slope = float(gradient.dot(direction))
        if not slope < 0:
            memory.clear()
            direction = -gradient
            slope = float(gradient.dot(direction))
        return Trial(0.0, value, slope, x, gradient), direction

    def _first_length(self, memory: Curvature, x: Array, gradient: Array) -> float:
        if len(memory):
            return self.initial_step
        slope = float(abs(gradient).sum())
        # In a small unit of the function the gradient is no length for a step: it must at least be seen beside x.
        least = torch.finfo(as_tensor(x).dtype).eps ** 0.75 * float(abs(x).sum())
        return self.initial_step * max(min(1.0, 1.0 / slope), least / slope)


def _along(value_and_grad: ValueAndGrad, start: Trial, direction: Array) -> Callable[[float], Trial]:
    def line(t: float) -> Trial:
        x = start.x + t * direction
        value, found = value_and_grad(as_tensor(x))
        gradient = as_array(found)
        return Trial(t, value, float(gradient.dot(direction)), x, gradient)

    return line


def _promised(state: QuasiNewtonState) -> float:
    """What is left to gain by the curvature that is known; infinite where none is."""
    if not len(state.memory):
        return math.inf if state.value else 0.0
    gradient = as_array(state.gradient)
    return -0.5 * float(gradient.dot(state.memory.direction(gradient)))


def _largest(gradient: Array) -> float:
    return float(abs(gradient).max())
