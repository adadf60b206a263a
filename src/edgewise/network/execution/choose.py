"""Choose the forward pass of a network: fused, layer by layer in C++, or module by module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from ...edges import native
from ...layers import KANLayer, NodeLayer
from ..layer import Layer
from .fused import fused_forward
from .layerwise import layerwise_forward
from .parameters import layer_parameters

_MAX_EDGES = 2000
_MAX_NUMBERS = 2**22
_DTYPES = (torch.float32, torch.float64)


def fast_forward(layers: Sequence[Layer], x: Tensor) -> Tensor | None:
    """Outputs of the last layer from what the first one sees; None where modules have to run one by one.

    Args:
        layers: The network's.
        x: Inputs of the first layer, shape (batch, in).
    """
    if torch.compiler.is_compiling() or torch._C._functorch.peek_interpreter_stack() is not None:
        return None
    if torch.is_autocast_enabled("cpu") or forward_ad._current_level >= 0 or not is_supported(layers, x):
        return None
    if is_small(layers, x.shape[0]):
        return fused_forward(layers, x.contiguous())
    return layerwise_forward(layers, x.contiguous()) if _has_fixed_sums(layers) else None


def can_fuse(layers: Sequence[Layer], x: Tensor) -> bool:
    """Whether the fused kernels run all of these layers on these samples (batch, in)."""
    return is_supported(layers, x) and is_small(layers, len(x))


def is_supported(layers: Iterable[Layer], x: Tensor) -> bool:
    """Whether the C++ kernels support all of the layers, and the samples (batch, in)."""
    dtype = x.dtype
    if not native.AVAILABLE or x.ndim != 2 or not x.shape[0] or not x.is_cpu:
        return False
    if dtype not in _DTYPES:
        return False
    return all(_is_supported(layer, dtype) for layer in layers)


def is_small(layers: Iterable[Layer], batch: int) -> bool:
    """Whether the calls between layers would take most of the time."""
    edges = numbers = 0
    for layer in layers:
        inputs, _, outputs = layer._modules["basis"]._parameters["coef"].shape
        edges += inputs * outputs
        numbers += batch * (inputs + 3 * outputs)
    return edges <= _MAX_EDGES and numbers <= _MAX_NUMBERS


def _is_supported(layer: nn.Module, dtype: torch.dtype) -> bool:
    """Whether the layer has only supported edges and nodes, and no forward or backward hooks."""
    modules = layer._modules
    spline, nodes = modules["basis"], modules["nodes"]
    if type(layer) is not Layer or type(spline) is not KANLayer or type(nodes) is not NodeLayer:
        return False
    for module in (layer, spline, nodes):
        if module._forward_hooks or module._forward_pre_hooks or module._backward_hooks:
            return False
    buffers, parameters = spline._buffers, layer_parameters(layer)
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


def _has_fixed_sums(layers: Sequence[Layer]) -> bool:
    """Whether nodes are sums, and their affine maps are not trained."""
    nodes = [layer._modules["nodes"] for layer in layers]
    return not any(node.arities or any(p.requires_grad for p in node._parameters.values()) for node in nodes)
