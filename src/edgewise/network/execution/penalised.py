"""A network's outputs with its sparsity penalty in C++, as one autograd node.

Readable twin: `outputs_and_penalty` of train/objective/penalty.py, layer after layer. Gradients that are to be
differentiated themselves are made by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...edges import is_observed, is_plain
from .description import Description
from .fused import FusedNetwork, split_gradient
from .layerwise import edge_gradients, is_current, layerwise_run
from .parameters import flat_offsets

PlainRun = Callable[[Tensor], tuple[Tensor, Tensor]]
"""From the inputs of the first layer to the outputs of the last and the penalty, in plain torch."""


class PenaltyNumbers(NamedTuple):
    """A penalty as the kernels are told of it: weights, and the number of its magnitude."""

    l1: float
    entropy: float
    coef: float
    coefdiff: float
    magnitude: int


def fused_with_penalty(
    description: Description, x: Tensor, numbers: PenaltyNumbers, plain: PlainRun
) -> tuple[Tensor, Tensor]:
    """Outputs and penalty of a small network at contiguous inputs (batch, in)."""
    parameters = description.parameters
    offsets, length = flat_offsets(parameters)
    network = FusedNetwork(description, len(x), x.dtype, offsets)
    trained = [part for part in parameters if part.requires_grad]
    found: tuple[Tensor, Tensor] = _FusedWithPenalty.apply(x, network, length, numbers, plain, *trained)
    return found


def layerwise_with_penalty(
    description: Description, x: Tensor, numbers: PenaltyNumbers, plain: PlainRun
) -> tuple[Tensor, Tensor]:
    """Outputs and penalty of a larger network at contiguous inputs (batch, in)."""
    found: tuple[Tensor, Tensor] = _LayerwiseWithPenalty.apply(
        x, description, numbers, plain, *description.parameters
    )
    return found


class _FusedWithPenalty(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        network: FusedNetwork,
        length: int,
        numbers: PenaltyNumbers,
        plain: PlainRun,
        *trained: Any,
    ) -> tuple[Tensor, Tensor]:
        ctx.network, ctx.length, ctx.plain = network, length, plain
        ctx.save_for_backward(x, *trained)
        result = x.new_empty(len(x), network.outputs)
        network.run.set_inputs(x.data_ptr(), ctx.needs_input_grad[0])
        value = network.run.forward_with_penalty(result.data_ptr(), any(ctx.needs_input_grad), tuple(numbers))
        return result, x.new_tensor(value)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, weight: Tensor) -> tuple[Tensor | None, ...]:
        x, *trained = ctx.saved_tensors
        if _is_followed(grad, weight):
            dx, *found = _plain_gradients(ctx.plain, (x, *trained), (grad, weight), ctx.needs_input_grad[:1])
            return dx, None, None, None, None, *found
        grad, flat = grad.contiguous(), grad.new_empty(ctx.length)
        dx = grad.new_empty(x.shape) if ctx.needs_input_grad[0] else None
        ctx.network.run.backward_with_penalty(
            grad.data_ptr(), weight.item(), flat.data_ptr(), 0 if dx is None else dx.data_ptr()
        )
        return dx, None, None, None, None, *split_gradient(flat, trained)


class _LayerwiseWithPenalty(torch.autograd.Function):
    """Keeps each layer's inputs, and covariances and slopes of its features and edges."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        description: Description,
        numbers: PenaltyNumbers,
        plain: PlainRun,
        *parameters: Any,
    ) -> tuple[Tensor, Tensor]:
        ctx.description, ctx.plain = description, plain
        ctx.run = layerwise_run(description, x)
        values = [x, *(x.new_empty(len(x), entry[1]) for entry in description.layers)]
        kept = x.new_empty(ctx.run.set_penalty(tuple(numbers)))
        value = ctx.run.forward_with_penalty(tuple([part.data_ptr() for part in values]), kept.data_ptr())
        ctx.save_for_backward(kept, *values[:-1], *parameters)
        return values[-1], x.new_tensor(value)

    @staticmethod
    def backward(ctx: Any, grad: Tensor, weight: Tensor) -> tuple[Tensor | None, ...]:
        needed, layers = ctx.needs_input_grad, len(ctx.description.layers)
        kept, *inputs = ctx.saved_tensors[: 1 + layers]
        parameters = ctx.saved_tensors[1 + layers :]
        if _is_followed(grad, weight) or not is_current(ctx.description, grad, (kept, *inputs), parameters):
            given = (inputs[0], *parameters)
            dx, *found = _plain_gradients(ctx.plain, given, (grad, weight), (needed[0], *needed[4:]))
            return dx, None, None, None, *found
        grad, kept, *inputs = (part.contiguous() for part in (grad, kept, *inputs))
        found, places = edge_gradients(parameters, needed[4:])
        dx = torch.empty_like(inputs[0]) if needed[0] else None
        ctx.run.backward_with_penalty(
            tuple([part.data_ptr() for part in inputs]),
            grad.data_ptr(),
            weight.item(),
            kept.data_ptr(),
            places,
            0 if dx is None else dx.data_ptr(),
        )
        return dx, None, None, None, *found


def _is_followed(*gradients: Tensor) -> bool:
    """Whether the gradients are to be differentiated themselves, or somebody follows how they are made."""
    return torch.is_grad_enabled() or is_observed() or not all(is_plain(part) for part in gradients)


def _plain_gradients(
    plain: PlainRun, given: Sequence[Tensor], gradients: tuple[Tensor, Tensor], needed: Sequence[bool]
) -> list[Tensor | None]:
    """The same gradients by plain torch; what `needed` says nothing of is needed."""
    with torch.enable_grad():
        found = plain(given[0])
    wanted = [*needed, *(True for _ in range(len(given) - len(needed)))]
    asked = [part for part, need in zip(given, wanted, strict=True) if need]
    parts = iter(
        torch.autograd.grad(found, asked, gradients, create_graph=torch.is_grad_enabled(), allow_unused=True)
    )
    return [next(parts) if need else None for need in wanted]
