"""The sums over a layer's edges and their two gradients in plain torch: what the others must equal.

With phi^(r) the r-th derivative of an edge's function, for samples x (batch, in):

    sums            S[b, o] = sum_i f[b, i] phi_io^(r)(x[b, i])
    input gradient  D[b, i] = sum_o g[b, o] phi_io^(r)(x[b, i])
    weight gradient of coef: sum_b f[b, i] g[b, o] scale_io B_im^(r)(x[b, i]), and so on

f, a factor for each sample and input, is 1 where it is None. The three are closed under differentiation:
see `autograd.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..spline import basis
from .bases import base_values
from .spec import EdgeSpec, EdgeWeights


def features(x: Tensor, knots: Tensor, spec: EdgeSpec, order: int = 0) -> Tensor:
    """Base and basis functions at `x`, (batch, in) to (batch, in, 1 + size)."""
    values = basis(x, knots, spec.degree, order=order, extrapolation=spec.extrapolation)
    return torch.cat([base_values(x, spec.base, order).unsqueeze(-1), values], dim=-1)


def packed(weights: EdgeWeights) -> Tensor:
    """Weights as one tensor, in the order of the features, shape (in, 1 + size, out)."""
    spline = weights.coef if weights.scale is None else weights.scale.unsqueeze(1) * weights.coef
    return torch.cat([weights.base.unsqueeze(1), spline], dim=1)


def unpacked_gradient(gradient: Tensor, weights: EdgeWeights) -> EdgeWeights:
    """From the gradient of `packed(weights)` to those of the weights; that of the scale is None where it is."""
    spline = gradient[:, 1:]
    if weights.scale is None:
        return EdgeWeights(spline, gradient[:, 0])
    return EdgeWeights(spline * weights.scale.unsqueeze(1), gradient[:, 0], (spline * weights.coef).sum(1))


def sums(
    x: Tensor, factor: Tensor | None, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int = 0
) -> Tensor:
    """Sums over the inputs, shape (batch, out)."""
    values = features(x, knots, spec, order)
    if factor is not None:
        values = values * factor.unsqueeze(-1)
    return values.flatten(-2) @ packed(weights).flatten(0, 1)


def input_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int = 1
) -> Tensor:
    """What reaches each input from the gradient (batch, out) of the sums, shape (batch, in)."""
    whole = packed(weights)
    along = (grad @ whole.flatten(0, 1).T).reshape(*x.shape, whole.shape[1])
    return (along * features(x, knots, spec, order)).sum(-1)


def weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int = 0,
) -> EdgeWeights:
    """Gradients of the weights, in their shapes; that of the scale is None where the scale is."""
    values = features(x, knots, spec, order)
    if factor is not None:
        values = values * factor.unsqueeze(-1)
    whole = (values.flatten(1).T @ grad).reshape(*values.shape[1:], grad.shape[1])
    return unpacked_gradient(whole, weights)
