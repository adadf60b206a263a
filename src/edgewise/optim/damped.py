"""The damped linear least-squares problem inside a Levenberg-Marquardt step.

    minimise |J d + r|^2 + damping d' M d,        M = diag(scale^2), or a metric given as a matrix

J is often without full rank (redundant hidden units, basis functions that no sample reaches); the damping
makes every solution unique. Three ways: `Orthogonal` (QR; digits are not halved), `Normal` (Cholesky of
J' J, cheaper by far), `Iterative` (conjugate gradients on the products J v and J' u, no matrix at all).

Source: Nocedal and Wright, Numerical Optimization (2006), section 10.3; Golub and Van Loan, section 5.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad

from .jacobian import Jacobian


class Step(NamedTuple):
    """A step, and what it lowers the quadratic model of |r|^2 by."""

    change: Tensor
    predicted: float


class Damped(Protocol):
    """A linear problem prepared for any number of dampings."""

    gradient: Tensor

    def solve(self, damping: float) -> Step | None:
        """The step for this damping; None where rounding leaves none."""
        ...


@dataclass
class Orthogonal:
    """By QR of J, then of [R; sqrt(damping) M^(1/2)] for each damping.

    Args:
        matrix: J, shape (m, n).
        residual: r, shape (m,).
        root: M^(1/2): a diagonal (n,) or an upper triangle (n, n).
    """

    matrix: Tensor
    residual: Tensor
    root: Tensor

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
        root = torch.diag(self.root) if self.root.ndim == 1 else self.root
        stacked = torch.cat([self._matrix, damping**0.5 * root])
        target = torch.cat([self._target, self._target.new_zeros(columns)])
        upper = torch.linalg.qr(torch.cat([stacked, target[:, None]], dim=1), mode="r").R
        change = torch.linalg.solve_triangular(
            upper[:columns, :columns], upper[:columns, columns:], upper=True
        )
        return _step(change[:, 0], self._matrix @ change[:, 0], _damped(root, change[:, 0]), damping)


@dataclass
class Normal:
    """By Cholesky of J' J + damping M, columns scaled to one, and one step of refinement.

    Args:
        jacobian: J, with `gram`.
        residual: r, shape (m,).
        root: M^(1/2): a diagonal (n,) or an upper triangle (n, n).
    """

    jacobian: Jacobian
    residual: Tensor
    root: Tensor

    def __post_init__(self) -> None:
        """Form J' J once for all dampings."""
        self.gradient = self.jacobian.transposed_times(self.residual)
        self._gram = self.jacobian.gram()  # type: ignore[attr-defined]
        root = torch.diag(self.root) if self.root.ndim == 1 else self.root
        self._root, self._metric = root, root.T @ root

    def solve(self, damping: float) -> Step | None:
        """The step by one Cholesky factorisation."""
        system = self._gram + damping * self._metric
        scale = system.diagonal().clamp_min(torch.finfo(system.dtype).tiny).rsqrt()
        factor, failed = torch.linalg.cholesky_ex(scale[:, None] * system * scale)
        if int(failed):
            return None

        def inverse(right: Tensor) -> Tensor:
            return scale * torch.cholesky_solve((scale * right)[:, None], factor)[:, 0]

        change = inverse(-self.gradient)
        # What J' (r + J d) still leaves over, computed from J itself, is put right once.
        left = self.jacobian.transposed_times(self.residual + self.jacobian.times(change))
        change = change - inverse(left + damping * (self._metric @ change))
        return _step(change, self.jacobian.times(change), _damped(self._root, change), damping)


@dataclass
class Iterative:
    """By conjugate gradients on the normal equations, preconditioned by blocks of them along the diagonal.

    Where only the products with J are known, the metric takes the place of the blocks.

    Args:
        jacobian: J, by its products.
        residual: r, shape (m,).
        root: M^(1/2) as a diagonal, shape (n,).
        iterations: At most so many products with J and with J'.
        tolerance: Share of the first gradient at which they end.

    Source: Björck, Numerical Methods for Least Squares Problems (1996), algorithm 7.4.1 (CGLS).
    """

    jacobian: Jacobian
    residual: Tensor
    root: Tensor
    iterations: int = 100
    tolerance: float = 1e-3

    def __post_init__(self) -> None:
        """One product for the gradient, and the blocks."""
        self.gradient = self.jacobian.transposed_times(self.residual)
        blocks = getattr(self.jacobian, "block_grams", None)
        self._blocks = None if blocks is None else blocks(min(_BLOCK, len(self.root)))

    def solve(self, damping: float) -> Step | None:
        """The step, as good as the iterations make it."""
        metric = self.root.square()
        inverse = self._preconditioner(damping * metric)
        change, along = torch.zeros_like(self.gradient), torch.zeros_like(self.residual)
        left = -self.gradient
        search = inverse(left)
        size = first = float(left.dot(search))
        for _ in range(self.iterations):
            if not size > self.tolerance**2 * first:
                break
            image = self.jacobian.times(search)
            length = size / (float(image.dot(image)) + damping * float(search.dot(metric * search)))
            change, along = change + length * search, along + length * image
            left = -self.jacobian.transposed_times(self.residual + along) - damping * metric * change
            pulled = inverse(left)
            size, before = float(left.dot(pulled)), size
            search = pulled + size / before * search
        return _step(change, along, float(change.dot(metric * change)), damping)

    def _preconditioner(self, damped: Tensor) -> Callable[[Tensor], Tensor]:
        """From a gradient (n,) to an approximate solution; `damped` is the damping's diagonal."""
        if self._blocks is None:
            return lambda left: left / self.root.square()
        count, width, _ = self._blocks.shape
        short = count * width - len(damped)
        system = self._blocks + torch.diag_embed(pad(damped, (0, short), value=1.0).view(count, width))
        scale = system.diagonal(dim1=1, dim2=2).clamp_min(torch.finfo(system.dtype).tiny).rsqrt()
        system = scale[:, :, None] * system * scale[:, None, :]
        # Blocks without full rank: rounding must not make them indefinite.
        system.diagonal(dim1=1, dim2=2).add_(width * torch.finfo(system.dtype).eps)
        factor, failed = torch.linalg.cholesky_ex(system)
        if bool(failed.any()):
            return lambda left: left / self.root.square()

        def inverse(left: Tensor) -> Tensor:
            right = scale * pad(left, (0, short)).view(count, width)
            solved = scale * torch.cholesky_solve(right[:, :, None], factor)[:, :, 0]
            return solved.flatten()[: len(left)]

        return inverse


_BLOCK = 64
"""Parameters to a block; those of a spline stand side by side."""


def _damped(root: Tensor, change: Tensor) -> float:
    image = root @ change
    return float(image.dot(image))


def _step(change: Tensor, image: Tensor, damped: float, damping: float) -> Step | None:
    predicted = float(image.dot(image)) + 2 * damping * damped
    finite = bool(torch.isfinite(change).all()) and predicted - predicted == 0
    return Step(change, predicted) if finite else None
