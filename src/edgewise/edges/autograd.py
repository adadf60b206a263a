"""The sums over a layer's edges as one differentiable operation, whoever computes them.

The three functions of `reference.py` are closed under differentiation. With S the sums, D the input
gradient, W the packed weight gradient, f the factor, and r the order:

    dS/dx = f D(r + 1)    dS/df = D(r)    dS/dw = W(r)
    and for a cotangent v of D:  dx = v D(r + 1)    dg = S with f = v    dw = W with f = v
    and for a cotangent u of W:  dx = f D(r + 1) with w = u    df = D(r) with w = u    dg = S with w = u

so that gradients of every order run on the same kernels. No function has a `jvp`: it would break
full-graph compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import forward_ad

from . import custom_ops, reference
from .dispatch import Kernels, kernels_of_kind, select_kernels
from .spec import MAX_ORDER, EdgeSpec, EdgeWeights, check_shapes


def edge_sums(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, *, order: int = 0) -> Tensor:
    """Sums of the edges' functions, or of a derivative of them, over the inputs.

    Args:
        x: Points, shape (..., in).
        weights: What the functions are multiplied with.
        knots: Padded knots, shape (in, size + k + 1).
        spec: The kind of functions.
        order: Order of the derivative of each edge's function, at least 0.

    Returns:
        Sums, shape (..., out); differentiable in `x` and in the weights, any number of times.

    Raises:
        ShapeError: the shapes do not fit together.

    Cost: batch * in * out * (k + 2) multiply-adds, whatever the grid.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 7, 2), torch.zeros(1, 2))
        >>> edge_sums(torch.tensor([[0.5]]), weights, torch.arange(-3.0, 8.0)[None], EdgeSpec(3))
        tensor([[1., 1.]])
    """
    flat, now = _flat(x), _is_now()
    if now:
        kernels = select_kernels(x, weights, knots, spec)
    else:
        # What is under a transform is looked at when it comes to the kernels.
        kernels = kernels_of_kind(x, weights, knots, spec)
    if kernels is None or _has_no_rule(x):
        check_shapes(x, weights, knots, spec)
        sums = reference.sums(flat, None, weights, knots, spec, order)
    elif now and order <= MAX_ORDER:
        sums = _sums(flat, None, weights, knots, spec, order, kernels)
    else:
        check_shapes(x, weights, knots, spec)
        sums = _sums(flat, None, weights, knots, spec, order)
    return sums if x.ndim == 2 else sums.unflatten(0, x.shape[:-1]) if x.ndim > 2 else sums[0]


def _is_now() -> bool:
    """Whether what is called runs at once on the tensors given, with no compiler or transform between."""
    return not torch.compiler.is_compiling() and not torch._C._are_functorch_transforms_active()


def _has_no_rule(x: Tensor) -> bool:
    """Whether what is at work knows nothing of the functions below: export, autocast, forward mode."""
    # Not torch.compiler.is_exporting(): torch.compile of torch 2.8 takes that for true in every graph.
    if torch.compiler._is_exporting_flag or torch.is_autocast_enabled(x.device.type):
        return True
    return not torch.compiler.is_compiling() and forward_ad._current_level >= 0


def _flat(x: Tensor) -> Tensor:
    return x if x.ndim == 2 else x.flatten(0, -2) if x.ndim > 2 else x[None]


class _Function(torch.autograd.Function):
    """A function whose call costs what its work does.

    Before it calls, torch binds the arguments to the signature of `forward`, which takes longer than a small
    layer's sums. Where no transform or compiler is at work there is nothing to bind, and where no gradient
    is asked for there is nothing to remember.
    """

    @classmethod
    def of(cls, *args: Any) -> Any:
        if torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active():
            return cls.apply(*args)
        if not torch.is_grad_enabled():
            return cls.forward(*args)
        return super(torch.autograd.Function, cls).apply(*args)  # type: ignore[misc]


class _Sums(_Function):
    @staticmethod
    def forward(
        x: Tensor,
        factor: Tensor | None,
        coef: Tensor,
        base: Tensor,
        scale: Tensor | None,
        knots: Tensor,
        spec: EdgeSpec,
        order: int,
        kernels: Kernels | None,
    ) -> Tensor:
        weights = EdgeWeights(coef, base, scale)
        if kernels is not None:
            return kernels.sums(x, factor, weights, knots, spec, order)
        return custom_ops.sums(x, factor, weights, knots, spec, order)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *tensors, ctx.spec, ctx.order, _ = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, factor, coef, base, scale, knots = ctx.saved_tensors
        weights, rest = EdgeWeights(coef, base, scale), (knots, ctx.spec)
        need_x, need_factor, *need_weights = ctx.needs_input_grad[:5]
        dx = df = None
        if need_x:
            dx = _times(factor, _input_gradient(x, grad, weights, *rest, ctx.order + 1))
        if need_factor:
            df = _input_gradient(x, grad, weights, *rest, ctx.order)
        dw: tuple[Tensor | None, ...] = (None, None, None)
        if any(need_weights):
            dw = _weight_gradient(x, factor, grad, weights, *rest, ctx.order)
        return dx, df, *dw, None, None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *args: Any) -> tuple[Tensor, int]:
        x, factor, coef, base, scale, knots, spec, order, _ = args
        if any(dim is not None for dim in in_dims[2:6]):
            return _by_reference(_reference_sums, in_dims[:-1], args[:-1])
        size = info.batch_size
        rows, factors = (_rows(part, dim, size) for part, dim in zip((x, factor), in_dims, strict=False))
        flat = _Sums.apply(rows, factors, coef, base, scale, knots, spec, order, None)
        return flat.unflatten(0, (size, -1)), 0


class _InputGradient(_Function):
    @staticmethod
    def forward(
        x: Tensor,
        grad: Tensor,
        coef: Tensor,
        base: Tensor,
        scale: Tensor | None,
        knots: Tensor,
        spec: EdgeSpec,
        order: int,
    ) -> Tensor:
        return custom_ops.input_gradient(x, grad, EdgeWeights(coef, base, scale), knots, spec, order)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *tensors, ctx.spec, ctx.order = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor | None, ...]:
        x, grad, coef, base, scale, knots = ctx.saved_tensors
        weights, rest = EdgeWeights(coef, base, scale), (knots, ctx.spec)
        need_x, need_grad, *need_weights = ctx.needs_input_grad[:5]
        dx = cotangent * _input_gradient(x, grad, weights, *rest, ctx.order + 1) if need_x else None
        dg = _sums(x, cotangent, weights, *rest, ctx.order) if need_grad else None
        dw: tuple[Tensor | None, ...] = (None, None, None)
        if any(need_weights):
            dw = _weight_gradient(x, cotangent, grad, weights, *rest, ctx.order)
        return dx, dg, *dw, None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *args: Any) -> tuple[Tensor, int]:
        x, grad, coef, base, scale, knots, spec, order = args
        if any(dim is not None for dim in in_dims[2:6]):
            return _by_reference(_reference_input_gradient, in_dims, args)
        size = info.batch_size
        rows, grads = (_rows(part, dim, size) for part, dim in zip((x, grad), in_dims, strict=False))
        flat = _InputGradient.apply(rows, grads, coef, base, scale, knots, spec, order)
        return flat.unflatten(0, (size, -1)), 0


class _WeightGradient(_Function):
    """The gradient of packed weights, (in, 1 + size, out)."""

    @staticmethod
    def forward(
        x: Tensor, factor: Tensor | None, grad: Tensor, knots: Tensor, spec: EdgeSpec, order: int
    ) -> Tensor:
        return custom_ops.packed_weight_gradient(x, factor, grad, knots, spec, order)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *tensors, ctx.spec, ctx.order = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor | None, ...]:
        x, factor, grad, knots = ctx.saved_tensors
        weights, rest = EdgeWeights(cotangent[:, 1:], cotangent[:, 0]), (knots, ctx.spec)
        need_x, need_factor, need_grad = ctx.needs_input_grad[:3]
        dx = df = dg = None
        if need_x:
            dx = _times(factor, _input_gradient(x, grad, weights, *rest, ctx.order + 1))
        if need_factor:
            df = _input_gradient(x, grad, weights, *rest, ctx.order)
        if need_grad:
            dg = _sums(x, factor, weights, *rest, ctx.order)
        return dx, df, dg, None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *args: Any) -> tuple[Tensor, int]:
        return _by_reference(_reference_packed, in_dims, args)


class _FirstWeightGradient(_Function):
    """The gradients of weights given apart, where they are not themselves to be differentiated."""

    @staticmethod
    def forward(
        x: Tensor,
        factor: Tensor | None,
        grad: Tensor,
        coef: Tensor,
        base: Tensor,
        scale: Tensor | None,
        knots: Tensor,
        spec: EdgeSpec,
        order: int,
    ) -> tuple[Tensor, ...]:
        found = custom_ops.weight_gradient(
            x, factor, grad, EdgeWeights(coef, base, scale), knots, spec, order
        )
        return tuple(part for part in found if part is not None)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        pass

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *args: Any) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
        found = torch.vmap(_reference_apart, in_dims=in_dims)(*args)
        return found, (0,) * len(found)


def _sums(
    x: Tensor,
    factor: Tensor | None,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int,
    kernels: Kernels | None = None,
) -> Tensor:
    return _Sums.of(x, factor, *weights, knots, spec, order, kernels)


def _input_gradient(
    x: Tensor, grad: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int
) -> Tensor:
    return _InputGradient.of(x, grad, *weights, knots, spec, order)


def _weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int,
) -> tuple[Tensor | None, ...]:
    if not torch.is_grad_enabled():
        found = _FirstWeightGradient.of(x, factor, grad, *weights, knots, spec, order)
        return (*found, None) if weights.scale is None else found
    whole = _WeightGradient.of(x, factor, grad, knots, spec, order)
    return reference.unpacked_gradient(whole, weights)


def _times(factor: Tensor | None, value: Tensor) -> Tensor:
    return value if factor is None else factor * value


def _rows(part: Tensor | None, dim: int | None, size: int) -> Tensor | None:
    """A batch of (batch, columns) as one, repeated where it is the same for all."""
    if part is None:
        return None
    whole = part.expand(size, *part.shape) if dim is None else part.movedim(dim, 0)
    return whole.flatten(0, 1)


def _by_reference(
    function: Callable[..., Tensor], in_dims: tuple[Any, ...], args: tuple[Any, ...]
) -> tuple[Tensor, int]:
    """Many sets of weights at once: by plain torch, which batches them."""
    return torch.vmap(function, in_dims=in_dims)(*args), 0


def _reference_sums(x: Any, factor: Any, coef: Any, base: Any, scale: Any, *rest: Any) -> Tensor:
    return reference.sums(x, factor, EdgeWeights(coef, base, scale), *rest)


def _reference_input_gradient(x: Any, grad: Any, coef: Any, base: Any, scale: Any, *rest: Any) -> Tensor:
    return reference.input_gradient(x, grad, EdgeWeights(coef, base, scale), *rest)


def _reference_apart(
    x: Any, factor: Any, grad: Any, coef: Any, base: Any, scale: Any, *rest: Any
) -> tuple[Tensor, ...]:
    found = reference.weight_gradient(x, factor, grad, EdgeWeights(coef, base, scale), *rest)
    return tuple(part for part in found if part is not None)


def _reference_packed(x: Any, factor: Any, grad: Any, knots: Any, spec: EdgeSpec, order: int) -> Tensor:
    values = reference.features(x, knots, spec, order)
    if factor is not None:
        values = values * factor.unsqueeze(-1)
    return torch.einsum("bip,bo->ipo", values, grad)


# The operators of `custom_ops`, called by themselves, have the same derivatives.


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    *tensors, degree, base, extrapolation, ctx.order = inputs
    ctx.save_for_backward(*tensors)
    ctx.spec = EdgeSpec(degree, base, extrapolation)


def _sums_backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    return (*_Sums.backward(ctx, grad)[:6], *_NOTHING)


def _input_gradient_backward(ctx: Any, cotangent: Tensor) -> tuple[Tensor | None, ...]:
    return (*_InputGradient.backward(ctx, cotangent)[:6], *_NOTHING)


def _weight_gradient_backward(ctx: Any, *cotangents: Tensor) -> tuple[Tensor | None, ...]:
    x, factor, grad, coef, base, scale, knots = ctx.saved_tensors
    needed = ctx.needs_input_grad[:6]
    with torch.enable_grad():
        weights = EdgeWeights(coef, base, scale)
        again = reference.weight_gradient(x, factor, grad, weights, knots, ctx.spec, ctx.order)
        pairs = [
            pair
            for pair in zip(again, cotangents, strict=True)
            if pair[0] is not None and pair[0].requires_grad
        ]
    given: tuple[Any, ...] = (x, factor, grad, coef, base, scale)
    asked = [part for part, need in zip(given, needed, strict=True) if need]
    outputs, along = ([cast(Tensor, pair[place]) for pair in pairs] for place in (0, 1))
    found = iter(
        torch.autograd.grad(
            outputs, asked, along, create_graph=torch.is_grad_enabled(), materialize_grads=True
        )
    )
    return (*(next(found) if need else None for need in needed), None, *_NOTHING)


_NOTHING = (None,) * 4
for _operator, _backward in (
    (custom_ops._sums, _sums_backward),
    (custom_ops._input_gradient, _input_gradient_backward),
    (custom_ops._weight_gradient, _weight_gradient_backward),
):
    _operator.register_autograd(_backward, setup_context=_keep)
