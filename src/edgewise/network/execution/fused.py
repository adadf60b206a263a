"""Small networks in fused C++ kernels: the whole forward pass on one batch, without torch between layers.

In networks with few edges, the arithmetic of a layer takes microseconds and call overhead dominates.
Readable equivalent: `Layer.forward`, layer after layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from ...edges import native
from ..layer import Layer
from .layerwise import module_gradients
from .parameters import flat_offsets, layer_parameters, parameters_of

Address = Callable[[Tensor], int]


class FusedNetwork:
    """A network bound to its parameters' memory, where each pass forward reads them, and to one batch size.

    Args:
        layers: Supported by the kernels, see `choose.is_supported`.
        batch: Number of samples, at least 1.
        address: Where a parameter's numbers are read; its own memory by default.
        offsets: Where the gradient of each of `parameters_of` goes in one flat vector; -1 for nowhere.
    """

    def __init__(
        self, layers: Iterable[Layer], batch: int, *, offsets: list[int], address: Address = Tensor.data_ptr
    ) -> None:
        described = []
        for at, layer in enumerate(layers):
            spline, nodes = layer._modules["basis"], layer._modules["nodes"]
            buffers, parameters = spline._buffers, layer_parameters(layer)
            places = (buffers["knots"].data_ptr(), buffers["mask"].data_ptr(), *map(address, parameters))
            inputs, size, outputs = parameters[0].shape
            kind = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
            described.append(
                (
                    inputs,
                    outputs,
                    size,
                    *kind,
                    nodes.sums,
                    nodes.arities,
                    places,
                    tuple(offsets[7 * at : 7 * at + 7]),
                )
            )
        self.outputs = nodes.sums + len(nodes.arities)
        self.run = native.make_fused_network(buffers["knots"].dtype, batch, described)


def fused_forward(layers: Sequence[Layer], x: Tensor) -> Tensor:
    """Outputs of a small network at contiguous inputs (batch, in)."""
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


class _FusedNetwork(torch.autograd.Function):
    """A small network as one step of autograd."""

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
            dx, *found = module_gradients(
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
