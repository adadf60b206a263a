"""Larger networks in C++, layer by layer, as one autograd node instead of a dozen.

Readable twin: `Layer.forward`, layer after layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...edges import are_plain, is_observed, native
from ..layer import Layer
from .description import Description
from .parameters import PER_LAYER


def layerwise_forward(layers: Sequence[Layer], description: Description, x: Tensor) -> Tensor:
    """Outputs of the last layer at contiguous inputs (batch, in)."""
    result: Tensor = _LayerwiseNetwork.apply(x, layers, description, *description.parameters)
    return result


class _LayerwiseNetwork(torch.autograd.Function):
    """Keeps nothing for the backward pass but each layer's inputs."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, layers: Sequence[Layer], description: Description, *parameters: Any
    ) -> Tensor:
        # The run knows addresses only: the description holds on to the tensors behind them.
        ctx.layers, ctx.description = layers, description
        ctx.run = layerwise_run(description, x)
        values = [x, *(x.new_empty(len(x), entry[1]) for entry in description.layers)]
        ctx.run.forward(tuple([value.data_ptr() for value in values]))
        ctx.save_for_backward(*values[:-1], *parameters)
        return values[-1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        layers, needed = ctx.layers, ctx.needs_input_grad
        inputs, parameters = ctx.saved_tensors[: len(layers)], ctx.saved_tensors[len(layers) :]
        if (
            torch.is_grad_enabled()
            or is_observed()
            or not is_current(ctx.description, grad, inputs, parameters)
        ):
            dx, *pieces = module_gradients(layers, inputs[0], parameters, grad, (needed[0], *needed[3:]))
            return dx, None, None, *pieces
        grad, *inputs = (part.contiguous() for part in (grad, *inputs))
        found, places = edge_gradients(parameters, needed[3:])
        dx = torch.empty_like(inputs[0]) if needed[0] else None
        ctx.run.backward(
            tuple([value.data_ptr() for value in inputs]),
            grad.data_ptr(),
            places,
            0 if dx is None else dx.data_ptr(),
        )
        return dx, None, None, *found


def layerwise_run(description: Description, x: Tensor) -> Any:
    """The compiled passes of a network at as many samples as `x` has; the description must outlive them."""
    return native.make_layerwise_network(x.dtype, len(x), description.layers)


def edge_gradients(
    parameters: Sequence[Tensor], needed: Sequence[bool]
) -> tuple[list[Tensor | None], tuple[int, ...]]:
    """Tensors for the gradients of all parameters that need one, and the addresses of those of edges, 0 for none."""
    found = [torch.empty_like(part) if need else None for part, need in zip(parameters, needed, strict=True)]
    edges = [part for at in range(0, len(found), PER_LAYER) for part in found[at : at + 2]]
    return found, tuple([0 if part is None else part.data_ptr() for part in edges])


def is_current(
    description: Description, grad: Tensor, inputs: Sequence[Tensor], parameters: Sequence[Tensor]
) -> bool:
    """Whether all that the pass backward reads by address is as it was in the pass forward."""
    if not are_plain(grad, *inputs) or not all(part.is_cpu and part.dtype == grad.dtype for part in inputs):
        return False
    return description.is_current(parameters)


def module_gradients(
    layers: Sequence[Layer], x: Tensor, parameters: Sequence[Tensor], grad: Tensor, needed: Sequence[bool]
) -> list[Tensor | None]:
    """The same gradients, of `x` and the parameters, by the layers' own forward: they can be differentiated themselves."""
    with torch.enable_grad():
        h = x
        for layer in layers:
            h = layer(h)
    asked = [part for part, need in zip((x, *parameters), needed, strict=True) if need]
    found = iter(torch.autograd.grad(h, asked, grad, create_graph=torch.is_grad_enabled(), allow_unused=True))
    return [next(found) if need else None for need in needed]
