"""Grids kept at the range of what their nodes give, so that least squares waste and miss no interval."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from ...network import GridPolicy, Network, apply_to_network

# A margin, as other samples go further than those of the training, and a spline held smooth there serves them
# better than straight lines.
HIDDEN_RANGE = GridPolicy("uniform", margin=0.15, coverage=0.7, min_span=1e-6)
"""Of hidden layers: equal steps over the range of the node and a little beyond."""

INPUT_RANGE = replace(HIDDEN_RANGE, margin=0.0, coverage=0.9)
"""Of the first layer: equal steps over the range of the samples."""


def fit_grid_ranges(model: Network, x: Tensor, *, inputs: bool = False) -> bool:
    """Move, in place, the grids that their inputs have left or fill too little of.

    The splines on them are the best approximations of the old ones. A node without spread keeps its grid.

    Args:
        model: Changed in place: knots and coefficients.
        x: Samples, shape (batch, n_columns).
        inputs: Whether the first layer's grid, too, may be moved.

    Returns:
        Whether anything was moved.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> model, x = build([1, 1, 1], grid=4), torch.linspace(-1, 1, 9)[:, None]
        >>> fit_grid_ranges(model, x), fit_grid_ranges(model, x)
        (True, False)
    """
    return apply_to_network(model, x, hidden=HIDDEN_RANGE, inputs=INPUT_RANGE if inputs else None).moved
