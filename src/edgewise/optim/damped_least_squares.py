"""The damped linear least-squares problem inside a Levenberg-Marquardt step.

    minimise |J d + r|^2 + damping d' M d,        M = diag(scale^2), or a metric given as a matrix

J is often without full rank (redundant hidden units, basis functions that no sample reaches); the damping
makes every solution unique. Four ways: `QR` (digits are not halved), `NormalEquations` (Cholesky of J' J,
cheaper by far), `CGLS` (conjugate gradients on the products J v and J' u, no matrix at all), and
`TruncatedSVD` (for few parameters, where directions that change nothing are to stay as they are).

Source: Nocedal and Wright, Numerical Optimization (2006), section 10.3; Golub and Van Loan, section 5.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad

from .jacobian import Jacobian


class Step(NamedTuple):
    """A step, and what it lowers the quadratic model of |r|^2 by."""

    delta: Tensor
    predicted: float


class Damped(Protocol):
    """A linear problem prepared for any number of dampings."""

    gradient: Tensor

    def solve(self, damping: float) -> Step | None:
        """The step for this damping; None where rounding leaves none."""
        ...

    def solve_rhs(self, residual: Tensor) -> Tensor:
        """The delta for another r, with the damping of the last `solve`."""
        ...


@dataclass
class QR:
    """By QR of J, then of [R; sqrt(damping) M^(1/2)] for each damping.

    Args:
        matrix: J, shape (m, n).
        residual: r, shape (m,).
        sqrt_metric: M^(1/2): a diagonal (n,) or an upper triangle (n, n).
    """

    matrix: Tensor
    residual: Tensor
    sqrt_metric: Tensor

    def __post_init__(self) -> None:
        """Bring J and r to n rows."""
        self.gradient = self.matrix.T @ self.residual
        rows, columns = self.matrix.shape
        if rows > columns:
            tall = torch.cat([self.matrix, self.residual[:, None]], dim=1)
            upper = torch.linalg.qr(tall, mode="r").R
            self._matrix, self._target = upper[:columns, :columns], -upper[:columns, columns]
        else:
            self._matrix, self._target = self.matrix, -self.residual

    def solve(self, damping: float) -> Step | None:
        """The step by one more QR."""
        columns = self._matrix.shape[1]
        below = torch.diag(self.sqrt_metric) if self.sqrt_metric.ndim == 1 else self.sqrt_metric
        stacked = torch.cat([self._matrix, damping**0.5 * below])
        target = torch.cat([self._target, self._target.new_zeros(columns)])
        upper = torch.linalg.qr(torch.cat([stacked, target[:, None]], dim=1), mode="r").R
        self._upper = upper[:columns, :columns]
        delta = torch.linalg.solve_triangular(self._upper, upper[:columns, columns:], upper=True)[:, 0]
        return _step(delta, self._matrix @ delta, squared_length(self.sqrt_metric, delta), damping)

    def solve_rhs(self, residual: Tensor) -> Tensor:
        """By the triangle of the last one: R' R a = -J' r."""
        right = -(self.matrix.T @ residual)[:, None]
        half = torch.linalg.solve_triangular(self._upper.T, right, upper=False)
        return torch.linalg.solve_triangular(self._upper, half, upper=True)[:, 0]


@dataclass
class NormalEquations:
    """By Cholesky of J' J + damping M, columns scaled to one, and one step of refinement.

    Args:
        jacobian: J, with `gram`.
        residual: r, shape (m,).
        sqrt_metric: M^(1/2): a diagonal (n,) or an upper triangle (n, n).
    """

    jacobian: Jacobian
    residual: Tensor
    sqrt_metric: Tensor

    def __post_init__(self) -> None:
        """Form J' J once for all dampings."""
        self.gradient = self.jacobian.transposed_times(self.residual)
        self._gram = self.jacobian.gram()  # type: ignore[attr-defined]
        self._metric = (
            self.sqrt_metric.square() if self.sqrt_metric.ndim == 1 else self.sqrt_metric.T @ self.sqrt_metric
        )

    def solve(self, damping: float) -> Step | None:
        """The step by one Cholesky factorisation."""
        diagonal = self.sqrt_metric.ndim == 1
        system = self._gram + damping * (torch.diag(self._metric) if diagonal else self._metric)
        self._scale = system.diagonal().clamp_min(torch.finfo(system.dtype).tiny).rsqrt()
        self._factor, failed = torch.linalg.cholesky_ex(self._scale[:, None] * system * self._scale)
        if int(failed):
            return None
        delta = self._inverse(-self.gradient)
        # What J' (r + J d) still leaves over, computed from J itself, is put right once.
        left = self.jacobian.transposed_times(self.residual + self.jacobian.times(delta))
        pulled = self._metric * delta if diagonal else self._metric @ delta
        delta = delta - self._inverse(left + damping * pulled)
        return _step(delta, self.jacobian.times(delta), squared_length(self.sqrt_metric, delta), damping)

    def solve_rhs(self, residual: Tensor) -> Tensor:
        """By the factor of the last one."""
        return self._inverse(-self.jacobian.transposed_times(residual))

    def _inverse(self, right: Tensor) -> Tensor:
        return self._scale * torch.cholesky_solve((self._scale * right)[:, None], self._factor)[:, 0]


@dataclass
class TruncatedSVD:
    """By the singular values of J with its columns scaled; directions that r does not see are left alone.

    Args:
        matrix: J, shape (m, n).
        residual: r, shape (m,).
        sqrt_metric: M^(1/2) as a diagonal, shape (n,).
        rank_tolerance: Singular values below this share of the largest one count as zero.
    """

    matrix: Tensor
    residual: Tensor
    sqrt_metric: Tensor
    rank_tolerance: float = 1e-12

    def __post_init__(self) -> None:
        """Decompose once for all dampings."""
        self.gradient = self.matrix.T @ self.residual
        columns = len(self.sqrt_metric)
        # The residual as one more column comes out as its part along each of the others: no Q is needed.
        both = torch.cat([self.matrix / self.sqrt_metric, self.residual[:, None]], 1)
        corner = torch.linalg.qr(both, mode="r").R[:columns]
        self._left, self._singular, self._right = torch.linalg.svd(corner[:, :-1], full_matrices=False)
        self._seen = self._singular > self.rank_tolerance * self._singular.amax().clamp_min(1e-300)
        self._target = self._left.T @ corner[:, -1]

    def solve(self, damping: float) -> Step | None:
        """The step by one division."""
        self._factor = torch.where(self._seen, self._singular / (self._singular.square() + damping), 0.0)
        turned = -self._factor * self._target
        delta = (self._right.T @ turned) / self.sqrt_metric
        return _step(delta, self._singular * turned, float(turned.dot(turned)), damping)

    def solve_rhs(self, residual: Tensor) -> Tensor:
        """By the same decomposition: J' r = V s U' Q' r in scaled columns."""
        pulled = self._right @ ((self.matrix.T @ residual) / self.sqrt_metric)
        quotient = torch.where(self._seen, self._factor / self._singular, 0.0)
        return -(self._right.T @ (quotient * pulled)) / self.sqrt_metric


@dataclass
class CGLS:
    """By conjugate gradients on the normal equations, preconditioned by blocks of them along the diagonal.

    Where only the products with J are known, the metric takes the place of the blocks.

    Args:
        jacobian: J, by its products.
        residual: r, shape (m,).
        sqrt_metric: M^(1/2) as a diagonal, shape (n,).
        iterations: At most so many products with J and with J'.
        tolerance: Share of the first gradient at which they end.

    Source: Björck, Numerical Methods for Least Squares Problems (1996), algorithm 7.4.1 (CGLS).
    """

    jacobian: Jacobian
    residual: Tensor
    sqrt_metric: Tensor
    iterations: int = 100
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        """One product for the gradient, and the blocks."""
        self.gradient = self.jacobian.transposed_times(self.residual)
        blocks = getattr(self.jacobian, "block_grams", None)
        self._blocks = None if blocks is None else blocks(min(_BLOCK, len(self.sqrt_metric)))

    def solve(self, damping: float) -> Step | None:
        """The step, as good as the iterations make it."""
        self._damping = damping
        delta, along = self._changed(self.residual, self.gradient, damping)
        return _step(delta, along, float(delta.dot(self.sqrt_metric.square() * delta)), damping)

    def solve_rhs(self, residual: Tensor) -> Tensor:
        """By as many iterations once more."""
        return self._changed(residual, self.jacobian.transposed_times(residual), self._damping)[0]

    def _changed(self, residual: Tensor, gradient: Tensor, damping: float) -> tuple[Tensor, Tensor]:
        """The step d, and J d."""
        metric = self.sqrt_metric.square()
        inverse = self._preconditioner(damping * metric)
        delta, along = torch.zeros_like(gradient), torch.zeros_like(residual)
        left = -gradient
        search = inverse(left)
        size = first = float(left.dot(search))
        for _ in range(self.iterations):
            if not size > self.tolerance**2 * first:
                break
            image = self.jacobian.times(search)
            length = size / (float(image.dot(image)) + damping * float(search.dot(metric * search)))
            delta, along = delta + length * search, along + length * image
            left = -self.jacobian.transposed_times(residual + along) - damping * metric * delta
            pulled = inverse(left)
            size, before = float(left.dot(pulled)), size
            search = pulled + size / before * search
        return delta, along

    def _preconditioner(self, damped: Tensor) -> Callable[[Tensor], Tensor]:
        """From a gradient (n,) to an approximate solution; `damped` is the damping's diagonal."""
        if self._blocks is None:
            return lambda left: left / self.sqrt_metric.square()
        count, width, _ = self._blocks.shape
        short = count * width - len(damped)
        system = self._blocks + torch.diag_embed(pad(damped, (0, short), value=1.0).view(count, width))
        scale = system.diagonal(dim1=1, dim2=2).clamp_min(torch.finfo(system.dtype).tiny).rsqrt()
        system = scale[:, :, None] * system * scale[:, None, :]
        # Blocks without full rank: rounding must not make them indefinite.
        system.diagonal(dim1=1, dim2=2).add_(width * torch.finfo(system.dtype).eps)
        factor, failed = torch.linalg.cholesky_ex(system)
        if bool(failed.any()):
            return lambda left: left / self.sqrt_metric.square()

        def inverse(left: Tensor) -> Tensor:
            right = scale * pad(left, (0, short)).view(count, width)
            solved = scale * torch.cholesky_solve(right[:, :, None], factor)[:, :, 0]
            return solved.flatten()[: len(left)]

        return inverse


_BLOCK = 64
"""Parameters to a block; those of a spline stand side by side."""


def squared_length(sqrt_metric: Tensor, delta: Tensor) -> float:
    """Square of a change's length as the damping measures it: of D d, or of D's diagonal times d.

    Example:
        >>> squared_length(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.0]))
        25.0
    """
    image = sqrt_metric * delta if sqrt_metric.ndim == 1 else sqrt_metric @ delta
    return float(image.dot(image))


def _step(delta: Tensor, image: Tensor, damped: float, damping: float) -> Step | None:
    predicted = float(image.dot(image)) + 2 * damping * damped
    finite = bool(torch.isfinite(delta).all()) and math.isfinite(predicted)
    return Step(delta, predicted) if finite else None
