"""How rough the splines of a network are, as residuals linear in its coefficients.

Basis functions that no sample reaches, or only just, are held by nothing else: a trace of these rows
continues a spline smoothly into them, and moves what the samples do determine by far less than their error.

Source: Eilers and Marx 1996, "Flexible smoothing with B-splines and penalties" (difference penalties).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...optim import SparseRows
from ..network import Network
from .jacobian import sum_slopes


@torch.no_grad()
def roughness_rows(
    model: Network, x: Tensor, parameters: Sequence[nn.Parameter] | None = None, *, order: int | None = None
) -> SparseRows:
    """Rows R so that |R c|^2 is the mean square, in units of the outputs, of the differences of coefficients.

    Args:
        model: A network of spline edges.
        x: Where the outputs' slopes in the edges are taken, shape (batch, n_columns).
        parameters: Columns of R; all that require gradients if None.
        order: Of the differences; `k + 1` if None, which leaves polynomials of degree k alone.

    Returns:
        One row to a difference and edge.

    Example:
        >>> from edgewise.network import build
        >>> roughness_rows(build([2, 1], grid=3, k=3), torch.rand(9, 2)).shape
        (4, 14)
    """
    wanted = [p for p in model.parameters() if p.requires_grad] if parameters is None else list(parameters)
    starts, columns = {}, 0
    for parameter in wanted:
        starts[id(parameter)] = columns
        columns += parameter.numel()
    width = 1 + (max(layer.basis.k for layer in model.layers) + 1 if order is None else order)
    places, values = [torch.zeros(0, width, dtype=torch.long, device=x.device)], [x.new_zeros(0, width)]
    for layer, slopes in zip(model.layers, sum_slopes(model, x), strict=True):
        basis = layer.basis
        stencil = _differences(basis.k + 1 if order is None else order).to(x)
        count = basis.size - len(stencil) + 1
        if count < 1 or id(basis.coef) not in starts:
            continue
        weight = slopes.square().sum(1).mean(0) * (basis.mask * basis.scale_spline).square() / basis.size
        at = torch.arange(basis.coef.numel(), device=x.device).view_as(basis.coef)
        near = at.unfold(1, len(stencil), 1)  # (in, count, out, stencil)
        rows = near.reshape(-1, len(stencil)) + starts[id(basis.coef)]
        entries = (weight.sqrt()[:, None, :, None] * stencil).expand(near.shape).reshape(-1, len(stencil))
        pad = (0, width - len(stencil))
        places.append(torch.nn.functional.pad(rows, pad))
        values.append(torch.nn.functional.pad(entries, pad))
    return SparseRows(torch.cat(places), torch.cat(values), columns)


def _differences(order: int) -> Tensor:
    signs = [(-1) ** (order - at) * math.comb(order, at) for at in range(order + 1)]
    return torch.tensor(signs, dtype=torch.float64)
