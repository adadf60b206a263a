"""Penalised least squares for splines, all inputs at once, safe for any samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..errors import InputError
from .evaluate import basis
from .knots import inner_knots

BLOCK = 1 << 23  # entries of the largest tensor made on the way, about

# Weights of the penalties beside the mean square over the samples: the first lets the spline run smoothly
# where no sample is, the second settles what is then still free.
_SMOOTHNESS = 1e-8
_RIDGE = 1e-13
# Each pass solves for what is left of the residual, so that no bias stays where there are samples.
_PASSES = 4


Rows = Callable[[slice], Tensor]
Block = tuple[slice, Tensor, Tensor]
"""Rows, and there the basis (in, rows, size) and the wanted values (in, rows, any), both weighted."""


@dataclass(frozen=True)
class Design:
    """The samples of some inputs, with weights, and the knots to fit on; all float64.

    Attributes:
        x: Samples, shape (batch, in).
        weight: Square roots of the samples' weights, shape (batch, in).
        knots: Padded knots, shape (in, size + degree + 1).
        degree: Spline degree.
        extrapolation: As in `basis`.
    """

    x: Tensor
    weight: Tensor
    knots: Tensor
    degree: int
    extrapolation: str

    def blocks(self, wanted: Rows, width: int) -> list[Callable[[], Block]]:
        """The samples, block by block, each made when it is called for; a single one is made once.

        `width` bounds the wanted values' size for one sample of one input.
        """
        inputs, knots = self.knots.shape
        step = max(1, BLOCK // (inputs * max(knots, width)))
        starts = range(0, self.x.shape[0], step)
        if len(starts) == 1:
            whole = self._block(wanted, slice(0, step))
            return [lambda: whole]
        return [partial(self._block, wanted, slice(first, first + step)) for first in starts]

    def _block(self, wanted: Rows, rows: slice) -> Block:
        weight = self.weight[rows][..., None]
        values = basis(self.x[rows], self.knots, self.degree, extrapolation=self.extrapolation)
        return rows, (values * weight).transpose(0, 1), (wanted(rows) * weight).transpose(0, 1)


def solve(
    design: Design, wanted: Rows, prior: Tensor, mix: Tensor, judged: int, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """Fit `wanted @ mix` by iterated ridge regression towards `prior`.

    Args:
        design: Samples, weights and knots.
        wanted: Gives values (rows, in, any) of a slice of the samples.
        prior: Coefficients to start from, shape (in, size, out), float64.
        mix: Matrices (in, any, out) that make the targets of the values, applied after the sums over samples.
        judged: The residual is taken over the first so many samples.
        dtype: The dtype to round the coefficients to.

    Returns:
        Coefficients (in, size, out), and the weighted root mean square (in, out) of what they leave over.

    Raises:
        InputError: If samples are so far outside the domain that float64 overflows.

    Source:
        Engl, Hanke, Neubauer, Regularization of Inverse Problems, chapter 5 (iterated Tikhonov).
    """
    blocks = design.blocks(wanted, max(mix.shape[1:]))
    normal = prior.new_zeros(prior.shape[0], prior.shape[1], prior.shape[1])
    moment = prior.new_zeros(prior.shape[0], prior.shape[1], mix.shape[1])
    for block in blocks:
        _, values, targets = block()
        normal += values.mT @ values
        moment += values.mT @ targets
    total = design.weight.square().sum(dim=0)
    penalty = total.where(total > 0, 1)[:, None, None] * _penalty(design.knots, design.degree)
    factor = _factor(normal, penalty)
    coef, slope = prior.clone(), moment @ mix
    for _ in range(_PASSES):
        coef += torch.cholesky_solve(slope - normal @ coef, factor)
    coef = coef.to(dtype)
    return coef, _residual(blocks, design.weight[:judged], coef.double(), mix).to(dtype)


def spread_points(inner: Tensor, density: int) -> tuple[Tensor, Tensor]:
    """Spread `density` points over each cell.

    Args:
        inner: Inner knots, shape (in, grid + 1).
        density: Points to a cell.

    Returns:
        The points and each one's share of the domain, two tensors of shape (grid * density, in).
    """
    place = (torch.arange(density, dtype=inner.dtype, device=inner.device) + 0.5) / density
    width = inner.diff(dim=1)
    points = inner[:, :-1, None] + width[..., None] * place
    share = (width / (width.sum(dim=1, keepdim=True) * density))[..., None].expand_as(points)
    return points.flatten(1).T, share.flatten(1).T


def _factor(normal: Tensor, penalty: Tensor) -> Tensor:
    """Cholesky factor of the penalised normal matrix, (in, size, size)."""
    factor, failed = torch.linalg.cholesky_ex(normal + penalty)
    if bool(failed.any()):
        # High degrees and few samples together may round below zero.
        factor, failed = torch.linalg.cholesky_ex(normal + 1e4 * penalty)
    if bool(failed.any()):
        raise InputError(
            "least squares: x must lie near the domain of the knots; got samples so far outside that "
            f"float64 overflows, in column {int(failed.nonzero()[0])}. Widen the knots or remove the samples."
        )
    return factor


def _penalty(knots: Tensor, degree: int) -> Tensor:
    """Penalties on the spline itself, not on its coefficients, so that they suit any knots and degree.

    The mean over the domain of (cell width * slope) squared, and a little of the mean of the value squared.
    Of two degree-0 pieces the step between them stands for the slope.
    """
    inner = inner_knots(knots, degree)
    points, share = spread_points(inner, degree + 1)
    values = basis(points, knots, degree) * share.sqrt()[..., None]
    if degree == 0:
        slopes = torch.eye(knots.shape[1] - 1, dtype=knots.dtype, device=knots.device).diff(dim=0)[:, None]
        slopes = slopes.expand(-1, knots.shape[0], -1) / inner.shape[1] ** 0.5
    else:
        width = inner.diff(dim=1).T.repeat_interleave(degree + 1, dim=0)
        slopes = basis(points, knots, degree, order=1) * (width * share.sqrt())[..., None]
    return _SMOOTHNESS * _gram(slopes) + _RIDGE * _gram(values)


def _gram(values: Tensor) -> Tensor:
    by_input = values.transpose(0, 1)
    return by_input.mT @ by_input


def _residual(blocks: list[Callable[[], Block]], weight: Tensor, coef: Tensor, mix: Tensor) -> Tensor:
    """Over the first samples, as many as `weight` has rows."""
    total = torch.zeros_like(coef[:, 0])
    for block in blocks:
        rows, values, targets = block()
        left = (targets @ mix - values @ coef)[:, : max(0, len(weight) - rows.start)]
        total += left.square().sum(dim=1)
    weight = weight.square().sum(dim=0)
    return (total / weight.where(weight > 0, 1)[:, None]).sqrt()
