"""Start values: an additive network whose knots follow the data, and deeper ones that begin as it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..network import Layer, Network, build, walk, with_layers
from ..spline import adaptive_knots, uniform_knots

_LEVELS = 400
_FRESH = 0.1
_EVEN = 0.5
"""Half way between knots at quantiles and even ones: curves stay near straight lines in skewed columns."""


def quantiles(x: Tensor, weights: Tensor) -> Tensor:
    """Values that stand for the weighted distribution of each column, least and greatest included.

    Args:
        x: Shape (n, columns).
        weights: Shape (n,).

    Returns:
        Shape (levels, columns): values that occur, none in between.

    Example:
        >>> quantiles(torch.tensor([[1.0], [2.0]]), torch.ones(2)).unique().tolist()
        [1.0, 2.0]
    """
    order = x.argsort(0)
    reached = weights[order].cumsum(0)
    levels = torch.linspace(0, 1, _LEVELS, dtype=x.dtype)[:, None] * reached[-1]
    places = torch.searchsorted(reached.T.contiguous(), levels.T.contiguous()).T.clamp_max(len(x) - 1)
    return x.gather(0, order.gather(0, places))


def additive_layer(x: Tensor, weights: Tensor, outputs: int, grid: int, k: int) -> Layer:
    """A layer of zero curves, on knots that lie where the samples lie.

    Example:
        >>> additive_layer(torch.rand(50, 2).double(), torch.ones(50).double(), 1, grid=3, k=3).in_features
        2
    """
    (layer,) = build([x.shape[1], outputs], grid=grid, k=k, base="zero", dtype=torch.float64).layers
    spline = layer.basis
    found = adaptive_knots(quantiles(x, weights), grid, k, grid_eps=_EVEN, previous=spline.knots)
    return Layer(
        spline.with_tensors(knots=found, coef=torch.zeros_like(spline.coef)), layer.formula, layer.nodes
    )


@torch.no_grad()
def add_hidden(additive: Layer, x: Tensor, hidden: Sequence[int], grid: int, seed: int) -> Network:
    """A deeper network of the same outputs: they pass through as they are, beside fresh nodes not yet heard.

    Args:
        additive: Layer that gives the outputs.
        x: Its inputs, shape (n, in).
        hidden: Fresh nodes of each hidden level.
        grid: Intervals of the layers above the first.
        seed: Of the fresh nodes' curves.

    Example:
        >>> x = torch.rand(50, 2).double()
        >>> layer = additive_layer(x, torch.ones(50).double(), 1, grid=3, k=3)
        >>> add_hidden(layer, x, [4], grid=3, seed=0).width
        (2, 5, 1)
    """
    outputs, first = additive.out_features, additive.basis
    width = [first.in_features, *(outputs + count for count in hidden), outputs]
    grids = [first.grid, *[grid] * len(hidden)]
    options: dict[str, Any] = {"k": first.k, "base": "zero", "dtype": torch.float64}
    generator = torch.Generator().manual_seed(seed)
    network = build(width, grid=grids, seed=seed, **options)
    for l, layer, h in walk(network, x):
        knots = first.knots if l == 0 else _roomy(h, layer.basis.grid, first.k)
        coef, places = torch.zeros_like(layer.basis.coef), _identity(knots, first.k)
        fresh = range(outputs, layer.subnodes)
        if fresh:
            mix = torch.randn(h.shape[1], len(fresh), generator=generator, dtype=h.dtype)
            noise = torch.randn(*coef.shape[:2], len(fresh), generator=generator, dtype=h.dtype)
            coef[:, :, fresh] = (places[:, :, None] * mix[:, None] + _FRESH * noise) / h.shape[1] ** 0.5
        if l == 0:
            coef[:, :, :outputs] = first.coef.detach()
        else:
            for node in range(outputs):
                coef[node, :, node] = places[node]
        layer.basis.knots.copy_(knots)
        layer.basis.coef.copy_(coef)
    return network


def linearise_binary(model: Network, x: Tensor) -> Network:
    """The same predictions, with a straight line where a column takes two values only.

    What a curve does between the two is said by no sample; a line can be read.

    Args:
        model: Left as it is.
        x: Samples, shape (n, in).

    Example:
        >>> from edgewise.network import build
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> model = build([1, 1], base="zero", seed=0)
        >>> torch.allclose(linearise_binary(model, x)(x), model(x))
        True
    """
    spline = model.layers[0].basis
    low, high = x.amin(0), x.amax(0)
    binary = ((x == low) | (x == high)).all(0) & (high > low)
    with torch.no_grad():
        at_low, at_high = (spline.edges(end[None])[0][:, None] for end in (low, high))
        share = (_identity(spline.knots, spline.k) - low[:, None]) / (high - low)[:, None]
        line = at_low + share[:, :, None] * (at_high - at_low)
    coef = torch.where(binary[:, None, None], line, spline.coef)
    first = Layer(spline.with_tensors(coef=coef), model.layers[0].formula, model.layers[0].nodes)
    return with_layers(model, [first, *list(model.layers)[1:]])


def _roomy(h: Tensor, grid: int, k: int) -> Tensor:
    """Uniform knots that reach a quarter further than the values do."""
    low, high = h.amin(0), h.amax(0)
    room = (0.25 * (high - low)).clamp_min(1e-3)
    return uniform_knots(low - room, high + room, grid, k)


def _identity(knots: Tensor, k: int) -> Tensor:
    """Coefficients of the spline that gives back its input, shape (in, size): means of k knots."""
    if k == 0:
        return (knots[:, :-1] + knots[:, 1:]) / 2
    return knots[:, 1:-1].unfold(1, k, 1).mean(2)
