"""A whole small network in compiled code, on one batch of samples: no call of torch between its layers.

For networks of few edges a layer's arithmetic takes microseconds, and the calls around it take most of the
time. It serves networks of spline edges with a base that the kernels know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..edges import native
from ..layers import KANLayer, NodeLayer
from .stage import Stage

_MOST_EDGES = 2000
_MOST_NUMBERS = 2**22
_DTYPES = (torch.float32, torch.float64)

Address = Callable[[Tensor], int]


def parameters_of(stages: Iterable[Stage]) -> list[nn.Parameter]:
    """The parameters that the compiled code has gradients for, layer by layer, seven to a layer."""
    return [part for stage in stages for part in _parameters(stage)]


def _parameters(stage: Stage) -> tuple[Any, ...]:
    # Modules' own dictionaries: their attributes cost a microsecond each, and there are many.
    spline, nodes = stage._modules["spline"]._parameters, stage._modules["nodes"]._parameters
    return (
        spline["coef"],
        spline["scale_base"],
        spline["scale_spline"],
        nodes["subnode_scale"],
        nodes["subnode_bias"],
        nodes["node_scale"],
        nodes["node_bias"],
    )


def serves(stages: Sequence[Stage], x: Tensor) -> bool:
    """Whether compiled code can run all of these stages on these samples (batch, in), and is meant to."""
    return is_plain(stages, x) and is_small(stages, len(x))


def is_plain(stages: Iterable[Stage], x: Tensor) -> bool:
    """Whether there is nothing in the stages that compiled code does not know, nor in the samples (batch, in)."""
    dtype = x.dtype
    if not native.AVAILABLE or x.ndim != 2 or not x.shape[0] or not x.is_cpu:
        return False
    if dtype not in _DTYPES:
        return False
    return all(_is_plain(stage, dtype) for stage in stages)


def is_small(stages: Iterable[Stage], batch: int) -> bool:
    """Whether the calls between layers would take most of the time."""
    edges = numbers = 0
    for stage in stages:
        inputs, _, outputs = stage._modules["spline"]._parameters["coef"].shape
        edges += inputs * outputs
        numbers += batch * (inputs + 3 * outputs)
    return edges <= _MOST_EDGES and numbers <= _MOST_NUMBERS


def _is_plain(stage: nn.Module, dtype: torch.dtype) -> bool:
    """Nothing but spline edges and nodes that the compiled code knows, and nobody listening."""
    modules = stage._modules
    spline, nodes = modules["spline"], modules["nodes"]
    if type(stage) is not Stage or type(spline) is not KANLayer or type(nodes) is not NodeLayer:
        return False
    for module in (stage, spline, nodes):
        if module._forward_hooks or module._forward_pre_hooks or module._backward_hooks:
            return False
    buffers, parameters = spline._buffers, _parameters(stage)
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


class CompiledNetwork:
    """A network bound to its parameters' memory, where each pass forward reads them, and to one batch size.

    Args:
        stages: What `serves` agreed to.
        batch: Number of samples, at least 1.
        address: Where a parameter's numbers are read; its own memory by default.
        offsets: Where the gradient of each of `parameters_of` goes in one flat vector; -1 for nowhere.
    """

    def __init__(
        self, stages: Iterable[Stage], batch: int, *, offsets: list[int], address: Address = Tensor.data_ptr
    ) -> None:
        layers = []
        for layer, stage in enumerate(stages):
            spline, nodes = stage._modules["spline"], stage._modules["nodes"]
            buffers, parameters = spline._buffers, _parameters(stage)
            places = (buffers["knots"].data_ptr(), buffers["mask"].data_ptr(), *map(address, parameters))
            inputs, size, outputs = parameters[0].shape
            kind = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
            layers.append(
                (
                    inputs,
                    outputs,
                    size,
                    *kind,
                    nodes.sums,
                    nodes.arities,
                    places,
                    tuple(offsets[7 * layer : 7 * layer + 7]),
                )
            )
        self.outputs = nodes.sums + len(nodes.arities)
        self.run = native.make_fused_network(buffers["knots"].dtype, batch, layers)


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
