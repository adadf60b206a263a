"""The exact Jacobian of a network's outputs with respect to its parameters, from the sums over its edges.

The derivative of an output with respect to a coefficient is (d output / d node) times one basis value, so each
sample has `k + 1` non-zeros per edge whatever the grid: where the matrix is mostly zeros, rows are stored sparsely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ...errors import InputError
from ...layers import KANLayer, LinearEdgeLayer, NodeLayer, capability
from ...optim import DenseJacobian, SparseRows
from ..layer import Layer
from ..network import Network
from ..walk import forward_with

_SPARSE_FROM = 6
"""Parameters to a stored entry from which on rows are kept by their non-zeros."""


class Block(NamedTuple):
    """Entries of the Jacobian in one parameter: (batch, outputs, entries), and where those stand in it."""

    parameter: nn.Parameter
    values: Tensor
    places: Tensor


@dataclass(frozen=True)
class _Passed:
    """What one layer saw and gave on the way up."""

    features: Tensor
    slopes: Tensor | None
    sums: Tensor


def has_jacobian(model: nn.Module) -> bool:
    """Whether `output_jacobian` serves the model: a network of learnable edges and nodes alone.

    Example:
        >>> from edgewise.network import build
        >>> has_jacobian(build([2, 5, 1])), has_jacobian(nn.Linear(1, 1))
        (True, False)
    """
    return (
        isinstance(model, Network)
        and type(model).forward is Network.forward
        and all(type(layer) is Layer and not len(layer.formula.edge_index) for layer in model.layers)
        and all(_is_known(layer.basis) for layer in model.layers)
    )


def _is_known(basis: nn.Module) -> bool:
    """Whether the weights are what `weight_blocks` takes them for, and nothing else of the layer is trained."""
    if isinstance(basis, KANLayer):
        return True
    trained = {name for name, value in basis.named_parameters() if value.requires_grad}
    return type(basis).weights is LinearEdgeLayer.weights and trained <= {"coef"}


@torch.no_grad()
def output_jacobian(
    model: Network, x: Tensor, parameters: Sequence[nn.Parameter] | None = None
) -> tuple[Tensor, DenseJacobian | SparseRows]:
    """Outputs at `x`, and their derivatives in the parameters.

    Args:
        model: A network of learnable edges, products allowed.
        x: Inputs, shape (batch, n_columns).
        parameters: In this order; all that require gradients if None.

    Returns:
        Outputs (batch, outputs), and a Jacobian of batch * outputs rows, the outputs of a sample together.

    Raises:
        InputError: the network holds formula edges.

    Example:
        >>> from edgewise.network import build
        >>> outputs, jacobian = output_jacobian(build([2, 3, 1], grid=4), torch.zeros(5, 2))
        >>> jacobian.shape
        (5, 72)

    Cost: one evaluation of the bases and of their slopes, and outputs times one backward pass.
    """
    if not has_jacobian(model):
        raise InputError(
            "output_jacobian: model must be a network of learnable edges; got formula edges or another module. "
            "Use train.jacobian.module_jacobian."
        )
    wanted = [p for p in model.parameters() if p.requires_grad] if parameters is None else list(parameters)
    outputs, passed = _up(model, x)
    rows = outputs.shape[0] * outputs.shape[1]
    known = {id(parameter) for parameter in wanted}
    blocks = [block for block in _down(model, passed, outputs) if id(block.parameter) in known]
    starts, columns = {}, 0
    for parameter in wanted:
        starts[id(parameter)] = columns
        columns += parameter.numel()
    entries = sum(block.values.shape[2] for block in blocks)
    if _SPARSE_FROM * entries < columns:
        places = [starts[id(block.parameter)] + block.places for block in blocks]
        spread = [
            p[:, None].expand(b.values.shape).reshape(rows, -1) for p, b in zip(places, blocks, strict=True)
        ]
        values = torch.cat([block.values.reshape(rows, -1) for block in blocks], 1)
        return outputs, SparseRows(torch.cat(spread, 1), values, columns)
    matrix = outputs.new_zeros(*outputs.shape, columns)
    for block in blocks:
        start = starts[id(block.parameter)]
        part = matrix[..., start : start + block.parameter.numel()]
        part.scatter_(2, block.places[:, None].expand(block.values.shape), block.values)
    return outputs, DenseJacobian(matrix.view(rows, columns))


def _up(model: Network, x: Tensor) -> tuple[Tensor, list[_Passed]]:
    passed = list[_Passed]()

    def run(l: int, layer: Layer, h: Tensor) -> Tensor:
        features = layer.basis.features(h)
        sums = layer.basis.sums(features)
        passed.append(_Passed(features, layer.basis.features(h, 1) if l else None, sums))
        return layer.nodes(sums)

    return forward_with(model, model.prepare_inputs(x), run), passed


def _down(model: Network, passed: list[_Passed], outputs: Tensor) -> list[Block]:
    """Blocks of all parameters, the last layer's first."""
    blocks: list[Block] = []
    for layer, seen, above, delta in _deltas(model, passed, outputs):
        blocks += _node_blocks(layer.nodes, seen.sums, above)
        blocks += weight_blocks(layer.basis, seen.features, delta)
    return blocks


def _deltas(
    model: Network, passed: list[_Passed], outputs: Tensor
) -> Iterator[tuple[Layer, _Passed, Tensor, Tensor]]:
    """From the last layer down: derivatives of the outputs in its nodes and in its sums."""
    scale = torch.ones_like(outputs[0]) if model.output_scaler is None else model.output_scaler.scale
    above = torch.diag(scale).expand(len(outputs), -1, -1)
    for layer, seen in zip(reversed(list(model.layers)), reversed(passed), strict=True):
        delta = _through_products(layer.nodes, seen.sums, above)[1] * layer.nodes.subnode_scale
        yield layer, seen, above, delta
        if seen.slopes is not None:
            inner = torch.einsum("nip,ipo->nio", seen.slopes, layer.basis.weights())
            above = delta @ inner.transpose(1, 2)


@torch.no_grad()
def sum_slopes(model: Network, x: Tensor) -> list[Tensor]:
    """Derivatives of the outputs in the sums of every layer, (batch, outputs, subnodes) each, in order.

    Example:
        >>> from edgewise.network import build
        >>> [tuple(part.shape) for part in sum_slopes(build([2, 3, 1]), torch.zeros(5, 2))]
        [(5, 1, 3), (5, 1, 1)]
    """
    outputs, passed = _up(model, x)
    return [delta for *_, delta in _deltas(model, passed, outputs)][::-1]


def _through_products(nodes: NodeLayer, sums: Tensor, delta: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes before their affine map, and the derivative in the shifted sub-nodes."""
    shifted = torch.addcmul(nodes.subnode_bias, sums, nodes.subnode_scale)
    inner = delta * nodes.node_scale
    if not nodes.arities:
        return shifted, inner
    local = shifted.new_zeros(len(sums), nodes.nodes, nodes.subnodes)
    values = shifted.new_ones(len(sums), nodes.nodes)
    for node in range(nodes.nodes):
        members = list(nodes.members(node))
        values[:, node] = shifted[:, members].prod(1)
        for member in members:
            others = [other for other in members if other != member]
            local[:, node, member] = shifted[:, others].prod(1)
    return values, inner @ local


def _node_blocks(nodes: NodeLayer, sums: Tensor, delta: Tensor) -> list[Block]:
    values, inner = _through_products(nodes, sums, delta)
    return [
        _whole(nodes.node_bias, delta),
        _whole(nodes.node_scale, delta * values[:, None]),
        _whole(nodes.subnode_bias, inner),
        _whole(nodes.subnode_scale, inner * sums[:, None]),
    ]


@capability("have weights whose derivatives are known", "Use opt='LBFGS'.")
def weight_blocks(layer: LinearEdgeLayer, features: Tensor, delta: Tensor) -> list[Block]:
    """Blocks of a layer's parameters from its features and the derivatives of the outputs in its sums."""
    raise NotImplementedError


@weight_blocks.register(LinearEdgeLayer)  # type: ignore[type-abstract]
def _coefficient_blocks(layer: LinearEdgeLayer, features: Tensor, delta: Tensor) -> list[Block]:
    entries = features[:, None, :, :, None] * (delta[:, :, None, :] * layer.mask)[..., None, :]
    return [_whole(layer.coef, entries.flatten(2))]


@weight_blocks.register(KANLayer)
def _spline_blocks(layer: KANLayer, features: Tensor, delta: Tensor) -> list[Block]:
    base, values = features[..., 0], features[..., 1:]
    batch, outputs, _ = delta.shape
    blocks = []
    if layer.scale_base.requires_grad:
        entries = base[:, None, :, None] * delta[:, :, None, :] * layer.mask
        blocks.append(_whole(layer.scale_base, entries.flatten(2)))
    size, count = layer.size, min(layer.k + 1, layer.size)
    # The k + 1 basis functions at a point are neighbours: from the first that is not zero on.
    first = (values != 0).to(torch.uint8).argmax(-1).clamp_max(size - count)
    near = first[..., None] + torch.arange(count, device=first.device)
    local = values.gather(-1, near)
    entries = local[:, None, :, :, None] * (delta[:, :, None, :] * layer.mask)[..., None, :]
    rows = torch.arange(layer.in_features, device=first.device)[:, None] * size + near
    places = rows[..., None] * layer.out_features + torch.arange(layer.out_features, device=first.device)
    blocks.append(Block(layer.coef, entries.reshape(batch, outputs, -1), places.reshape(batch, -1)))
    return blocks


def _whole(parameter: nn.Parameter, values: Tensor) -> Block:
    places = torch.arange(parameter.numel(), device=values.device).expand(len(values), -1)
    return Block(parameter, values, places)
