"""Curves of edges as samples: what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..._tensors import even_places
from ...network import Edge, Network, trace

_ROWS = 2000
_GRID_POINTS = 200


def edge_curves(model: Network, edges: Sequence[Edge], x: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs and outputs of edges on samples, as columns (n, edges) each; formula edges included.

    Args:
        model: A float64 network.
        edges: Addresses.
        x: Samples; of more than 2000, so many are taken evenly.
    """
    seen = trace(model, x[even_places(len(x), _ROWS)], edges=False)
    inputs, outputs = [], []
    with torch.no_grad():
        for l, layer in enumerate(model.layers):
            pairs = [(i, j) for place, i, j in edges if place == l]
            h = seen.layers[l].inputs
            values = layer.edges(h) if pairs else h
            for i, j in pairs:
                inputs.append(h[:, i])
                outputs.append(values[:, i, j])
    order = sorted(range(len(edges)), key=lambda place: edges[place][0])
    back = torch.tensor(order).argsort()
    return torch.stack(inputs, 1)[:, back], torch.stack(outputs, 1)[:, back]


def grid_curve(model: Network, edge: Edge) -> tuple[Tensor, Tensor]:
    """Input and output (n, 1) of one edge at even points of its interval."""
    layer, i, j = edge
    basis = model.layers[layer].basis.select([i], [j])
    low, high = basis.interval()
    h = torch.linspace(float(low), float(high), _GRID_POINTS, dtype=torch.float64)[:, None]
    with torch.no_grad():
        return h, basis(h)
