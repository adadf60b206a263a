"""Edges with a Chebyshev basis: an example of another basis, complete in one file.

phi_ij(x) = mask_ij sum_m coef_imj T_m(t), where t maps the span of x to [-1, 1]; outside the span, an edge continues
along its tangent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._checks import as_generator
from ..errors import InputError
from ..layers import KANLayer, LinearEdgeLayer, register_kind
from ..network import Splines, splines_of
from ..spline import fit_coef


@register_kind
class ChebyshevLayer(LinearEdgeLayer):
    """Edges that are Chebyshev polynomials of one degree on one span.

    Args:
        in_features: Inputs.
        out_features: Outputs.
        degree: Highest degree, at least 1.
        span: Ends of the inputs that the polynomials are made for.
        seed: Seed of the start values, or a generator.
        dtype: Data type; torch's default if None.
        device: Device of the parameters.

    Raises:
        InputError: the degree is below 1.

    Example:
        >>> layer = ChebyshevLayer(3, 2, degree=4)
        >>> layer(torch.zeros(7, 3)).shape, layer.kind
        (torch.Size([7, 2]), 'chebyshev')
    """

    kind = "chebyshev"
    settings_shown = ("degree",)

    def __init__(
        self,
        in_features: int,
        out_features: int,
        degree: int = 5,
        *,
        span: Sequence[float] = (-1.0, 1.0),
        seed: int | torch.Generator = 0,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        if degree < 1:
            raise InputError(f"ChebyshevLayer: degree must be at least 1; got {degree}. Give another.")
        shape = (in_features, degree + 1, out_features)
        start = torch.randn(shape, generator=as_generator(seed), dtype=torch.float64)
        coef = start / (in_features * (degree + 1))
        super().__init__(coef.to(dtype=dtype or torch.get_default_dtype(), device=device))
        low, high = span
        self.span = (float(low), float(high))

    def features(self, x: Tensor, order: int = 0) -> Tensor:
        """T_0 to T_degree at `x`, or their derivatives of an order, shape (..., in, degree + 1)."""
        self.check_input(x)
        low, high = self.span
        t = (2 * x - (low + high)) / (high - low)
        inside = t.clamp(-1, 1)
        values = [_polynomials(inside, self.size - 1, order)]
        if order == 0:
            values.append(_polynomials(inside, self.size - 1, 1) * (t - inside).unsqueeze(-1))
        elif order > 1:
            values[0] = values[0] * (t == inside).unsqueeze(-1)
        return sum(values[1:], values[0]) * (2 / (high - low)) ** order

    def interval(self) -> tuple[Tensor, Tensor]:
        """The span of every input."""
        low, high = self.span
        ones = self.coef.detach().new_ones(self.in_features)
        return low * ones, high * ones

    def describe(self) -> dict[str, Any]:
        """Degree and span."""
        return {"degree": self.size - 1, "span": list(self.span)}


def _polynomials(t: Tensor, degree: int, order: int) -> Tensor:
    """Derivatives of T_0 to T_degree: T_(m+1)^(r) = 2 t T_m^(r) + 2 r T_m^(r-1) - T_(m-1)^(r)."""
    one, zero = torch.ones_like(t), torch.zeros_like(t)
    row: list[Tensor] = []
    for r in range(order + 1):
        below, row = row, [one, t] if r == 0 else [zero, one if r == 1 else zero]
        for m in range(1, degree):
            new = 2 * t * row[m] - row[m - 1]
            row.append(new + 2 * r * below[m] if r else new)
    return torch.stack(row[: degree + 1], dim=-1)


@splines_of.register(ChebyshevLayer)
@torch.no_grad()
def _as_splines(layer: ChebyshevLayer) -> Splines:
    """Polynomials are splines of one interval: with this they can be exported and written as equations."""
    same = KANLayer(
        layer.in_features, layer.out_features, 1, layer.size - 1, base="zero", grid_range=layer.span,
        seed=0, dtype=torch.float64,
    )  # fmt: skip
    low, high = layer.span
    nodes = torch.linspace(low, high, 4 * layer.size, dtype=torch.float64)[:, None].expand(
        -1, layer.in_features
    )
    values = layer.with_tensors(mask=torch.ones_like(layer.mask)).double().cpu().edges(nodes)
    coef = fit_coef(nodes, values, same.knots, same.k).coef
    return splines_of(same.with_tensors(coef=coef, mask=layer.mask).to(layer.dtype))
