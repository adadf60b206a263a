"""The forward pass of a network as one step of autograd, in place of a dozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ..edges import native
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
    network.run.set_inputs(x.data_ptr(), bool(wanted) and wanted[0])
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
        batch = len(x)
        # Knots and masks are held on to, as the run knows their addresses only.
        ctx.buffers = [_buffers(stage) for stage in stages]
        layers = [
            _layer(stage, kept, parameters[7 * at : 7 * at + 7])
            for at, (stage, kept) in enumerate(zip(stages, ctx.buffers, strict=True))
        ]
        ctx.run = native.make_layerwise_network(x.dtype, batch, layers)
        values = [x, *(x.new_empty(batch, layer[1]) for layer in layers)]
        ctx.run.forward(tuple([value.data_ptr() for value in values]))
        ctx.stages = stages
        ctx.save_for_backward(*values[:-1], *parameters)
        return values[-1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        stages, needed = ctx.stages, ctx.needs_input_grad
        inputs, parameters = ctx.saved_tensors[: len(stages)], ctx.saved_tensors[len(stages) :]
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            dx, *pieces = _stage_by_stage(stages, inputs[0], parameters, grad, (needed[0], *needed[2:]))
            return dx, None, *pieces
        grad = grad.contiguous()
        found = [
            torch.empty_like(part) if need else None
            for part, need in zip(parameters, needed[2:], strict=True)
        ]
        dx = torch.empty_like(inputs[0]) if needed[0] else None
        edges = [part for at in range(0, len(found), 7) for part in found[at : at + 3]]
        ctx.run.backward(
            tuple([value.data_ptr() for value in inputs]),
            grad.data_ptr(),
            tuple([0 if part is None else part.data_ptr() for part in edges]),
            0 if dx is None else dx.data_ptr(),
        )
        return dx, None, *found


def _buffers(stage: Stage) -> tuple[Tensor, Tensor]:
    buffers = stage._modules["spline"]._buffers
    return buffers["knots"], buffers["mask"]


def _layer(stage: Stage, buffers: tuple[Tensor, Tensor], parameters: Sequence[Tensor]) -> tuple[Any, ...]:
    """A layer as the compiled code is told of it."""
    spline = stage._modules["spline"]
    inputs, size, outputs = parameters[0].shape
    kind = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
    places = tuple([part.data_ptr() for part in (*buffers, *parameters)])
    return inputs, outputs, size, *kind, outputs, (), places


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
