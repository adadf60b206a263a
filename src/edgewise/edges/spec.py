"""What the edges of a layer are made of, as values that every implementation of their sums takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

BASES = ("silu", "identity", "zero")
"""Bases that the compiled implementations know; any other is added by the layer itself."""


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
