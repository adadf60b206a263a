"""The kernels as calls that a compiler need not look into.

In eager mode a kernel is called at once, since torch's dispatcher would cost more than a small layer does.
While torch compiles, the same call stands in its graph as an operator of torch's own kind.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import ShapeError
from .dispatch import REFERENCE, Kernels, select_kernels
from .spec import MAX_ORDER, EdgeSpec, EdgeWeights


def sums(
    x: Tensor, factor: Tensor | None, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int
) -> Tensor:
    """See `reference.sums`."""
    if torch.compiler.is_compiling():
        return _sums(x, factor, *weights, knots, *_kind(spec), order)
    return _kernels(x, weights, knots, spec, order, factor).sums(x, factor, weights, knots, spec, order)


def input_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int
) -> Tensor:
    """See `reference.input_gradient`."""
    if torch.compiler.is_compiling():
        return _input_gradient(x, grad, *weights, knots, *_kind(spec), order)
    kernels = _kernels(x, weights, knots, spec, order, grad)
    return kernels.input_gradient(x, grad, weights, knots, spec, order)


def weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int,
) -> EdgeWeights:
    """See `reference.weight_gradient`."""
    if torch.compiler.is_compiling():
        coef, base, scale = _weight_gradient(x, factor, grad, *weights, knots, *_kind(spec), order)
        return EdgeWeights(coef, base, None if weights.scale is None else scale)
    kernels = _kernels(x, weights, knots, spec, order, factor, grad)
    return kernels.weight_gradient(x, factor, grad, weights, knots, spec, order)


def packed_weight_gradient(
    x: Tensor, factor: Tensor | None, grad: Tensor, knots: Tensor, spec: EdgeSpec, order: int
) -> Tensor:
    """The gradients of base and coefficients in one tensor, (in, 1 + size, out)."""
    size = knots.shape[1] - spec.degree - 1
    like = grad.new_empty(x.shape[1], 1 + size, grad.shape[1])
    coef, base, _ = weight_gradient(x, factor, grad, EdgeWeights(like[:, 1:], like[:, 0]), knots, spec, order)
    return torch.cat([base.unsqueeze(1), coef], dim=1)


def _kernels(
    x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int, *others: Tensor | None
) -> Kernels:
    if x.ndim != 2:
        raise ShapeError(f"edge_sums: x must have shape (batch, in); got {tuple(x.shape)}. Flatten it.")
    if order > MAX_ORDER or any(part is not None and part.dtype != x.dtype for part in others):
        return REFERENCE
    return select_kernels(x, weights, knots, spec, *others) or REFERENCE


def _kind(spec: EdgeSpec) -> tuple[int, str, str]:
    return spec.degree, spec.base, spec.extrapolation


@torch.library.custom_op("edgewise::sums", mutates_args=())
def _sums(
    x: Tensor,
    factor: Tensor | None,
    coef: Tensor,
    base: Tensor,
    scale: Tensor | None,
    knots: Tensor,
    degree: int,
    base_name: str,
    extrapolation: str,
    order: int,
) -> Tensor:
    return sums(
        x, factor, EdgeWeights(coef, base, scale), knots, EdgeSpec(degree, base_name, extrapolation), order
    )


@_sums.register_fake
def _(x: Tensor, factor: Tensor | None, coef: Tensor, *rest: object) -> Tensor:
    return x.new_empty(x.shape[0], coef.shape[2])


@torch.library.custom_op("edgewise::input_gradient", mutates_args=())
def _input_gradient(
    x: Tensor,
    grad: Tensor,
    coef: Tensor,
    base: Tensor,
    scale: Tensor | None,
    knots: Tensor,
    degree: int,
    base_name: str,
    extrapolation: str,
    order: int,
) -> Tensor:
    return input_gradient(
        x, grad, EdgeWeights(coef, base, scale), knots, EdgeSpec(degree, base_name, extrapolation), order
    )


@_input_gradient.register_fake
def _(x: Tensor, *rest: object) -> Tensor:
    return x.new_empty(x.shape)


@torch.library.custom_op("edgewise::weight_gradient", mutates_args=())
def _weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    coef: Tensor,
    base: Tensor,
    scale: Tensor | None,
    knots: Tensor,
    degree: int,
    base_name: str,
    extrapolation: str,
    order: int,
) -> tuple[Tensor, Tensor, Tensor]:
    weights, spec = EdgeWeights(coef, base, scale), EdgeSpec(degree, base_name, extrapolation)
    found = weight_gradient(x, factor, grad, weights, knots, spec, order)
    base = found.base
    if base.untyped_storage().data_ptr() == found.coef.untyped_storage().data_ptr():
        base = base.clone()  # the reference's two lie in one tensor, which an operator may not return
    coef, base = found.coef.contiguous(), base.contiguous()
    return coef, base, x.new_empty(0) if found.scale is None else found.scale


@_weight_gradient.register_fake
def _(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    coef: Tensor,
    base: Tensor,
    scale: Tensor | None,
    *rest: object,
) -> tuple[Tensor, Tensor, Tensor]:
    third = x.new_empty(0) if scale is None else x.new_empty(scale.shape)
    return x.new_empty(coef.shape), x.new_empty(base.shape), third
