"""A spline KAN as torch code usually has it: all basis functions at all samples, then one matrix product.

Written to be as fast as that form gets in eager torch: reciprocals of knot distances are stored, each level
of the recursion reuses its weights, and base and splines share one product. The idea is efficient-kan's.

Source: de Boor 1972, "On calculating with B-splines".
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn


class DenseSplineLayer(nn.Module):
    """One layer; knots are each input's own, so that grids can follow the data."""

    knots: Tensor

    def __init__(self, inputs: int, outputs: int, grid: int, degree: int) -> None:
        super().__init__()
        step = 2 / grid
        knots = step * torch.arange(-degree, grid + degree + 1) - 1
        self.degree = degree
        self.register_buffer("knots", knots.repeat(inputs, 1))
        for level in range(1, degree + 1):
            distance = self.knots[:, level:] - self.knots[:, :-level]
            self.register_buffer(f"inverse_{level}", 1 / distance)
        columns = inputs * (grid + degree + 1)
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(outputs, columns, generator=generator) / columns**0.5)

    def basis(self, x: Tensor) -> Tensor:
        """Values of the basis functions, (batch, in) to (batch, in, grid + degree)."""
        x = x.unsqueeze(-1)
        values = ((x >= self.knots[:, :-1]) & (x < self.knots[:, 1:])).to(x.dtype)
        for level in range(1, self.degree + 1):
            rising = (x - self.knots[:, :-level]) * getattr(self, f"inverse_{level}")
            values = rising[..., :-1] * values[..., :-1] + (1 - rising[..., 1:]) * values[..., 1:]
        return values

    def forward(self, x: Tensor) -> Tensor:
        """Sums over the edges, (batch, in) to (batch, out)."""
        features = torch.cat([nn.functional.silu(x), self.basis(x).flatten(1)], dim=1)
        return nn.functional.linear(features, self.weight)


def dense_kan(width: tuple[int, ...], grid: int, degree: int = 3) -> nn.Sequential:
    """A network of such layers."""
    return nn.Sequential(*(DenseSplineLayer(*sides, grid, degree) for sides in pairwise(width)))
