"""What the edges of a layer are made of, as values that every implementation of their sums takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

EXTRAPOLATION_IDS = {"linear": 0, "constant": 1, "decay": 2, "periodic": 3}
"""Extrapolation rules of `spline.basis` that the kernels know, with their numbers in native/kernels.hpp.

The layer itself refuses samples out of range under "error", the one other rule.
"""


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
