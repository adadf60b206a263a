"""Fitting one learnable edge to a curve."""

from __future__ import annotations

import torch
from torch import Tensor

from ..layers import KANLayer, LinearEdgeLayer, capability
from ..spline import fit_coef


@capability("have edges that can be fitted to a curve", "Leave the edge as it is.")
def fit_edge_(
    layer: LinearEdgeLayer, i: int, j: int, h: Tensor, values: Tensor, *, add: bool = False
) -> None:
    """Set the weights of one edge, in place, to the best fit of a curve, or add that to what the edge is.

    Args:
        layer: Changed in place. An edge that is off stays off.
        i: Input.
        j: Output.
        h: Where the curve is known, shape (n, 1), in float64 on the CPU.
        values: Its values there, shape (n,).
        add: Whether the edge keeps its own curve, to which the new one is added.

    Example:
        >>> layer = KANLayer(1, 1, dtype=torch.float64)
        >>> h = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
        >>> fit_edge_(layer, 0, 0, h, 2 * h[:, 0])
        >>> bool((layer(h) - 2 * h).abs().max() < 1e-9)
        True
    """
    raise NotImplementedError


@fit_edge_.register(LinearEdgeLayer)  # type: ignore[type-abstract]
@torch.no_grad()
def _fit_features(
    layer: LinearEdgeLayer, i: int, j: int, h: Tensor, values: Tensor, *, add: bool = False
) -> None:
    features = layer.select([i], [j]).double().cpu().features(h)[:, 0]
    found = torch.linalg.lstsq(features, values[:, None]).solution[:, 0].to(layer.coef)
    layer.coef[i, :, j] = found + layer.coef[i, :, j] if add else found


@fit_edge_.register(KANLayer)
@torch.no_grad()
def _fit_spline(layer: KANLayer, i: int, j: int, h: Tensor, values: Tensor, *, add: bool = False) -> None:
    knots = layer.knots[i : i + 1].to(h)
    found = fit_coef(h, values[:, None, None], knots, layer.k).coef[0, :, 0].to(layer.coef)
    layer.coef[i, :, j] = found + layer.coef[i, :, j] if add else found
    if not add:
        layer.scale_base[i, j] = 0.0
