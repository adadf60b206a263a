"""The forward pass of a small network as one step of autograd, in place of a dozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .compiled import CompiledNetwork, flat_offsets, parameters_of, serves
from .stage import Stage


def chain_forward(stages: Sequence[Stage], x: Tensor) -> Tensor | None:
    """Outputs of the last stage from what the first one sees; None where it has to go stage by stage.

    Args:
        stages: The network's.
        x: Inputs of the first stage, shape (batch, in).
    """
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None:
        return None
    if torch.is_autocast_enabled("cpu") or not serves(stages, x):
        return None
    return _Chain.apply(x.contiguous(), stages, *parameters_of(stages))


class _Chain(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, stages: Sequence[Stage], *parameters: Any) -> Tensor:
        wanted = list(ctx.needs_input_grad[2:])
        offsets, ctx.length = flat_offsets(list(parameters), wanted)
        run = CompiledNetwork(stages, len(x), offsets=offsets).run
        run.inputs(x.data_ptr(), ctx.needs_input_grad[0])
        result = x.new_empty(len(x), stages[-1].out_features)
        run.forward(result.data_ptr(), any(ctx.needs_input_grad))
        ctx.run, ctx.stages, ctx.offsets = run, stages, offsets
        ctx.save_for_backward(x, *parameters)
        return result

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, *parameters = ctx.saved_tensors
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            return _stage_by_stage(ctx, x, parameters, grad)
        grad = grad.contiguous()
        flat = x.new_empty(ctx.length)
        dx = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        ctx.run.backward(grad.data_ptr(), flat.data_ptr(), 0 if dx is None else dx.data_ptr())
        pieces = [
            None if offset < 0 else flat[offset : offset + part.numel()].view(part.shape)
            for offset, part in zip(ctx.offsets, parameters, strict=True)
        ]
        return dx, None, *pieces


def _stage_by_stage(ctx: Any, x: Tensor, parameters: list[Tensor], grad: Tensor) -> tuple[Tensor | None, ...]:
    """The same gradients through the stages, where they are to be differentiated themselves."""
    with torch.enable_grad():
        h = x
        for stage in ctx.stages:
            h = stage(h)
    needed = ctx.needs_input_grad
    asked = [part for part, need in zip((x, *parameters), (needed[0], *needed[2:]), strict=True) if need]
    found = iter(torch.autograd.grad(h, asked, grad, create_graph=torch.is_grad_enabled(), allow_unused=True))
    dx = next(found) if needed[0] else None
    return dx, None, *(next(found) if need else None for need in needed[2:])
