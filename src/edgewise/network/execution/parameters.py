"""A network's parameters in the layout of the C++ kernels: six per layer, and their gradients in one vector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from ..layer import Layer

PER_LAYER = 6
"""Parameters of a layer that the kernels know."""


def parameters_of(layers: Iterable[Layer]) -> list[Any]:
    """The parameters that the kernels have gradients for, layer by layer, six to a layer."""
    return [part for layer in layers for part in layer_parameters(layer)]


def layer_parameters(layer: Layer) -> tuple[Any, ...]:
    """Those of one layer: coefficients, scale of the base, and the affine maps of sub-nodes and nodes."""
    # Modules' own dictionaries: their attributes cost a microsecond each, and there are many.
    spline, nodes = layer._modules["basis"]._parameters, layer._modules["nodes"]._parameters
    return (
        spline["coef"],
        spline["scale_base"],
        nodes["subnode_scale"],
        nodes["subnode_bias"],
        nodes["node_scale"],
        nodes["node_bias"],
    )


def buffers_of(layers: Iterable[Layer]) -> list[Any]:
    """Knots and mask of each layer."""
    held = [layer._modules["basis"]._buffers for layer in layers]
    return [part for buffers in held for part in (buffers["knots"], buffers["mask"])]


def flat_offsets(parameters: Sequence[Tensor]) -> tuple[list[int], int]:
    """Where the gradient of each trained parameter starts in a flat vector of them all, and its length.

    Example:
        >>> import torch
        >>> trained, frozen = torch.ones(3, requires_grad=True), torch.ones(2)
        >>> flat_offsets([frozen, trained, trained])
        ([-1, 0, 3], 6)
    """
    offsets, length = [], 0
    for parameter in parameters:
        if parameter.requires_grad:
            offsets.append(length)
            length += parameter.numel()
        else:
            offsets.append(-1)
    return offsets, length
