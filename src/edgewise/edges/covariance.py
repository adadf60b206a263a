"""Covariances of a layer's features over the samples: all that the sparsity penalty needs of them.

The variance of an edge is w . C_i w, with w its weights and C_i the covariance, over the samples, of the features of
its input: the base and the basis functions. On the CPU compiled code makes C_i of the k + 2 features that are not
zero at a sample, and no tensor of features is ever in memory.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from . import native, reference
from .plain import are_plain, is_observed
from .spec import EdgeSpec


def feature_covariance(x: Tensor, knots: Tensor, spec: EdgeSpec) -> Tensor:
    """Covariances of the features of every input over the samples, divided by the number of samples.

    Args:
        x: Points, shape (batch, in).
        knots: Padded knots, shape (in, size + k + 1).
        spec: The kind of features.

    Returns:
        Shape (in, 1 + size, 1 + size); differentiable in `x` any number of times.

    Cost: batch * in * (k + 2)**2 / 2 multiply-adds.

    Example:
        >>> x, knots = torch.tensor([[0.0], [1.0]]), torch.arange(-1.0, 4.0)[None]
        >>> feature_covariance(x, knots, EdgeSpec(1, "identity"))[0].tolist()
        [[0.25, -0.25, 0.25, 0.0], [-0.25, 0.25, -0.25, 0.0], [0.25, -0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """
    if not _is_native(x, knots, spec):
        return reference_covariance(x, knots, spec)[1]
    if torch.is_grad_enabled() and x.requires_grad:
        found: Tensor = _Covariance.apply(x, knots, spec)
        return found
    return native.covariance(x, knots, spec)[1]


def reference_covariance(x: Tensor, knots: Tensor, spec: EdgeSpec) -> tuple[Tensor, Tensor]:
    """Means (in, 1 + size) and covariances in plain torch: what compiled code must equal.

    Example:
        >>> x, knots = torch.tensor([[0.0], [1.0]]), torch.arange(-1.0, 4.0)[None]
        >>> reference_covariance(x, knots, EdgeSpec(1, "identity"))[0].tolist()
        [[0.5, 0.5, 0.5, 0.0]]
    """
    features = reference.features(x, knots, spec)
    mean = features.mean(0)
    centred = (features - mean).transpose(0, 1)
    return mean, centred.transpose(1, 2) @ centred / max(len(x), 1)


def edge_variances(coef: Tensor, base: Tensor, mask: Tensor, covariance: Tensor) -> Tensor:
    """The variance w . C_i w of every edge, never below 0, w being the mask times the weights of base and splines.

    Args:
        coef: Spline coefficients, shape (in, size, out).
        base: Weights of the base, shape (in, out).
        mask: Shape (in, out).
        covariance: Of the features of each input, shape (in, 1 + size, 1 + size).

    Returns:
        Shape (in, out).

    Example:
        >>> edge_variances(torch.ones(1, 1, 1), torch.ones(1, 1), torch.ones(1, 1), torch.eye(2)[None]).tolist()
        [[2.0]]
    """
    if not are_plain(coef, base, mask, covariance) or is_observed() or forward_ad._current_level >= 0:
        return _plain_variances(coef, base, mask, covariance)
    found: Tensor = _Variances.apply(coef, base, mask, covariance)
    return found


def _plain_variances(coef: Tensor, base: Tensor, mask: Tensor, covariance: Tensor) -> Tensor:
    weights = torch.cat([base.unsqueeze(1), coef], 1)
    return mask.square() * (weights * (covariance @ weights)).sum(1).clamp_min(0)


class _Variances(torch.autograd.Function):
    """The variances with their gradient by hand, in a third of the operations."""

    @staticmethod
    def forward(ctx: Any, coef: Tensor, base: Tensor, mask: Tensor, covariance: Tensor) -> Tensor:
        weights = torch.cat([base.unsqueeze(1), coef], 1)
        spread = covariance @ weights
        variances = (weights * spread).sum(1).clamp_min_(0)
        ctx.save_for_backward(coef, base, mask, covariance, weights, spread, variances)
        return mask.square() * variances

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        coef, base, mask, covariance, weights, spread, variances = ctx.saved_tensors
        needed = ctx.needs_input_grad
        if torch.is_grad_enabled():
            given = (coef, base, mask, covariance)
            asked = [part for part, need in zip(given, needed, strict=True) if need]
            found = iter(torch.autograd.grad(_plain_variances(*given), asked, grad, create_graph=True))
            return tuple(next(found) if need else None for need in needed)
        along = (grad * mask.square() * (variances > 0)).unsqueeze(1)
        dw = 2 * along * spread if needed[0] or needed[1] else None
        dm = 2 * grad * mask * variances if needed[2] else None
        dc = (along * weights) @ weights.transpose(1, 2) if needed[3] else None
        return (None if dw is None else dw[:, 1:], None if dw is None else dw[:, 0], dm, dc)


def _is_native(x: Tensor, knots: Tensor, spec: EdgeSpec) -> bool:
    if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
        return False
    if is_observed() or torch.is_autocast_enabled(x.device.type) or forward_ad._current_level >= 0:
        return False
    return are_plain(x, knots) and native.supports_covariance(x, knots, spec)


class _Covariance(torch.autograd.Function):
    """The covariances; their gradient is differentiated by plain torch, where that is asked for."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, knots: Tensor, spec: EdgeSpec) -> Tensor:
        mean, covariance = native.covariance(x, knots, spec)
        ctx.save_for_backward(x, knots, mean)
        ctx.spec = spec
        return covariance

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, knots, mean = ctx.saved_tensors
        if torch.is_grad_enabled() or not _is_native(x, knots, ctx.spec) or not are_plain(grad, mean):
            with torch.enable_grad():
                again = reference_covariance(x, knots, ctx.spec)[1]
            (dx,) = torch.autograd.grad(again, x, grad, create_graph=torch.is_grad_enabled())
            return dx, None, None
        pull = (grad + grad.transpose(1, 2)) / max(len(x), 1)
        shift = (pull @ mean.unsqueeze(2)).squeeze(2)
        return native.covariance_gradient(x, pull, shift, knots, ctx.spec), None, None
