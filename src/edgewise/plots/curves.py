"""The curve of each edge, over the range its input takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .._tensors import even_places
from ..network import Edge, EdgeKind, Layer, Network, Trace

_STEPS = 97
_POINTS = 24


@dataclass(frozen=True)
class Curve:
    """One edge's curve.

    Attributes:
        x: Inputs, in the data's own units at the first layer, rising, shape (n,).
        y: The edge's outputs there, shape (n,).
        kind: "formula", or the kind of the layer, as "spline".
        function: Name of the formula's function; None for a spline.
        points: Samples (input, output), shape (m, 2).
    """

    x: np.ndarray
    y: np.ndarray
    kind: EdgeKind
    function: str | None
    points: np.ndarray

    @property
    def y_range(self) -> tuple[float, float]:
        """Lowest and highest value shown; a formula's pole is cut off, rounding is not blown up."""
        finite = self.y[np.isfinite(self.y)]
        if not len(finite):
            return -1.0, 1.0
        low, high = float(finite.min()), float(finite.max())
        inner_low, inner_high = (float(value) for value in np.quantile(finite, [0.03, 0.97]))
        if self.function is not None and high - low > 25 * (inner_high - inner_low) > 0:
            inner = inner_high - inner_low
            low, high = max(low, inner_low - 0.5 * inner), min(high, inner_high + 0.5 * inner)
        if high - low <= 1e-6 * max(abs(low), abs(high)):
            spread = max(abs(low), abs(high), 1.0)
            return low - spread, high + spread
        return low, high


def curves(model: Network, seen: Trace, edges: Iterable[Edge]) -> dict[Edge, Curve]:
    """Evaluate edges over the range that their inputs take in a trace.

    An input without spread is given the range of its grid.

    Args:
        model: Left as it is.
        seen: Its trace, with edge outputs if points are wanted.
        edges: Which ones.

    Returns:
        One `Curve` an edge.

    Example:
        >>> from edgewise.network import build, trace
        >>> model = build([2, 1])
        >>> curves(model, trace(model, torch.rand(9, 2)), [(0, 1, 0)])[0, 1, 0].kind
        'spline'
    """
    found: dict[Edge, Curve] = {}
    edges = list(edges)
    for l, (layer, part) in enumerate(zip(model.layers, seen.layers, strict=True)):
        row = [edge for edge in edges if edge[0] == l]
        if not row:
            continue
        grid = _input_grid(layer, part.inputs)
        with torch.no_grad():
            values = as_numpy(layer.edges(grid))
        chosen = even_places(len(part.inputs), _POINTS)
        scaler = model.input_scaler if l == 0 else None
        x, inputs = (
            as_numpy(value if scaler is None else scaler.inverse(value))
            for value in (grid, part.inputs[chosen])
        )
        outputs = None if part.edges is None else as_numpy(part.edges[chosen])
        names = _function_names(layer)
        for edge in row:
            _, i, j = edge
            points = np.empty((0, 2)) if outputs is None else np.stack([inputs[:, i], outputs[:, i, j]], 1)
            kind = layer.edge_kind(i, j)
            found[edge] = Curve(x[:, i], values[:, i, j], kind, names.get((i, j)), points)
    return found


def _function_names(layer: Layer) -> dict[tuple[int, int], str]:
    places = (tuple(place) for place in layer.formula.edge_index.tolist())
    return dict(zip(places, layer.formula.names, strict=True))


def _input_grid(layer: Layer, inputs: Tensor) -> Tensor:
    """Evenly spaced inputs over what each column takes, shape (steps, in)."""
    low, high = inputs.amin(0), inputs.amax(0)
    first, last = layer.basis.interval()
    still = (high - low) <= 1e-6 * torch.maximum(low.abs(), high.abs()).clamp_min(1e-12)
    low = torch.where(still, torch.minimum(low, first), low)
    high = torch.where(still, torch.maximum(high, last), high)
    steps = torch.linspace(0, 1, _STEPS, dtype=low.dtype, device=low.device)[:, None]
    # The blend gives the ends exactly, so that "error" extrapolation is not set off by rounding.
    return ((1 - steps) * low + steps * high).to(inputs.dtype)


def as_numpy(tensor: Tensor) -> np.ndarray:
    """A tensor of any device and data type as an array of float64.

    Example:
        >>> as_numpy(torch.ones(2, dtype=torch.bfloat16))
        array([1., 1.])
    """
    return tensor.detach().to("cpu", torch.float64).numpy()
