"""Grids of hidden layers kept snug around what their nodes give, so that no interval is wasted or missing."""

from __future__ import annotations

import torch
from torch import Tensor

from ...network import Network
from ...spline import domain, project, uniform_knots

# Share of a node's range left free on either side: other samples go further than those of the training, and
# a spline held smooth there serves them better than straight lines.
_SLACK = 0.15
_LEAST_FILL = 0.7
_LEAST_INPUT_FILL = 0.9


@torch.no_grad()
def fit_grid_ranges(model: Network, x: Tensor, *, inputs: bool = False) -> bool:
    """Move, in place, the grids that their inputs have left or fill too little of.

    Equal steps over the range of the node and a little beyond; the splines on them are the best
    approximations of the old ones. A node without spread keeps its grid.

    Args:
        model: Changed in place: knots and coefficients.
        x: Samples, shape (batch, n_columns).
        inputs: Whether the first layer's grid, too, may be moved.

    Returns:
        Whether anything was moved.

    Example:
        >>> from edgewise.network import build
        >>> model, x = build([1, 1, 1], grid=4), torch.linspace(-1, 1, 9)[:, None]
        >>> fit_grid_ranges(model, x), fit_grid_ranges(model, x)
        (True, False)
    """
    moved = False
    h = model.prepare_inputs(x)
    for at, layer in enumerate(model.layers):
        basis = layer.basis
        if at or inputs:
            low, high = h.amin(0), h.amax(0)
            span = high - low
            begin, end = domain(basis.knots, basis.k)
            least = _LEAST_FILL if at else _LEAST_INPUT_FILL
            wrong = (low < begin) | (high > end) | (span < least * (end - begin))
            wrong &= span > 1e-6 * torch.maximum(low.abs(), high.abs()).clamp_min(1e-6)
            rows = wrong.nonzero()[:, 0]
            if len(rows):
                slack = _SLACK * span[rows] if at else 0 * span[rows]
                knots = uniform_knots(low[rows] - slack, high[rows] + slack, basis.grid, basis.k)
                knots = knots.to(basis.knots)
                refit = project(
                    basis.coef[rows],
                    basis.knots[rows],
                    knots,
                    basis.k,
                    h[:, rows],
                    extrapolation=basis.extrapolation,
                )
                basis.knots[rows] = knots
                basis.coef[rows] = refit.coef
                moved = True
        h = layer(h)
    return moved
