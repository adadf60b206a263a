"""`prune_by_loss`: prune as much as leaves the outputs nearly as they are."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import InputError
from ..network import Model
from ..train import predict_in_chunks
from .prune import Pruned, prune, prune_inputs


def prune_by_loss(
    model: Model,
    x: Tensor,
    *,
    tolerance: float = 0.01,
    thresholds: Sequence[float] = (3e-2, 1e-2, 3e-3),
) -> Pruned[Model]:
    """Prune at the first threshold that leaves the outputs nearly as they are, inputs without influence included.

    `prune` cuts what scores low; here the outputs are looked at afterwards, their means are put back, and a gentler
    threshold is taken where they changed too much.

    Args:
        model: Left as it is.
        x: Samples to score and to compare on, shape (batch, n_columns).
        tolerance: Largest mean square change of an output, as a share of its variance.
        thresholds: What nodes and edges must score to stay, the boldest first.

    Returns:
        `Pruned`: the new network and what went; an equal network and nothing where every threshold changed
        the outputs too much, or where they do not vary.

    Raises:
        InputError: `tolerance` is negative.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.rand(100, 2)
        >>> model = build([2, 5, 1], seed=0)
        >>> small = prune_by_loss(model, x, tolerance=0.2).model
        >>> bool((small(x) - model(x)).square().mean() <= 0.2 * model(x).var())
        True
    """
    if not tolerance >= 0:
        raise InputError(
            f"prune_by_loss: tolerance must be at least 0; got {tolerance!r}. The default is 0.01."
        )
    outputs = predict_in_chunks(model, x)
    if len(x) < 2 or not bool((outputs.std(0, correction=0) > 0).any()):
        return Pruned(copy.deepcopy(model), (), (), ())
    spread = outputs.var(0, correction=0).clamp_min(torch.finfo(outputs.dtype).tiny)
    for threshold in thresholds:
        small = prune(model, x, node_threshold=threshold, edge_threshold=threshold)
        left = predict_in_chunks(small.model, x)
        # Above a formula, such as the exponential of a log link, a constant would make another law.
        shift = (outputs - left).mean(0) * (not model.layers[-1].formula.functions)
        change = ((left + shift - outputs).square().mean(0) / spread).max()
        if float(change) <= tolerance:
            used = prune_inputs(_recentred(small.model, shift), x, threshold=0.0)
            return Pruned(used.model, small.edges, small.nodes, used.inputs, small.merges, float(change))
    return Pruned(copy.deepcopy(model), (), (), ())


@torch.no_grad()
def _recentred(model: Model, shift: Tensor) -> Model:
    """The same network with a constant added to each output, as curves above what was cut shift their means."""
    new = copy.deepcopy(model)
    scaler = new.output_scaler
    new.layers[-1].nodes.node_bias += (shift if scaler is None else shift / scaler.scale).to(new.dtype)
    return new
