"""What the symbolic verbs read off a network: a float64 copy, its numbers, the edges that lead to an output."""

from __future__ import annotations

import torch
from torch import Tensor

from ...network import Edge, Model, Network, duplicate


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
