"""Grids of hidden layers at the range of their inputs, with a margin on both sides; and finer ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ...layers import KANLayer
from ...network import ALWAYS, GridPolicy, Network, apply_to_network, refine, stretched_knots, walk
from ...spline import inner_knots, project

HIDDEN_GRIDS = GridPolicy("stretched", margin=0.25, usable_margin=0.6, coverage=0.7)
"""A spline has no break where inputs leave their range a little, as they do at every step."""

HIDDEN_GRIDS_IF_LEFT = replace(HIDDEN_GRIDS, coverage=0.0)
"""Grids that are only too wide stay."""


def fit_hidden_grids(network: Network, x: Tensor, policy: GridPolicy = HIDDEN_GRIDS) -> bool:
    """Move the knots of hidden layers, in place, where their inputs leave the grid or fill too little of it.

    Args:
        network: Its first layer is left alone: its grid is the domain of the equation.
        x: Points, shape (batch, n_columns).
        policy: When they move.

    Returns:
        Whether anything was moved.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 1, 1], grid=4)
        >>> fit_hidden_grids(network, torch.linspace(-1, 1, 9)[:, None])
        True
    """
    return apply_to_network(network, x, hidden=policy).moved


def place_hidden_grids(network: Network, x: Tensor) -> None:
    """Move the knots of all hidden layers, in place, as `fit_hidden_grids` does those that are stale.

    Example:
        >>> from edgewise.network import build
        >>> place_hidden_grids(build([1, 1, 1], grid=4), torch.linspace(-1, 1, 9)[:, None])
    """
    apply_to_network(network, x, hidden=replace(HIDDEN_GRIDS, coverage=ALWAYS))


@torch.no_grad()
def refine_grids(network: Network, grids: Sequence[int], x: Tensor) -> Network:
    """The network on finer grids: the same function where each grid is a multiple of the old one.

    Args:
        network: Left as it is.
        grids: Intervals of each layer.
        x: Points that tell where hidden inputs are, shape (batch, n_columns).

    Example:
        >>> from edgewise.network import build
        >>> refine_grids(build([1, 1, 1], grid=4), [8, 8], torch.linspace(-1, 1, 9)[:, None]).grid
        (8, 8)
    """
    finer = refine(network, tuple(grids)).model
    for l, layer, h in walk(network, x):
        if l:
            old, new = layer.basis, finer.layers[l].basis
            knots = _finer_knots(old, h, new.grid)
            refit = project(old.coef, old.knots, knots, old.k, h, extrapolation=old.extrapolation)
            new.knots.copy_(knots)
            new.coef.copy_(refit.coef)
    return finer


def _finer_knots(old: KANLayer, h: Tensor, grid: int) -> Tensor:
    """More cells between the margins that there are, or anew where inputs have left them."""
    begin, end, _ = HIDDEN_GRIDS.extent(old)
    ends = inner_knots(old.knots, old.k)[:, [0, -1]]
    knots = stretched_knots(begin, end, ends[:, 0], ends[:, 1], grid, old.k)
    stale = HIDDEN_GRIDS_IF_LEFT.is_stale(old, h).nonzero()[:, 0]
    knots[stale] = HIDDEN_GRIDS.knots(old, h, grid, stale)
    return knots
