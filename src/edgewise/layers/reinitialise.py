"""`reinitialise_`: other start values for a layer of edges, in place."""

from __future__ import annotations

import torch

from .capability import capability
from .edge_layer import LinearEdgeLayer
from .init import Initialisation, LayerShape, find_initialisation
from .kan_layer import KANLayer


@capability("have start values", "Train it from the values it has: starts=1.")
def reinitialise_(layer: LinearEdgeLayer, generator: torch.Generator, init: str | Initialisation) -> None:
    """Draw other start values for a layer, in place; kinds with one way to start pass over `init`."""
    raise NotImplementedError


@reinitialise_.register(LinearEdgeLayer)  # type: ignore[type-abstract]
@torch.no_grad()
def _as_if_new(layer: LinearEdgeLayer, generator: torch.Generator, init: str | Initialisation) -> None:
    fresh = layer.resized(layer.in_features, layer.out_features, generator)
    for name, parameter in layer.named_parameters():
        parameter.copy_(fresh.get_parameter(name))


@reinitialise_.register(KANLayer)
@torch.no_grad()
def _splines(layer: KANLayer, generator: torch.Generator, init: str | Initialisation) -> None:
    shape = LayerShape(layer.in_features, layer.out_features, layer.grid, layer.k, layer.base)
    start = find_initialisation(init)(shape, generator)
    layer.coef.copy_(start.coef)
    layer.scale_base.copy_(start.scale_base)
