"""Move grids in place by a policy: of one layer, or of a network from the inputs upwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...layers import KANLayer, LinearEdgeLayer, capability
from ...spline import project
from ..inputs import as_inputs
from ..network import Network
from ..walk import walk
from .policy import ALWAYS, GridPolicy

UPDATE_GRID = GridPolicy("quantiles", coverage=ALWAYS, whole_layer=True)
"""Of `update_grid`: every grid follows the samples."""


@dataclass(frozen=True)
class GridMove:
    """What moving grids did.

    Args:
        moved: Whether any grid was moved.
        max_residual: Largest RMS change of any edge on the samples.
    """

    moved: bool
    max_residual: float = 0.0


def update_grid(model: Network, x: Any) -> float:
    """Adapt every layer's knots to the range of its inputs, in place, keeping the outputs.

    Coefficients are refitted layer by layer, each on the current outputs of the layers below. A column
    without spread keeps its knots.

    Args:
        model: Changed in place: knots and coefficients.
        x: Samples, in any form `trace` takes.

    Returns:
        Largest RMS change of any edge's spline on the samples.

    Raises:
        InputError: `x` holds no sample or a value that is not finite.

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.2 (update of spline grids).

    Example:
        >>> from edgewise.network import build
        >>> update_grid(build([2, 5, 1]), torch.linspace(-2, 2, 100).reshape(50, 2)) < 1e-2
        True
    """
    move_grid.require("update_grid", [layer.basis for layer in model.layers])
    x = as_inputs(x, model, "update_grid")
    return apply_to_network(model, x, hidden=UPDATE_GRID, inputs=UPDATE_GRID).max_residual


@torch.no_grad()
def apply_to_network(
    model: Network, x: Tensor, *, hidden: GridPolicy, inputs: GridPolicy | None = None
) -> GridMove:
    """Move the stale grids of a network, in place, each layer's by what the layers below now give.

    It is all or nothing: where an error ends it, grids that were moved before are put back. Layers whose kind has
    no grid that can be moved are left as they are.

    Args:
        model: Changed in place: knots and coefficients.
        x: Samples, shape (..., n_columns).
        hidden: Policy of all layers but the first.
        inputs: Policy of the first layer; None leaves its grid as it is.

    Example:
        >>> from edgewise.network import build
        >>> model, policy = build([1, 1, 1], grid=4), GridPolicy("uniform", margin=0.1, coverage=0.5)
        >>> apply_to_network(model, torch.linspace(-1, 1, 9)[:, None], hidden=policy).moved
        True
    """
    before: list[tuple[Tensor, Tensor]] = []
    moved, residual = False, 0.0
    try:
        for l, layer, h in walk(model, x):
            policy = hidden if l else inputs
            if policy is None or not move_grid.supports(layer.basis):
                continue
            tensors = [getattr(layer.basis, name) for name in ("coef", *layer.basis.input_tensors)]
            before += [(tensor, tensor.clone()) for tensor in tensors]
            move = move_grid(layer.basis, h.reshape(-1, h.shape[-1]), policy)
            moved, residual = moved or move.moved, max(residual, move.max_residual)
    except BaseException:
        for tensor, value in before:
            tensor.copy_(value)
        raise
    return GridMove(moved, residual)


@capability("have a grid that can be moved", "Leave the grids where they are: fit(..., update_grid=False).")
def move_grid(layer: LinearEdgeLayer, x: Tensor, policy: GridPolicy) -> GridMove:
    """Move the grids of one layer that are stale, in place.

    Args:
        layer: Changed in place: its coefficients and what it holds of each input.
        x: What the layer sees, shape (batch, in).
        policy: When a grid is stale, and where it goes.

    Example:
        >>> layer = KANLayer(1, 1)
        >>> move_grid(layer, torch.linspace(-2, 2, 9)[:, None], GridPolicy("uniform")).moved
        True
    """
    raise NotImplementedError


@move_grid.register(KANLayer)
@torch.no_grad()
def _moved(layer: KANLayer, x: Tensor, policy: GridPolicy) -> GridMove:
    stale = policy.is_stale(layer, x)
    if policy.whole_layer:
        stale = stale.any().expand_as(stale)
    rows = (stale & ~policy.is_constant(x)).nonzero()[:, 0]
    if not len(rows):
        return GridMove(False)
    knots = layer.knots.clone()
    knots[rows] = policy.knots(layer, x, layer.grid, rows).to(knots)
    residual = set_knots(layer, knots, x)
    return GridMove(True, float((residual * spline_weight(layer)).max()))


@torch.no_grad()
def set_knots(layer: KANLayer, knots: Tensor, x: Tensor | None = None) -> Tensor:
    """Put the splines of a layer on other knots, in place, as near to what they were as can be.

    Args:
        layer: Changed in place: knots and coefficients. Splines whose knots stay keep their coefficients.
        knots: Padded knots, as many as there are.
        x: Samples on which an approximation has to be good, shape (batch, in); all of the domain if None.

    Returns:
        RMS change of each spline, shape (in, out).

    Example:
        >>> layer = KANLayer(1, 1)
        >>> float(set_knots(layer, layer.knots.clone()))
        0.0
    """
    rows = (knots != layer.knots).any(1)
    residual = torch.zeros_like(layer.scale_base)
    if bool(rows.any()):
        near = None if x is None else x[:, rows]
        refit = project(
            layer.coef[rows], layer.knots[rows], knots[rows], layer.k, near, extrapolation=layer.extrapolation
        )
        layer.coef[rows], residual[rows] = refit.coef, refit.residual
        layer.knots.copy_(knots)
    return residual


def spline_weight(layer: KANLayer) -> Tensor:
    """What an edge's spline is multiplied with, without its sign, shape (in, out).

    Example:
        >>> spline_weight(KANLayer(1, 2)).tolist()
        [[1.0, 1.0]]
    """
    return layer.mask.abs()
