"""The inverse Hessian that BFGS and its relatives keep, and how it learns from a step.

Letters: `s` a step taken, `y` the change of the gradient over it, `H` the inverse Hessian, `B` its inverse.
With b = s.Bs / s.y, h = y.Hy / s.y and a = b h - 1, every method of the family is

    H <- (H - Hy (Hy)^T / y.Hy + phi v v^T) / tau + s s^T / s.y,    v = sqrt(y.Hy) (s / s.y - Hy / y.Hy),

with phi = (1 - theta) / (1 + a theta). BFGS has theta = 0 and tau = 1. tau < 1 lets go of curvature that was
taken for too large; theta leans to where that is corrected soonest.

Source: Al-Baali 1998, "Numerical experience with a class of self-scaling quasi-Newton algorithms", J. Optim.
Theory Appl. 96, 533-553; Urban, Stefanou and Pons 2025, J. Comput. Phys. 523, 113656, equations 13 to 23.
"""

from __future__ import annotations

import copy
import math
from typing import ClassVar

import torch
from torch import Tensor

from .arrays import Array, as_array

UPDATES = ("broyden", "scaled", "bfgs")


class InverseHessian:
    """The inverse Hessian of a function of few variables.

    Attributes:
        matrix: H, shape (n, n).
        added: Steps it has learnt from; until the first one H is the unit matrix.
    """

    arrays: ClassVar[tuple[str, ...]] = ("matrix",)

    def __init__(self, update: str, like: Tensor) -> None:
        """Make an empty memory for vectors such as `like`, shape (n,)."""
        self.update = update
        self.matrix = as_array(like.new_zeros(like.numel(), like.numel()))
        self.added = 0
        self._along: tuple[float, float] | None = None
        self._rounding = torch.finfo(like.dtype).eps

    def __len__(self) -> int:
        """Count the steps it has learnt from."""
        return self.added

    def clear(self) -> None:
        """Forget all."""
        self.added, self._along = 0, None

    def copy(self) -> InverseHessian:
        """Make an independent copy."""
        twin = copy.copy(self)
        twin.matrix = 1 * self.matrix
        return twin

    def direction(self, gradient: Array) -> Array:
        """Return -H g."""
        if not self.added:
            return -gradient
        found = -(self.matrix @ gradient)
        # B s is at hand only here: s will be a multiple of what is returned, and B of that is -g.
        self._along = (-float(gradient.dot(found)), float(found.dot(found)))
        return found

    def add(self, s: Array, y: Array) -> bool:
        """Let the pair (s, y) in if its curvature is positive.

        Returns:
            Whether it was let in.
        """
        sy, yy, ss = float(s.dot(y)), float(y.dot(y)), float(s.dot(s))
        if not (sy > self._rounding * ss**0.5 * yy**0.5 and yy > 0 and math.isfinite(ss)):
            return False
        if not self.added:
            self._begin(sy / yy)
        hy = self.matrix @ y
        yhy = float(y.dot(hy))
        if not yhy > 0:
            self._begin(sy / yy)
            hy = self.matrix @ y
            yhy = float(y.dot(hy))
        b, h = self._curvature_along(ss, yy, sy), yhy / sy
        theta, tau = (0.0, 1.0) if b is None else _weights(self.update, b, h, len(s))
        phi = (1 - theta) / (1 + theta * max((b or 0.0) * h - 1, 0.0))
        # The three squares above, gathered by s and Hy: one pass over the matrix for each.
        mixed = phi / sy
        own = (phi - 1) / yhy
        toward = (phi * yhy / sy) / (tau * sy) + 1 / sy
        half = 0.5 * toward * s - mixed / tau * hy
        if tau != 1:
            self.matrix *= 1 / tau
        _add_outer(self.matrix, s, half)
        _add_outer(self.matrix, half, s)
        if own:
            _add_outer(self.matrix, own / tau * hy, hy)
        self.added += 1
        self._along = None
        return True

    def _curvature_along(self, ss: float, yy: float, sy: float) -> float | None:
        """b; None where the step is none of a direction, and the plain formula must do."""
        if self._along is not None:
            curved, length = self._along
            return ss / length * curved / sy
        return None if self.added else ss * yy / sy**2

    def _begin(self, scale: float) -> None:
        self.matrix[...] = 0
        diagonal = range(len(self.matrix))
        self.matrix[diagonal, diagonal] = scale
        self._along = None


def _weights(update: str, b: float, h: float, n: int) -> tuple[float, float]:
    """theta and tau."""
    if update == "bfgs":
        return 0.0, 1.0
    shrink = min(1.0, 1.0 / b)
    if update == "scaled":
        return 0.0, shrink
    a = max(b * h - 1, 1e-16)
    least = min(1.0, h * (1 - math.sqrt(a / (1 + a))))
    theta = max((least - 1) / a, min(1 / least, (1 - b) / b))
    sigma = 1 + a * theta
    spread = shrink * sigma ** (-1 / max(n - 1, 1))
    return theta, min(spread, sigma) if theta <= 0 else min(spread, shrink / theta)


def _add_outer(matrix: Array, left: Array, right: Array) -> None:
    if isinstance(matrix, Tensor):
        matrix.addr_(left, right)
    else:
        torch.from_numpy(matrix).addr_(torch.from_numpy(left), torch.from_numpy(right))
