"""The samples of many edges, put on one scale for the search of functions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...._tensors import even_places
from ....errors import InputError, ShapeError


@dataclass(frozen=True)
class Samples:
    """Edge samples in standard units: u in [-1, 1], v with mean 0 and variance 1, sorted by u.

    Attributes:
        u: Standardised inputs (E, B), ascending in each row.
        v: Standardised outputs (E, B).
        centre: Middle of each edge's input range (E,).
        half: Half of each edge's input range (E,); 1 where the range is a point.
        mean: Mean of each edge's output (E,).
        scale: Standard deviation of each edge's output (E,); 1 where it is constant.
        varies: False (E,) where input or output is constant to rounding.
        constant: True (E,) where the output is constant to rounding.
    """

    u: Tensor
    v: Tensor
    centre: Tensor
    half: Tensor
    mean: Tensor
    scale: Tensor
    varies: Tensor
    constant: Tensor

    def rows(self, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Give u and v of the edges listed, (len(edges), B) each."""
        return self.u[edges], self.v[edges]

    def in_units_of_x(self, a: Tensor, b: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Turn a u + b into a' x + b' with the same argument."""
        slope = a / self.half[edges]
        return slope, b - slope * self.centre[edges]


def standardise(x: Tensor, y: Tensor, n_points: int) -> Samples:
    """Check, sort, thin and scale the samples of all edges.

    Args:
        x: Inputs (B, E).
        y: Outputs (B, E).
        n_points: Samples kept per edge, evenly spaced in rank, both ends among them.

    Returns:
        The samples in standard units, in float64.

    Raises:
        ShapeError: When x and y are not matrices of one shape with at least one row.
        InputError: When a value is not finite.
    """
    if x.ndim != 2 or x.shape != y.shape or x.shape[0] == 0:
        raise ShapeError(
            "search: x and y must be matrices (samples, edges) of one shape; "
            f"got {tuple(x.shape)} and {tuple(y.shape)}. Give each edge a column."
        )
    x, y = x.detach().to("cpu", torch.float64), y.detach().to("cpu", torch.float64)
    for name, values in (("x", x), ("y", y)):
        if not torch.isfinite(values).all():
            edge = int((~torch.isfinite(values)).any(0).nonzero()[0, 0])
            raise InputError(
                f"search: {name} must be finite; got NaN or inf in column {edge}. Clean the data."
            )
    x, order = x.T.contiguous().sort(dim=1)
    y = y.T.contiguous().gather(1, order)
    keep = even_places(x.shape[1], n_points)
    x, y = x[:, keep], y[:, keep]
    low, high = x[:, 0], x[:, -1]
    flat = (high - low) <= 1e-14 * torch.maximum(low.abs(), high.abs())
    half = torch.where(flat, 1.0, (high - low) / 2)
    centre = (low + high) / 2
    mean = y.mean(1)
    spread = (y - mean[:, None]).square().mean(1).sqrt()
    constant = spread <= 1e-14 * y.abs().amax(1)
    scale = torch.where(constant, 1.0, spread)
    u = ((x - centre[:, None]) / half[:, None]).clamp(-1, 1)
    v = (y - mean[:, None]) / scale[:, None]
    return Samples(u, v, centre, half, mean, scale, ~(flat | constant), constant)
