"""What the symbolic verbs read off a network: a float64 copy, its numbers, the edges that lead to an output."""

from __future__ import annotations

import torch
from torch import Tensor

from ...network import Edge, Layer, Model, Network, duplicate
from .edge_search.description_length import FREE_CONSTANTS, free_numbers


def float64_copy(model: Model) -> Model:
    """An independent copy in float64 on the CPU."""
    return duplicate(model).to("cpu", torch.float64)


def decimals(values: Tensor) -> list[float]:
    """Numbers of a tensor, those of narrow dtypes as the shortest decimals that stand for them.

    Example:
        >>> decimals(torch.tensor([0.1, 2.5]))
        [0.1, 2.5]
    """
    flat = values.detach().cpu().reshape(-1)
    if flat.dtype == torch.float64:
        return flat.tolist()
    return [float(str(number)) for number in flat.float().numpy()]


def origin(model: Network, edge: Edge) -> float:
    """Input of an edge where the variable that it reads is 0: 0, but for a scaler before the first layer.

    Example:
        >>> from edgewise.network import build
        >>> origin(build([2, 1]), (0, 1, 0))
        0.0
    """
    scaler = model.input_scaler
    if edge[0] > 0 or scaler is None:
        return 0.0
    return float(-scaler.shift[edge[1]] / scaler.scale[edge[1]])


def reachable_edges(model: Network) -> list[Edge]:
    """Edges that are on and lead to an output, in order."""
    wanted = set(range(model.layers[-1].out_features))
    found: list[Edge] = []
    for l in reversed(range(model.depth)):
        layer = model.layers[l]
        subnodes = {member for node in wanted for member in layer.nodes.members(node)}
        on = (layer.basis.mask != 0) | (layer.formula.mask != 0)
        edges = [(l, i, j) for i, j in on.nonzero().tolist() if j in subnodes]
        found = edges + found
        wanted = {i for _, i, _ in edges}
    return found


def edge_constants(layer: Layer, i: int, j: int) -> int:
    """How many numbers of one edge samples must determine: coefficients of a spline, or constants of a formula.

    Example:
        >>> from edgewise.network import build, set_formula
        >>> edge_constants(set_formula(build([1, 1]), (0, 0, 0), "exp").layers[0], 0, 0)
        3
    """
    found = layer.formula.get(i, j)
    if found is None:
        return layer.basis.size
    return sum(FREE_CONSTANTS[found[0].kind]) + free_numbers(found[0])


def count_constants(model: Network) -> int:
    """The same of all edges that lead to an output.

    Example:
        >>> from edgewise.network import build, set_formula
        >>> count_constants(set_formula(build([1, 1]), (0, 0, 0), "sin"))
        4
    """
    return sum(edge_constants(model.layers[l], i, j) for l, i, j in reachable_edges(model))
