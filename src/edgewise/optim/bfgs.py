"""BFGS and self-scaled Broyden methods with the whole inverse Hessian, for some thousand parameters at most."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..errors import InputError, unknown_name
from .inverse_hessian import UPDATES, InverseHessian
from .quasi_newton import QuasiNewton

_MOST = 20_000


@dataclass(frozen=True, kw_only=True)
class BFGS(QuasiNewton):
    """Settings of the quasi-Newton methods that keep the inverse Hessian as a matrix.

    For losses that are no sum of squares; of those, `LevenbergMarquardt` knows more.

    Args:
        update: "broyden" (self-scaled, of Broyden's family), "scaled" (self-scaled BFGS) or "bfgs".
        max_iterations_per_step: Iterations to a call of `step`.
        tolerance_gradient: The search ends when no entry of the gradient is larger, in the function's units; 0
            for a gradient of zero.
        tolerance_change: It ends when a whole step lowers the value by a smaller share; None for the
            rounding unit of the parameters' type.
        initial_step: Length tried first when there is curvature to go by; 1 is Newton's.
        line_search: Settings of the search along the line.

    Raises:
        UnknownName: there is no update of this name.

    Cost: memory of n numbers squared, and time in proportion for an iteration, beside the function's.

    Source: Urban, Stefanou and Pons 2025, "Unveiling the optimization process of physics informed neural
    networks", J. Comput. Phys. 523, 113656; Al-Baali 1998, "Numerical experience with a class of self-scaling
    quasi-Newton algorithms".

    Example:
        >>> import torch
        >>> from edgewise.optim import Smooth
        >>> bowl = Smooth(lambda x: (float(x @ x), 2 * x))
        >>> BFGS().minimise(bowl, torch.ones(2)).status.detail
        'no entry of the gradient is above the tolerance'
    """

    update: str = "broyden"

    def __post_init__(self) -> None:
        """Check the settings."""
        super().__post_init__()
        if self.update not in UPDATES:
            raise unknown_name("BFGS", "update", self.update, UPDATES)

    def new_curvature(self, x: Tensor) -> InverseHessian:
        """An empty memory for vectors such as `x`, shape (n,)."""
        if x.numel() > _MOST:
            raise InputError(
                f"BFGS: parameters must be at most {_MOST}, as their number is squared; got {x.numel()}. Use LBFGS."
            )
        return InverseHessian(self.update, x)
