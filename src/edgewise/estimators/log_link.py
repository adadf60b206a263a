"""Networks whose outputs are exponentials: what is predicted where curves add up to a logarithm."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network import Layer, Network, build, mask_edges, set_formulas, with_layers
from ..train import Data, predict_in_chunks

_FARTHEST = 4.0
"""Working targets are no farther from the curves than so much: counts of tiny means would be."""


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


def has_log_link(model: Network) -> bool:
    """Whether the last layer is that of `exponential_layer`.

    Args:
        model: Any network.

    Example:
        >>> has_log_link(build([2, 1]))
        False
    """
    if model.depth < 2 or model.output_scaler is not None:
        return False
    last = model.layers[-1]
    each = [[node, node] for node in range(last.in_features)]
    plain = last.formula.constants[:, [0, 2, 3]] == last.formula.constants.new_tensor([1.0, 1.0, 0.0])
    return (
        set(last.formula.names) == {"exp"}
        and last.formula.edge_index.tolist() == each
        and bool(plain.all())
        and not bool(last.basis.mask.any())
    )


def below_link(model: Network, data: Any) -> tuple[Network, Data]:
    """The network that gives logarithms, and samples with working targets: what they are to first order.

    Args:
        model: With a log link.
        data: Samples with targets, and perhaps with held-out ones.

    Source: McCullagh and Nelder 1989, "Generalized linear models", section 2.5.
    """
    below = with_layers(model, model.layers[:-1])
    held_out = data.test_x is not None and data.test_y is not None
    return below, Data(
        data.x,
        _working(below, model, data.x, data.y),
        test_x=data.test_x if held_out else None,
        test_y=_working(below, model, data.test_x, data.test_y) if held_out else None,
    )


def above(model: Network, below: Network) -> Network:
    """The network with a log link, with another one below the link.

    Args:
        model: With a log link.
        below: Gives logarithms.
    """
    return with_layers(below, [*below.layers, model.layers[-1]])


@torch.no_grad()
def _working(below: Network, model: Network, x: Any, y: Any) -> Tensor:
    x = torch.as_tensor(x, dtype=torch.float64)
    targets = torch.as_tensor(y, dtype=torch.float64).reshape(len(x), -1)
    mean = predict_in_chunks(model, x).double()
    return predict_in_chunks(below, x) + (targets / mean - 1).clamp(max=_FARTHEST)
