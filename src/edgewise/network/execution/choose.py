"""Choose the forward pass of a network: fused, layer by layer in C++, or module by module."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ...edges import is_observed, is_plain
from ..layer import Layer
from .description import Description, describe
from .fused import fused_forward
from .layerwise import layerwise_forward
from .penalised import PenaltyNumbers, PlainRun, fused_with_penalty, layerwise_with_penalty

_MAX_EDGES = 2000
_MAX_NUMBERS = 2**22


def fast_forward(layers: Sequence[Layer], x: Tensor) -> Tensor | None:
    """Outputs of the last layer from what the first one sees; None where modules have to run one by one.

    Args:
        layers: The network's.
        x: Inputs of the first layer, shape (batch, in).
    """
    x, description = _described(layers, x)
    if description is None:
        return None
    if is_small(description, len(x)):
        return fused_forward(layers, description, x)
    return layerwise_forward(layers, description, x) if _has_fixed_sums(layers) else None


def fast_forward_with_penalty(
    layers: Sequence[Layer], x: Tensor, numbers: PenaltyNumbers, plain: PlainRun
) -> tuple[Tensor, Tensor] | None:
    """Outputs as by `fast_forward`, and the sparsity penalty; None where modules have to run one by one.

    Args:
        layers: The network's.
        x: Inputs of the first layer, shape (batch, in).
        numbers: What the penalty counts.
        plain: The same in plain torch, for gradients of a higher order.
    """
    x, description = _described(layers, x)
    if description is None:
        return None
    if is_small(description, len(x)):
        return fused_with_penalty(description, x, numbers, plain)
    return layerwise_with_penalty(description, x, numbers, plain) if _has_fixed_sums(layers) else None


def _described(layers: Sequence[Layer], x: Tensor) -> tuple[Tensor, Description | None]:
    """Inputs in one piece, and what compiled code needs to know of the layers; None where it cannot run."""
    if not runs_by_address(x):
        return x, None
    x = x.contiguous()
    return x, describe(layers, x)


def runs_by_address(x: Tensor) -> bool:
    """Whether torch is at work on plain numbers, with nobody who must be told of each step."""
    if is_observed() or torch.is_autocast_enabled("cpu") or forward_ad._current_level >= 0:
        return False
    return is_plain(x)


def is_small(description: Description, batch: int) -> bool:
    """Whether the calls between layers would take most of the time."""
    return description.plan.edges <= _MAX_EDGES and batch * description.plan.numbers <= _MAX_NUMBERS


def _has_fixed_sums(layers: Sequence[Layer]) -> bool:
    """Whether nodes are sums, and their affine maps are not trained."""
    nodes = [layer._modules["nodes"] for layer in layers]
    return not any(node.arities or any(p.requires_grad for p in node._parameters.values()) for node in nodes)
