"""A network whose outputs are exponentials: what is predicted where curves add up to a logarithm."""

from __future__ import annotations

from torch import Tensor

from ..network import Layer, Network, build, mask_edges, set_formulas


def exponential_layer(shift: Tensor) -> Layer:
    """The layer exp(h + shift), node by node.

    Args:
        shift: Shape (outputs,).

    Example:
        >>> import torch
        >>> exponential_layer(torch.zeros(1).double()).formula.names
        ('exp',)
    """
    count = len(shift)
    network: Network = build([count, count], grid=1, base="zero", dtype=shift.dtype)
    every = [(0, i, j) for i in range(count) for j in range(count)]
    network = mask_edges(network, every)
    affine = {(0, i, i): ("exp", (1.0, float(shift[i]), 1.0, 0.0)) for i in range(count)}
    return set_formulas(network, affine).layers[0]
