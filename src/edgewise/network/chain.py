"""The forward pass of a network as one step of autograd, in place of a dozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ..edges import native
from ..edges.spec import EdgeSpec, EdgeWeights
from .compiled import CompiledNetwork, flat_offsets, is_plain, is_small, parameters_of
from .stage import Stage


def chain_forward(stages: Sequence[Stage], x: Tensor) -> Tensor | None:
    """Outputs of the last stage from what the first one sees; None where it has to go stage by stage.

    Args:
        stages: The network's.
        x: Inputs of the first stage, shape (batch, in).
    """
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None:
        return None
    if torch.is_autocast_enabled("cpu") or forward_ad._current_level >= 0 or not is_plain(stages, x):
        return None
    if is_small(stages, x.shape[0]):
        return _whole(stages, x.contiguous())
    return _InTurn.apply(x.contiguous(), stages, *parameters_of(stages)) if _has_fixed_sums(stages) else None


def _whole(stages: Sequence[Stage], x: Tensor) -> Tensor:
    """A small network; autograd is asked, and told, no more than it has to be."""
    parameters = parameters_of(stages)
    offsets, length = flat_offsets(parameters)
    network = CompiledNetwork(stages, x.shape[0], offsets=offsets)
    if not torch.is_grad_enabled():
        return _outputs(network, x, ())
    trained = [part for part in parameters if part.requires_grad]
    return _Whole.apply(x, stages, network, length, *trained)


def _outputs(network: CompiledNetwork, x: Tensor, wanted: Sequence[bool]) -> Tensor:
    """Outputs at `x`; `wanted` tells whether gradients, of `x` and of parameters, may be asked for."""
    result = x.new_empty(x.shape[0], network.outputs)
    network.run.inputs(x.data_ptr(), bool(wanted) and wanted[0])
    network.run.forward(result.data_ptr(), any(wanted))
    return result


def _has_fixed_sums(stages: Sequence[Stage]) -> bool:
    """Whether nodes are sums, and their affine maps are not trained."""
    nodes = [stage._modules["nodes"] for stage in stages]
    return not any(node.arities or any(p.requires_grad for p in node._parameters.values()) for node in nodes)


class _Whole(torch.autograd.Function):
    """A small network: all of it in compiled code."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, stages: Sequence[Stage], network: CompiledNetwork, length: int, *trained: Any
    ) -> Tensor:
        ctx.stages, ctx.network, ctx.length = stages, network, length
        ctx.save_for_backward(x, *trained)
        return _outputs(network, x, ctx.needs_input_grad)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, *trained = ctx.saved_tensors
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            dx, *found = _stage_by_stage(
                ctx.stages, x, trained, grad, (ctx.needs_input_grad[0], *(True for _ in trained))
            )
            return dx, None, None, None, *found
        grad, flat = grad.contiguous(), x.new_empty(ctx.length)
        dx = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        ctx.network.run.backward(grad.data_ptr(), flat.data_ptr(), 0 if dx is None else dx.data_ptr())
        pieces, start = [], 0
        for part in trained:
            pieces.append(flat.as_strided(part.shape, part.stride(), start))
            start += part.numel()
        return dx, None, None, None, *pieces


class _InTurn(torch.autograd.Function):
    """A network of larger layers: kernel after kernel, and nothing kept but each layer's inputs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, stages: Sequence[Stage], *parameters: Any) -> Tensor:
        inputs, h = [], x
        for stage, layer in zip(stages, _layers(parameters), strict=True):
            inputs.append(h)
            z = native.sums(h, None, layer.weights, *_kind(stage), mask=_mask(stage))
            h = torch.addcmul(layer.shift, z, layer.scale, out=z)
        ctx.stages = stages
        ctx.save_for_backward(*inputs, *parameters)
        return h

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        stages, needed = ctx.stages, ctx.needs_input_grad
        inputs, parameters = ctx.saved_tensors[: len(stages)], ctx.saved_tensors[len(stages) :]
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            dx, *pieces = _stage_by_stage(stages, inputs[0], parameters, grad, (needed[0], *needed[2:]))
            return dx, None, *pieces
        found: list[Tensor | None] = [None] * len(parameters)
        layers = list(_layers(parameters))
        for at in reversed(range(len(stages))):
            kind, mask, weights, x = _kind(stages[at]), _mask(stages[at]), layers[at].weights, inputs[at]
            grad = grad * layers[at].scale
            if any(needed[2 + 7 * at : 5 + 7 * at]):
                found[7 * at : 7 * at + 3] = native.weight_gradient(x, None, grad, weights, *kind, mask=mask)
            if at or needed[0]:
                grad = native.input_gradient(x, grad, weights, *kind, mask=mask)
        return (
            grad if needed[0] else None,
            None,
            *(part if need else None for part, need in zip(found, needed[2:], strict=True)),
        )


class _Layer:
    """Weights of the edges, and one affine map for both of the nodes."""

    def __init__(self, coef: Tensor, scale_base: Tensor, scale_spline: Tensor, *nodes: Tensor) -> None:
        inner_scale, inner_shift, outer_scale, outer_shift = nodes
        self.weights = EdgeWeights(coef, scale_base, scale_spline)
        self.scale = outer_scale * inner_scale
        self.shift = torch.addcmul(outer_shift, outer_scale, inner_shift)


def _layers(parameters: Sequence[Tensor]) -> list[_Layer]:
    return [_Layer(*parameters[at : at + 7]) for at in range(0, len(parameters), 7)]


def _kind(stage: Stage) -> tuple[Tensor, EdgeSpec]:
    spline = stage._modules["spline"]
    return spline._buffers["knots"], EdgeSpec(spline.k, spline.base_name, spline.extrapolation)


def _mask(stage: Stage) -> Tensor:
    return stage._modules["spline"]._buffers["mask"]


def _stage_by_stage(
    stages: Sequence[Stage], x: Tensor, parameters: Sequence[Tensor], grad: Tensor, needed: Sequence[bool]
) -> list[Tensor | None]:
    """The same gradients, of `x` and the parameters, where they are to be differentiated themselves."""
    with torch.enable_grad():
        h = x
        for stage in stages:
            h = stage(h)
    asked = [part for part, need in zip((x, *parameters), needed, strict=True) if need]
    found = iter(torch.autograd.grad(h, asked, grad, create_graph=torch.is_grad_enabled(), allow_unused=True))
    return [next(found) if need else None for need in needed]
