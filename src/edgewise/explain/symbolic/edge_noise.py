"""How much of each edge's curve is noise of the targets."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...network import Edge, Layer, Network, forward_with


def edge_gains(model: Network, x: Tensor) -> list[Tensor]:
    """Root mean squares of the outputs' derivatives by the sums that each layer's edges arrive at.

    Args:
        model: A float64 network.
        x: Samples (n, input columns).

    Returns:
        For every layer a tensor (outputs, sub-nodes).
    """
    sums: list[Tensor] = []

    def run(_: int, layer: Layer, h: Tensor) -> Tensor:
        total = layer.basis(h) + layer.formula(h)
        total = total if total.requires_grad else total.requires_grad_()
        sums.append(total)
        return layer.nodes(total)

    with torch.enable_grad():
        outputs = forward_with(model, model.prepare_inputs(x), run)
        slopes = [
            torch.autograd.grad(outputs[:, k].sum(), sums, retain_graph=True, allow_unused=True)
            for k in range(outputs.shape[1])
        ]
    return [
        torch.stack([torch.zeros_like(total) if own is None else own for own in column])
        .square()
        .mean(1)
        .sqrt()
        for total, column in zip(sums, zip(*slopes, strict=True), strict=True)
    ]


def noise_shares(
    model: Network,
    edges: Sequence[Edge],
    gains: Sequence[Tensor],
    variances: Tensor,
    noise: Tensor,
    samples: int,
) -> list[float]:
    """Share of each edge's variance that the noise of the targets leaves unknown.

    An edge of K coefficients, whose effect on an output is its own times a gain, is known from n samples of
    noise s to a mean square of K/n (s/gain)^2.

    Args:
        model: The network.
        edges: Addresses.
        gains: As `edge_gains` gives them.
        variances: Of the edges' outputs (edges,).
        noise: Noise level of each output (outputs,).
        samples: How many the network was fitted on.
    """
    shares = []
    for (l, _, j), variance in zip(edges, variances.tolist(), strict=True):
        told = float((gains[l][:, j] / noise.clamp_min(1e-300)).square().sum())
        share = model.layers[l].basis.size / max(1, samples)
        shares.append(min(share, 1.0) / max(told * variance, 1e-300))
    return [min(share, 1e6) for share in shares]
