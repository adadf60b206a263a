"""Grids of hidden layers brought to the range that their inputs have."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network import Network
from ..spline import domain
from ..spline.knots import uniform_knots
from ..spline.refit import project


@torch.no_grad()
def fit_hidden_grids(network: Network, x: Tensor, *, slack: float = 0.05, loose: float = 0.3) -> bool:
    """Move the knots of hidden layers, in place, where their inputs leave the grid or fill too little of it.

    The splines on the new knots are the best approximations of the old ones.

    Args:
        network: Its first layer is left alone: its grid is the domain of the equation.
        x: Points, shape (batch, in_columns).
        slack: Room left on both sides, as a share of the range.
        loose: Share of the grid that may be empty before it is moved.

    Returns:
        Whether anything was moved.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 1, 1], grid=4)
        >>> fit_hidden_grids(network, torch.linspace(-1, 1, 9)[:, None])
        True
    """
    moved = False
    h = network.enter(x)
    for at, stage in enumerate(network.stages):
        spline = stage.spline
        if at:
            low, high = h.amin(0), h.amax(0)
            span = (high - low).clamp_min(1e-6)
            begin, end = domain(spline.knots, spline.k)
            wrong = (low < begin) | (high > end) | (span < (1 - loose) * (end - begin))
            if bool(wrong.any()):
                fresh = uniform_knots(low - slack * span, high + slack * span, spline.grid, spline.k)
                knots = torch.where(wrong[:, None], fresh, spline.knots)
                refit = project(
                    spline.coef, spline.knots, knots, spline.k, h, extrapolation=spline.extrapolation
                )
                spline.knots.copy_(knots)
                spline.coef.copy_(refit.coef)
                moved = True
        h = stage(h)
    return moved
