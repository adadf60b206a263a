"""A whole small network in compiled code, on one batch of samples: no call of torch between its layers.

For networks of few edges a layer's arithmetic takes microseconds, and the calls around it take most of the
time. It serves networks of spline edges with a base that the kernels know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...edges import native
from ...layers import KANLayer, NodeLayer
from ..layer import Layer

_MOST_EDGES = 2000
_MOST_NUMBERS = 2**22
_DTYPES = (torch.float32, torch.float64)

Address = Callable[[Tensor], int]


def parameters_of(layers: Iterable[Layer]) -> list[nn.Parameter]:
    """The parameters that the compiled code has gradients for, layer by layer, seven to a layer."""
    return [part for layer in layers for part in _parameters(layer)]


def _parameters(layer: Layer) -> tuple[Any, ...]:
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


def serves(layers: Sequence[Layer], x: Tensor) -> bool:
    """Whether compiled code can run all of these layers on these samples (batch, in), and is meant to."""
    return is_plain(layers, x) and is_small(layers, len(x))


def is_plain(layers: Iterable[Layer], x: Tensor) -> bool:
    """Whether there is nothing in the layers that compiled code does not know, nor in the samples (batch, in)."""
    dtype = x.dtype
    if not native.AVAILABLE or x.ndim != 2 or not x.shape[0] or not x.is_cpu:
        return False
    if dtype not in _DTYPES:
        return False
    return all(_is_plain(layer, dtype) for layer in layers)


def is_small(layers: Iterable[Layer], batch: int) -> bool:
    """Whether the calls between layers would take most of the time."""
    edges = numbers = 0
    for layer in layers:
        inputs, _, outputs = layer._modules["basis"]._parameters["coef"].shape
        edges += inputs * outputs
        numbers += batch * (inputs + 3 * outputs)
    return edges <= _MOST_EDGES and numbers <= _MOST_NUMBERS


def _is_plain(layer: nn.Module, dtype: torch.dtype) -> bool:
    """Nothing but spline edges and nodes that the compiled code knows, and nobody listening."""
    modules = layer._modules
    spline, nodes = modules["basis"], modules["nodes"]
    if type(layer) is not Layer or type(spline) is not KANLayer or type(nodes) is not NodeLayer:
        return False
    for module in (layer, spline, nodes):
        if module._forward_hooks or module._forward_pre_hooks or module._backward_hooks:
            return False
    buffers, parameters = spline._buffers, _parameters(layer)
    coef, knots = parameters[0], buffers["knots"]
    if coef.dtype != dtype or knots.dtype != dtype or not coef.is_cpu:
        return False
    if len(modules["formula"]._buffers["edge_index"]):
        return False
    for part in (
        *parameters,
        buffers["mask"],
        knots,
    ):  # a loop: calls of `all` take longer than what they ask
        if not part.is_contiguous():
            return False
    return native.supports_kind(spline.k, spline.base_name, spline.extrapolation)


class FusedNetwork:
    """A network bound to its parameters' memory, where each pass forward reads them, and to one batch size.

    Args:
        layers: What `serves` agreed to.
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
            buffers, parameters = spline._buffers, _parameters(layer)
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


def flat_offsets(parameters: list[nn.Parameter]) -> tuple[list[int], int]:
    """Where the gradient of each trained parameter starts in a flat vector of them all, and its length.

    Example:
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
