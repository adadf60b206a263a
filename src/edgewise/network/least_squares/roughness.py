"""The roughness of a network's splines, as residuals linear in its coefficients.

Basis functions that few or no samples reach are otherwise undetermined: with a small weight, these rows continue a
spline smoothly into them, and change what the samples do determine by far less than its error.

Source: Eilers and Marx 1996, "Flexible smoothing with B-splines and penalties" (difference penalties).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...layers import KANLayer, LinearEdgeLayer, capability
from ...optim import SparseRows
from ..network import Network
from .jacobian import sum_slopes


@torch.no_grad()
def roughness_rows(
    model: Network, x: Tensor, parameters: Sequence[nn.Parameter] | None = None, *, order: int | None = None
) -> SparseRows:
    """Rows R so that |R c|^2 is the mean square, in units of the outputs, of the differences of coefficients.

    Args:
        model: A network without formulas; layers whose kind has no measure of roughness have no rows.
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
    places, values = [], []
    for layer, slopes in zip(model.layers, sum_slopes(model, x), strict=True):
        basis = layer.basis
        if id(basis.coef) not in starts or not difference_rows.supports(basis):
            continue
        near, entries = difference_rows(basis, slopes.square().sum(1).mean(0), order)
        places.append(near + starts[id(basis.coef)])
        values.append(entries)
    width = max((part.shape[1] for part in places), default=1)
    rows = [torch.zeros(0, width, dtype=torch.long, device=x.device)]
    rows += [torch.nn.functional.pad(part, (0, width - part.shape[1])) for part in places]
    padded = [x.new_zeros(0, width)]
    padded += [torch.nn.functional.pad(part, (0, width - part.shape[1])) for part in values]
    return SparseRows(torch.cat(rows), torch.cat(padded), columns)


@capability("have coefficients whose differences say how rough an edge is", "Leave the smoothing out.")
def difference_rows(layer: LinearEdgeLayer, weight: Tensor, order: int | None) -> tuple[Tensor, Tensor]:
    """Rows of the differences of a layer's coefficients: their places in `coef`, and their entries, (rows, count).

    `weight` (out,) is the mean square of the outputs' slopes in the layer's sums, `order` that of the differences.
    """
    raise NotImplementedError


@difference_rows.register(KANLayer)
def _spline_rows(layer: KANLayer, weight: Tensor, order: int | None) -> tuple[Tensor, Tensor]:
    stencil = _differences(layer.k + 1 if order is None else order).to(weight)
    length = len(stencil)
    if layer.size < length:
        return layer.coef.new_zeros(0, length).long(), weight.new_zeros(0, length)
    weight = weight * layer.mask.square() / layer.size
    at = torch.arange(layer.coef.numel(), device=weight.device).view_as(layer.coef)
    near = at.unfold(1, length, 1)  # (in, count, out, stencil)
    entries = (weight.sqrt()[:, None, :, None] * stencil).expand(near.shape)
    return near.reshape(-1, length), entries.reshape(-1, length)


def _differences(order: int) -> Tensor:
    signs = [(-1) ** (order - at) * math.comb(order, at) for at in range(order + 1)]
    return torch.tensor(signs, dtype=torch.float64)
