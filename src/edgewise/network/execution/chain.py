"""The forward pass of a network as one step of autograd, in place of a dozen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ...edges import native
from ..layer import Layer
from .fused import FusedNetwork, flat_offsets, is_plain, is_small, parameters_of


def chain_forward(layers: Sequence[Layer], x: Tensor) -> Tensor | None:
    """Outputs of the last layer from what the first one sees; None where it has to go layer by layer.

    Args:
        layers: The network's.
        x: Inputs of the first layer, shape (batch, in).
    """
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None:
        return None
    if torch.is_autocast_enabled("cpu") or forward_ad._current_level >= 0 or not is_plain(layers, x):
        return None
    if is_small(layers, x.shape[0]):
        return _whole(layers, x.contiguous())
    return (
        _LayerwiseNetwork.apply(x.contiguous(), layers, *parameters_of(layers))
        if _has_fixed_sums(layers)
        else None
    )


def _whole(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """A small network; autograd is asked, and told, no more than it has to be."""
    parameters = parameters_of(layers)
    offsets, length = flat_offsets(parameters)
    network = FusedNetwork(layers, x.shape[0], offsets=offsets)
    if not torch.is_grad_enabled():
        return _outputs(network, x, ())
    trained = [part for part in parameters if part.requires_grad]
    return _FusedNetwork.apply(x, layers, network, length, *trained)


def _outputs(network: FusedNetwork, x: Tensor, wanted: Sequence[bool]) -> Tensor:
    """Outputs at `x`; `wanted` tells whether gradients, of `x` and of parameters, may be asked for."""
    result = x.new_empty(x.shape[0], network.outputs)
    network.run.set_inputs(x.data_ptr(), bool(wanted) and wanted[0])
    network.run.forward(result.data_ptr(), any(wanted))
    return result


def _has_fixed_sums(layers: Sequence[Layer]) -> bool:
    """Whether nodes are sums, and their affine maps are not trained."""
    nodes = [layer._modules["nodes"] for layer in layers]
    return not any(node.arities or any(p.requires_grad for p in node._parameters.values()) for node in nodes)


class _FusedNetwork(torch.autograd.Function):
    """A small network: all of it in compiled code."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, layers: Sequence[Layer], network: FusedNetwork, length: int, *trained: Any
    ) -> Tensor:
        ctx.layers, ctx.network, ctx.length = layers, network, length
        ctx.save_for_backward(x, *trained)
        return _outputs(network, x, ctx.needs_input_grad)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, *trained = ctx.saved_tensors
        if torch.is_grad_enabled() or torch._C._functorch.is_legacy_batchedtensor(grad):
            dx, *found = _layer_by_layer(
                ctx.layers, x, trained, grad, (ctx.needs_input_grad[0], *(True for _ in trained))
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


class _LayerwiseNetwork(torch.autograd.Function):
    """A network of larger layers: kernel after kernel, and nothing kept but each layer's inputs."""

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
            dx, *pieces = _layer_by_layer(layers, inputs[0], parameters, grad, (needed[0], *needed[2:]))
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
    """A layer as the compiled code is told of it."""
    spline = layer._modules["basis"]
    inputs, size, outputs = parameters[0].shape
    kind = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
    places = tuple([part.data_ptr() for part in (*buffers, *parameters)])
    return inputs, outputs, size, *kind, outputs, (), places


def _layer_by_layer(
    layers: Sequence[Layer], x: Tensor, parameters: Sequence[Tensor], grad: Tensor, needed: Sequence[bool]
) -> list[Tensor | None]:
    """The same gradients, of `x` and the parameters, where they are to be differentiated themselves."""
    with torch.enable_grad():
        h = x
        for layer in layers:
            h = layer(h)
    asked = [part for part, need in zip((x, *parameters), needed, strict=True) if need]
    found = iter(torch.autograd.grad(h, asked, grad, create_graph=torch.is_grad_enabled(), allow_unused=True))
    return [next(found) if need else None for need in needed]
