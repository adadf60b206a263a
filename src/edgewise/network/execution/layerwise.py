"""Larger networks in C++, layer by layer, as one autograd node instead of a dozen.

Readable twin: `Layer.forward`, layer after layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...edges import native
from ..layer import Layer
from .parameters import parameters_of


def layerwise_forward(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """Outputs of the last layer at contiguous inputs (batch, in)."""
    result: Tensor = _LayerwiseNetwork.apply(x, layers, *parameters_of(layers))
    return result


class _LayerwiseNetwork(torch.autograd.Function):
    """Keeps nothing for the backward pass but each layer's inputs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layers: Sequence[Layer], *parameters: Any) -> Tensor:
        batch = len(x)
        # Knots and masks are held on to, as the run knows their addresses only.
        ctx.buffers = [_buffers(layer) for layer in layers]
        described = [
            _described(layer, kept, parameters[7 * at : 7 * at + 7])
            for at, (layer, kept) in enumerate(zip(layers, ctx.buffers, strict=True))
        ]
        ctx.run = native.make_layerwise_network(x.dtype, batch, described)
        values = [x, *(x.new_empty(batch, entry[1]) for entry in described)]
        ctx.run.forward(tuple([value.data_ptr() for value in values]))
        ctx.layers = layers
        ctx.save_for_backward(*values[:-1], *parameters)
        return values[-1]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        layers, needed = ctx.layers, ctx.needs_input_grad
        inputs, parameters = ctx.saved_tensors[: len(layers)], ctx.saved_tensors[len(layers) :]
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            dx, *pieces = module_gradients(layers, inputs[0], parameters, grad, (needed[0], *needed[2:]))
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


def _buffers(layer: Layer) -> tuple[Tensor, Tensor]:
    buffers = layer._modules["basis"]._buffers
    return buffers["knots"], buffers["mask"]


def _described(layer: Layer, buffers: tuple[Tensor, Tensor], parameters: Sequence[Tensor]) -> tuple[Any, ...]:
    """A layer as the kernels are told of it."""
    spline = layer._modules["basis"]
    inputs, size, outputs = parameters[0].shape
    kind = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
    places = tuple([part.data_ptr() for part in (*buffers, *parameters)])
    return inputs, outputs, size, *kind, outputs, (), places


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
