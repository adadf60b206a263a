"""Where the grids of a solution lie: the first by its second derivatives, hidden ones by the range of their inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ...layers import KANLayer
from ...network import (
    ALWAYS,
    GridPolicy,
    Network,
    apply_to_network,
    refine,
    set_knots,
    stretched_knots,
    walk,
)
from ...spline import inner_knots, pad_knots, project

_SAMPLES = 513
_DENSITY_POWER = 2 / 3

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


@torch.no_grad()
def adapt_input_knots(
    network: Network,
    second_derivatives: Callable[[int, Tensor], Tensor],
    *,
    floor: float = 0.5,
    max_share: float = 2.0,
) -> None:
    """Place the inner knots of the first layer, in place, by the solution's second derivatives.

    A boundary layer of width d has second derivatives of size d^-2. Residuals of second order grow there as d^-6,
    and cells help by the fourth power of their number: equidistributing the error gives a knot density
    proportional to |u''|^(2/3), here with `floor` times its mean added.

    Args:
        network: Its inputs are scaled to [-1, 1].
        second_derivatives: From a coordinate's number and values of the scaled coordinate, shape (values,), to
            the largest second derivative in it at each of them.
        floor: Share of the knots that is spread evenly.
        max_share: Knots of a coordinate stay where no cell has more than so many times its share of the error: a
            spline that is carried to other knots loses digits.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 2, 1], grid=8, dtype=torch.float64)
        >>> adapt_input_knots(network, lambda column, s: 1 / (0.01 + s**2))
        >>> bool(network.layers[0].basis.knots[0, 3:-3].diff().min() < 0.2)
        True
    """
    spline = network.layers[0].basis
    rows = []
    s = torch.linspace(-1, 1, _SAMPLES, dtype=torch.float64)
    for column, old in enumerate(inner_knots(spline.knots, spline.k).to(torch.float64)):
        density = second_derivatives(column, s).abs() ** _DENSITY_POWER
        density = density + floor * density.mean() + 1e-12
        steps = (density[1:] + density[:-1]) / 2
        total = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
        shares = total[torch.searchsorted(s, old).clamp(0, _SAMPLES - 1)].diff() * spline.grid / total[-1]
        rows.append(_equidistributed(s, total, spline.grid) if float(shares.max()) > max_share else old)
    set_knots(spline, pad_knots(torch.stack(rows), spline.k).to(spline.knots))


def _equidistributed(s: Tensor, total: Tensor, grid: int) -> Tensor:
    """Inner knots (grid + 1) that divide a cumulative density `total` at `s` into equal parts."""
    targets = torch.linspace(0, float(total[-1]), grid + 1, dtype=torch.float64)
    right = torch.searchsorted(total, targets).clamp(1, len(s) - 1)
    share = (targets - total[right - 1]) / (total[right] - total[right - 1])
    knots = torch.lerp(s[right - 1], s[right], share)
    knots[0], knots[-1] = s[0], s[-1]
    return knots
