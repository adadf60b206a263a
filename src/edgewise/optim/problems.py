"""What is minimised: a smooth function, or a sum of squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .jacobian import Jacobian

ValueAndGrad = Callable[[Tensor], "tuple[float, Tensor]"]


@dataclass(frozen=True)
class Smooth:
    """A smooth function to be minimised.

    Args:
        value_and_grad: From parameters (n,) to the value and its gradient (n,).

    Example:
        >>> import torch
        >>> bowl = Smooth(lambda x: (float(x @ x), 2 * x))
        >>> bowl.value_and_grad(torch.ones(2))
        (2.0, tensor([2., 2.]))
    """

    value_and_grad: ValueAndGrad


@dataclass(frozen=True)
class LeastSquares:
    """A sum of squares |r(x)|^2 to be minimised.

    Args:
        residual: From parameters (n,) to residuals (m,).
        jacobian: From parameters to dr/dx: a matrix (m, n), or one of `optim.jacobian`.
        metric: Upper triangle (n, n) of the metric in which steps are measured; None for a diagonal of the
            largest columns of the Jacobian seen so far.
        compiled: The steps of a minimiser in compiled code, from it and a state to the next one, or to None where
            there are none for it.

    Example:
        >>> import torch
        >>> root_of_two = LeastSquares(lambda x: x**2 - 2, lambda x: torch.diag(2 * x))
        >>> root_of_two.residual(torch.ones(1))
        tensor([-1.])
    """

    residual: Callable[[Tensor], Tensor]
    jacobian: Callable[[Tensor], Tensor | Jacobian]
    metric: Tensor | None = None
    compiled: Callable[[Any, Any], Any] | None = None
