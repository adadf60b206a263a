"""Which networks and samples fused code can train on, and where their tensors lie."""

from __future__ import annotations

from torch import Tensor, nn

from ...edges import are_plain
from ...network import Description, Network, describe, is_small, runs_by_address
from .parameters import FlatParameters


def fused_description(
    model: nn.Module, x: Tensor, y: Tensor, per_sample: Tensor | None, flat: FlatParameters
) -> Description | None:
    """A network for fused code, its trained parameters in the buffer of the flat ones; None where there is none.

    Args:
        model: Any module.
        x: Inputs, shape (batch, columns).
        y: Targets of the last layer, shape (batch, outputs).
        per_sample: What goes with each sample or error, such as weights, or None.
        flat: The parameters that are trained.

    Example:
        >>> flat = FlatParameters(list(nn.Linear(1, 1).parameters()))
        >>> fused_description(nn.Linear(1, 1), Tensor([[0.0]]), Tensor([[0.0]]), None, flat) is None
        True
    """
    if not isinstance(model, Network) or type(model).forward is not Network.forward:
        return None
    if not runs_by_address(x) or not are_plain(y, per_sample, *model.buffers()):
        return None
    if x.ndim != 2 or y.shape != (len(x), model.layers[-1].out_features) or y.dtype != x.dtype:
        return None
    description = describe(model.layers, model.prepare_inputs(x), flat.stand_in())
    if description is None or not is_small(description, len(x)):
        return None
    known = set(map(id, description.parameters))
    return description if all(id(part) in known for part in flat.parameters) else None
