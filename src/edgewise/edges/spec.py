"""What the edges of a layer are made of, as values that every implementation of their sums takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from ..errors import ShapeError

EXTRAPOLATION_IDS = {"linear": 0, "constant": 1, "decay": 2, "periodic": 3}
"""Extrapolation rules of `spline.basis` that the kernels know, with their numbers in native/kernels.hpp.

The layer itself refuses samples out of range under "error", the one other rule.
"""


MAX_ORDER = 15
"""Highest order of derivatives that the kernels know, `kMaxOrder` of native/kernels.hpp."""


@dataclass(frozen=True)
class EdgeSpec:
    """The kind of functions on the edges.

    Args:
        degree: Degree k of the splines.
        base: "silu", "identity" or "zero".
        extrapolation: "linear", "constant", "decay" or "periodic".

    Example:
        >>> EdgeSpec(degree=3).base
        'silu'
    """

    degree: int
    base: str = "silu"
    extrapolation: str = "linear"


class EdgeWeights(NamedTuple):
    """What the functions of the edges are multiplied with.

    phi_io(x) = base_io b(x) + scale_io sum_m coef_imo B_im(x).

    Args:
        coef: Spline coefficients, shape (in, size, out).
        base: Weights of the base, masks included, shape (in, out).
        scale: Weights of the splines, masks included, shape (in, out); None for ones.
    """

    coef: Tensor
    base: Tensor
    scale: Tensor | None = None


def check_shapes(
    x: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    factor: Tensor | None = None,
    grad: Tensor | None = None,
) -> None:
    """Raise unless the shapes fit together: nothing is read by address that was not counted here.

    Args:
        x: Points, shape (..., in).
        weights: Of the edges.
        knots: Padded knots, shape (in, size + k + 1).
        spec: The kind of functions.
        factor: As in `reference.sums`, shape (..., in); None for none.
        grad: As in `reference.input_gradient`, shape (..., out); None for none.

    Raises:
        ShapeError: they do not; the message says which, and what it must be.

    Example:
        >>> import torch
        >>> weights = EdgeWeights(torch.ones(2, 4, 1), torch.ones(2, 1))
        >>> check_shapes(torch.zeros(5, 2), weights, torch.arange(8.0)[None], EdgeSpec(3))
        Traceback (most recent call last):
        ...
        edgewise.errors.ShapeError: edge_sums: knots must have shape (2, 8); got (1, 8). ...
    """
    coef, base, scale = weights
    if coef.ndim != 3 or coef.shape[1] <= spec.degree:
        raise ShapeError(
            f"edge_sums: coef must have shape (in, size, out) with more than k = {spec.degree} coefficients to an "
            f"edge; got {tuple(coef.shape)}. Replace it by one of that shape."
        )
    inputs, size, outputs = coef.shape
    edges = (inputs, outputs)
    if x.ndim == 0 or x.shape[-1] != inputs:
        raise _misfit("x", (*x.shape[:-1], inputs), x)
    if knots.shape != (inputs, size + spec.degree + 1):
        raise _misfit("knots", (inputs, size + spec.degree + 1), knots)
    if base.shape != edges:
        raise _misfit("weights of the base and the mask", edges, base)
    if scale is not None and scale.shape != edges:
        raise _misfit("mask and scale", edges, scale)
    if factor is not None and factor.shape != x.shape:
        raise _misfit("factor", x.shape, factor)
    if grad is not None and grad.shape != (*x.shape[:-1], outputs):
        raise _misfit("grad", (*x.shape[:-1], outputs), grad)


def _misfit(name: str, shape: Sequence[int], got: Tensor) -> ShapeError:
    return ShapeError(
        f"edge_sums: {name} must have shape {tuple(shape)}; got {tuple(got.shape)}. Replace what belongs together "
        f"at once, as layer.with_tensors does."
    )


def with_unit_stride(weights: EdgeWeights) -> EdgeWeights:
    """The same weights, dense along `out`; only the stride between inputs stays as it is.

    Example:
        >>> import torch
        >>> coef = torch.ones(3, 2, 4).transpose(1, 2)
        >>> with_unit_stride(EdgeWeights(coef, torch.ones(3, 2))).coef.stride()
        (8, 2, 1)
    """
    coef, base, scale = weights
    if coef.stride()[1:] != (coef.shape[2], 1):
        coef = coef.contiguous()
    if base.stride(1) != 1:
        base = base.contiguous()
    return EdgeWeights(coef, base, None if scale is None else scale.contiguous())
