"""Small networks in fused C++ kernels: the whole forward pass on one batch, without torch between layers.

In networks with few edges, the arithmetic of a layer takes microseconds and call overhead dominates.
Readable equivalent: `Layer.forward`, layer after layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...edges import is_observed, is_plain, native
from ..layer import Layer
from .description import Description
from .layerwise import module_gradients
from .parameters import PER_LAYER, flat_offsets


class FusedNetwork:
    """A network bound to the memory of its tensors, where each pass forward reads them, and to one batch size.

    Args:
        description: Of layers that the kernels know.
        batch: Number of samples, at least 1.
        dtype: Of all tensors.
        offsets: Where the gradient of each of its parameters goes in one flat vector; -1 for nowhere.
    """

    def __init__(self, description: Description, batch: int, dtype: torch.dtype, offsets: list[int]) -> None:
        layers = [
            (*layer, tuple(offsets[PER_LAYER * at : PER_LAYER * (at + 1)]))
            for at, layer in enumerate(description.layers)
        ]
        self.outputs = description.plan.outputs
        self.run = native.make_fused_network(dtype, batch, layers)


def fused_forward(layers: Sequence[Layer], description: Description, x: Tensor) -> Tensor:
    """Outputs of a small network at contiguous inputs (batch, in)."""
    parameters = description.parameters
    if not torch.is_grad_enabled():
        return _outputs(FusedNetwork(description, len(x), x.dtype, [-1] * len(parameters)), x, ())
    offsets, length = flat_offsets(parameters)
    network = FusedNetwork(description, len(x), x.dtype, offsets)
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
        if _is_followed(grad):
            dx, *found = module_gradients(
                ctx.layers, x, trained, grad, (ctx.needs_input_grad[0], *(True for _ in trained))
            )
            return dx, None, None, None, *found
        grad, flat = grad.contiguous(), grad.new_empty(ctx.length)
        dx = grad.new_empty(x.shape) if ctx.needs_input_grad[0] else None
        ctx.network.run.backward(grad.data_ptr(), flat.data_ptr(), 0 if dx is None else dx.data_ptr())
        return dx, None, None, None, *split_gradient(flat, trained)


def split_gradient(flat: Tensor, trained: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of parameters, in their shapes, from one flat vector of them all.

    Example:
        >>> [part.tolist() for part in split_gradient(torch.arange(3.0), [torch.ones(2), torch.ones(1, 1)])]
        [[0.0, 1.0], [[2.0]]]
    """
    pieces, start = [], 0
    for part in trained:
        dense = part.stride() if part.is_contiguous() else torch.empty_like(part).contiguous().stride()
        pieces.append(flat.as_strided(part.shape, dense, start))
        start += part.numel()
    return pieces


def _is_followed(grad: Tensor) -> bool:
    """Whether the gradients are to be differentiated themselves, or somebody follows how they are made."""
    return torch.is_grad_enabled() or is_observed() or not is_plain(grad)
