"""Knots of the first layer put where the solution bends."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...network import Network
from ...spline import pad_knots, project

_LINES = 513
_POWER = 2 / 3


@torch.no_grad()
def bend_first_grid(
    network: Network,
    bends: Callable[[int, Tensor], Tensor],
    *,
    floor: float = 0.5,
    loose: float = 2.0,
) -> None:
    """Place the inner knots of the first layer, in place, by the solution's second derivatives.

    A layer of width d has second derivatives like d^-2, and residuals of second order grow there like the
    sixth power of 1/d while cells help by the fourth: equal shares ask for a density of the knots like the
    second derivative to the power 2/3, and `floor` times its mean.

    Args:
        network: Its inputs are scaled to [-1, 1].
        bends: From a coordinate's number and values of the scaled coordinate, shape (values,), to the
            largest second derivative in it at each of them.
        floor: Share of the knots that is spread evenly.
        loose: Knots of a coordinate stay where no cell has more than so many times its share: a spline
            that is carried to other knots loses digits.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 2, 1], grid=8, dtype=torch.float64)
        >>> bend_first_grid(network, lambda column, s: 1 / (0.01 + s**2))
        >>> bool(network.layers[0].basis.knots[0, 3:-3].diff().min() < 0.2)
        True
    """
    spline = network.layers[0].basis
    rows = []
    s = torch.linspace(-1, 1, _LINES, dtype=torch.float64)
    for column in range(spline.in_features):
        density = bends(column, s).abs() ** _POWER
        density = density + floor * density.mean() + 1e-12
        steps = (density[1:] + density[:-1]) / 2
        total = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
        wanted = torch.linspace(0, float(total[-1]), spline.grid + 1, dtype=torch.float64)
        right = torch.searchsorted(total, wanted).clamp(1, _LINES - 1)
        share = (wanted - total[right - 1]) / (total[right] - total[right - 1])
        old = spline.knots[column, spline.k : spline.size + 1].to(torch.float64)
        new = torch.lerp(s[right - 1], s[right], share)
        new[0], new[-1] = -1.0, 1.0
        before = torch.searchsorted(s, old).clamp(0, _LINES - 1)
        shares = total[before].diff() * spline.grid / total[-1]
        rows.append(new if float(shares.max()) > loose else old)
    knots = pad_knots(torch.stack(rows), spline.k).to(spline.knots)
    spline.coef.copy_(project(spline.coef, spline.knots, knots, spline.k).coef)
    spline.knots = knots
