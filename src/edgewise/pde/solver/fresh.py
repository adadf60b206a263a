"""Residuals at points that the solver has not seen: whether a small residual holds between its points too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ...events import Stop, StopReason
from ...optim import Observer
from ..residual.system import LeastSquaresSystem

_TOO_LARGE = 3.0  # residuals at fresh points may be larger than at the solver's own by this factor
_NOT_WORTH_A_LOOK = 0.1  # as is a block with less than this share of the whole
_EVERY = 5


def root_mean_squares(system: LeastSquaresSystem) -> Tensor:
    """Root mean square of each block of a system, weighted, shape (blocks,)."""
    return torch.stack(
        [
            block.weighted(block.residuals(system.network, system.coefficients)).norm()
            for block in system.blocks
        ]
    )


def missed(system: LeastSquaresSystem, fresh: LeastSquaresSystem) -> Tensor:
    """Those of the fresh points at which the equation is missed by much more than at the solver's own.

    Args:
        system: What is minimised.
        fresh: The same on other points.

    Returns:
        Shape (points, coordinates).
    """
    own, other = system.blocks[0], fresh.blocks[0]
    at_own = own.residuals(system.network, system.coefficients) / own.sizes[:, None]
    at_fresh = other.residuals(system.network, system.coefficients) / own.sizes[:, None]
    bar = torch.maximum(at_own.square().mean().sqrt(), _NOT_WORTH_A_LOOK * root_mean_squares(system).norm())
    return other.points[0][(at_fresh.abs() > _TOO_LARGE * bar).any(0)]


def is_overfitted(at_own: Tensor, at_fresh: Tensor) -> bool:
    """Whether residuals at fresh points are much larger than at the solver's own.

    Args:
        at_own: Root mean square of each block at the points it was minimised at, shape (blocks,).
        at_fresh: At others.

    Example:
        >>> is_overfitted(torch.tensor([1e-3, 1e-4]), torch.tensor([2e-3, 2e-4]))
        False
        >>> is_overfitted(torch.tensor([1e-3, 1e-4]), torch.tensor([1e-1, 2e-4]))
        True
    """
    least = _NOT_WORTH_A_LOOK * at_own.norm()
    return bool((at_fresh > _TOO_LARGE * torch.maximum(at_own, least)).any())


class Overfitting(Observer):
    """Ends the steps where residuals fall at the points of the system only.

    Args:
        system: What is minimised.
        fresh: The same on other points.
    """

    def __init__(self, system: LeastSquaresSystem, fresh: LeastSquaresSystem) -> None:
        self._system, self._fresh = system, fresh

    def after(self, process: Any, done: int) -> Stop | None:
        """Compare now and then."""
        if done % _EVERY or process.status is not None:
            return None
        self._system.put(process.state.x)
        self._fresh.put(process.state.x)
        overfitted = is_overfitted(root_mean_squares(self._system), root_mean_squares(self._fresh))
        return Stop(StopReason.OVERFITTED) if overfitted else None
