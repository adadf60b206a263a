"""A network as the C++ kernels are told of it, by sizes and addresses; checked before an address is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_module

from ...edges import PLAIN_TYPES, native
from ...layers import KANLayer, NodeLayer
from ..layer import Layer
from .parameters import PER_LAYER, layer_parameters

try:
    from torch._C._dynamo import guards as _guards
except ImportError:  # of torch's own, and not promised: all is then looked at each time
    TensorGuards: Any = None
else:
    TensorGuards = _guards.TensorGuards

_DTYPES = (torch.float32, torch.float64)
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_HOOKS_OF_ALL = tuple(getattr(torch_module, f"_global{hooks}") for hooks in _HOOKS)
_TENSORS = 2 + PER_LAYER  # of a layer: knots, mask, parameters

Kind = tuple[int, int, int, int, tuple[int, ...]]
"""Degree, base, extrapolation, sums and arities of a layer, as the kernels are told."""


class Description(NamedTuple):
    """Layers that the kernels can run.

    Attributes:
        layers: One entry to a layer: sizes, kind, nodes, and the addresses of its tensors.
        buffers: Knots and mask of each layer, which live as long as the description.
        parameters: Six to a layer.
        plan: What is the same at every call.
    """

    layers: list[tuple[Any, ...]]
    buffers: list[Tensor]
    parameters: list[Tensor]
    plan: _Plan

    def is_current(self, parameters: Sequence[Tensor]) -> bool:
        """Whether everything still lies where it lay, in the same shapes; the parameters may be other objects."""
        for at, (*_, places) in enumerate(self.layers):
            own = parameters[PER_LAYER * at : PER_LAYER * (at + 1)]
            parts = (*self.buffers[2 * at : 2 * at + 2], *own)
            if not _fit(parts, self.plan.shapes[at], self.plan.dtype):
                return False
            if tuple([part.data_ptr() for part in parts]) != places:
                return False
        return True


class _Plan(NamedTuple):
    """What has been found of a network, and `guard`, which tells whether its tensors are still of that kind."""

    guard: Any
    dtype: torch.dtype
    inputs: int
    outputs: int
    edges: int
    numbers: int
    kinds: list[Kind]
    shapes: list[tuple[tuple[int, ...], ...]]
    entries: list[tuple[Any, ...]]


# Beside the modules and not in them: a forward pass keeps nothing in a model.
_PLANS: tuple[WeakKeyDictionary[Any, _Plan], ...] = (WeakKeyDictionary(), WeakKeyDictionary())


def describe(
    layers: Iterable[Layer], x: Tensor, stand_in: Mapping[int, Tensor] | None = None
) -> Description | None:
    """Layers as the kernels are told of them; None where one is of another kind, or a tensor is not as they take it.

    Args:
        layers: In order.
        x: What the first one sees, a plain tensor (batch, in).
        stand_in: Tensors whose memory is read in place of a parameter's, by the parameter's `id`.
    """
    dtype = x.dtype
    if not native.AVAILABLE or dtype not in _DTYPES or not x.is_cpu or any(_HOOKS_OF_ALL):
        return None
    kinds, tensors = list[Kind](), list[Any]()
    buffers, parameters = list[Any](), list[Any]()
    for layer in layers:
        kind = _kind(layer)
        if kind is None:
            return None
        kinds.append(kind)
        held, own = layer._modules["basis"]._buffers, layer_parameters(layer)
        pair = (held["knots"], held["mask"])
        buffers += pair
        parameters += own
        tensors += (*pair, *own)
    plan = _plan(layers, kinds, tensors, dtype)
    if plan is None or x.ndim != 2 or x.shape[1] != plan.inputs or not x.shape[0]:
        return None
    read = tensors if stand_in is None else [stand_in.get(id(part), part) for part in tensors]
    places = [part.data_ptr() for part in read]
    if not all(places):  # freed, or never filled
        return None
    described = [
        (*entry, tuple(places[_TENSORS * at : _TENSORS * (at + 1)])) for at, entry in enumerate(plan.entries)
    ]
    return Description(described, buffers, parameters, plan)


def _kind(layer: nn.Module) -> Kind | None:
    """Kind of the edges and nodes; None where kernels do not know it, or a module does not run as it is written."""
    modules = layer._modules
    spline, nodes = modules["basis"], modules["nodes"]
    if type(layer) is not Layer or type(spline) is not KANLayer or type(nodes) is not NodeLayer:
        return None
    for module in (layer, spline, nodes):
        if module._forward_hooks or module._forward_pre_hooks or "forward" in module.__dict__:
            return None
        if module._backward_hooks or module._backward_pre_hooks:
            return None
    if modules["formula"].functions:
        return None
    ids = native.kind_ids(spline.k, spline.base_name, spline.extrapolation)
    return None if ids is None else (*ids, nodes.sums, nodes.arities)


def _plan(layers: Any, kinds: list[Kind], tensors: list[Any], dtype: torch.dtype) -> _Plan | None:
    """What is known of layers of these kinds and tensors, from an earlier call if all is as it was then."""
    plans = _PLANS[torch.is_inference_mode_enabled()]
    plan = plans.get(layers) if isinstance(layers, nn.Module) else None
    if plan is not None and plan.dtype is dtype and plan.kinds == kinds and plan.guard.check(*tensors):
        return plan
    plan = _examined(kinds, tensors, dtype)
    if plan is not None and plan.guard is not None and isinstance(layers, nn.Module):
        plans[layers] = plan
    return plan


def _examined(kinds: list[Kind], tensors: list[Any], dtype: torch.dtype) -> _Plan | None:
    edges = numbers = 0
    shapes, entries = list[tuple[tuple[int, ...], ...]](), list[tuple[Any, ...]]()
    width = first = None
    for at, kind in enumerate(kinds):
        parts = tensors[_TENSORS * at : _TENSORS * (at + 1)]
        degree, _, _, sums, arities = kind
        if type(parts[2]) not in PLAIN_TYPES or parts[2].ndim != 3:
            return None
        inputs, size, outputs = parts[2].shape
        if size <= degree or sums + sum(arities) != outputs or width not in (None, inputs):
            return None
        first = inputs if first is None else first
        width = sums + len(arities)
        pairs, ends = (inputs, outputs), ((outputs,), (outputs,), (width,), (width,))
        shapes.append(((inputs, size + degree + 1), pairs, (inputs, size, outputs), pairs, *ends))
        if not _fit(parts, shapes[-1], dtype):
            return None
        entries.append((inputs, outputs, size, *kind))
        edges, numbers = edges + inputs * outputs, numbers + inputs + 3 * outputs
    if first is None or width is None:
        return None
    return _Plan(_guard(tensors), dtype, first, width, edges, numbers, kinds, shapes, entries)


def _guard(tensors: list[Any]) -> Any:
    """Tells whether tensors are of the types, shapes, strides, devices and dispatch keys that these have."""
    if TensorGuards is None:
        return None
    return TensorGuards(
        *tensors,
        dynamic_dims_sizes=[list(part.shape) for part in tensors],
        dynamic_dims_strides=[list(part.stride()) for part in tensors],
    )


def _fit(parts: Iterable[Any], shapes: Iterable[tuple[int, ...]], dtype: torch.dtype) -> bool:
    """Whether all are plain tensors on the CPU, of one type, of these shapes, in dense rows."""
    for part, shape in zip(parts, shapes, strict=True):
        if type(part) not in PLAIN_TYPES or part.shape != shape or part.dtype is not dtype:
            return False
        if not part.is_contiguous() or not part.is_cpu or part.is_neg():
            return False
    return True
