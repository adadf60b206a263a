"""L-BFGS: a few pairs of steps and gradient changes are all that is remembered.

A step is up to 20 iterations, as users of this optimiser in PyTorch know it.

Source: Nocedal and Wright, Numerical Optimization (2006), section 7.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from .lbfgs_history import LBFGSHistory
from .quasi_newton import QuasiNewton


@dataclass(frozen=True, kw_only=True)
class LBFGS(QuasiNewton):
    """Settings of the limited-memory BFGS method.

    Args:
        history: Pairs of steps and gradient changes that are remembered.
        max_iterations_per_step: Iterations to a call of `step`.
        tolerance_gradient: The search ends when no entry of the gradient is larger, in the function's units; 0
            for a gradient of zero.
        tolerance_change: It ends when a whole step lowers the value by a smaller share; None for the
            rounding unit of the parameters' type.
        initial_step: Length tried first when there is curvature to go by; 1 is Newton's.
        line_search: Settings of the search along the line.

    Example:
        >>> import torch
        >>> from edgewise.optim import Smooth
        >>> solver, bowl = LBFGS(), Smooth(lambda x: (float(x @ x), 2 * x))
        >>> state = solver.start(bowl, torch.tensor([3.0, -4.0]))
        >>> solver.step(bowl, state).value
        0.0
    """

    history: int = 10

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        self._check_positive("history")

    def new_curvature(self, x: Tensor) -> LBFGSHistory:
        """An empty memory for vectors such as `x`, shape (n,)."""
        return LBFGSHistory(self.history, x)
