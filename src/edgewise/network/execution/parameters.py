"""A network's parameters in the layout of the C++ kernels: seven per layer, and their gradients in one vector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from ..layer import Layer


def parameters_of(layers: Iterable[Layer]) -> list[nn.Parameter]:
    """The parameters that the kernels have gradients for, layer by layer, seven to a layer."""
    return [part for layer in layers for part in layer_parameters(layer)]


def layer_parameters(layer: Layer) -> tuple[Any, ...]:
    """Those of one layer: coefficients, two scales, and the affine maps of sub-nodes and nodes."""
    # Modules' own dictionaries: their attributes cost a microsecond each, and there are many.
    spline, nodes = layer._modules["basis"]._parameters, layer._modules["nodes"]._parameters
    return (
        spline["coef"],
        spline["scale_base"],
        spline["scale_spline"],
        nodes["subnode_scale"],
        nodes["subnode_bias"],
        nodes["node_scale"],
        nodes["node_bias"],
    )


def flat_offsets(parameters: list[nn.Parameter]) -> tuple[list[int], int]:
    """Where the gradient of each trained parameter starts in a flat vector of them all, and its length.

    Example:
        >>> import torch
        >>> frozen = nn.Parameter(torch.ones(2), requires_grad=False)
        >>> flat_offsets([frozen, nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2))])
        ([-1, 0, 3], 5)
    """
    offsets, length = [], 0
    for parameter in parameters:
        if parameter.requires_grad:
            offsets.append(length)
            length += parameter.numel()
        else:
            offsets.append(-1)
    return offsets, length
