"""Each edge separately: as JSON tables, and as SciPy splines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .._json import json_text
from .._memory import refuse_beyond_memory
from ..errors import InputError
from ..layers import KANLayer, LinearEdgeLayer, capability
from ..network import Edge, Layer, Network
from ..spline import to_scipy

if TYPE_CHECKING:
    from scipy.interpolate import BSpline

_BYTES_PER_NUMBER = 150


def tables(model: Network, *, points: int = 101) -> str:
    """The network as JSON: all numbers, and a table of values of every edge that is on.

    Args:
        model: Left as it is; functions and bases defined by the user are given by name and by their values.
        points: Rows of each table, evenly spread over the edge's grid; 0 for none.

    Returns:
        JSON of plain numbers, lists and names; the documentation says what each key means.

    Raises:
        InputError: `points` is negative, or the tables would not fit into memory.

    Example:
        >>> import json
        >>> from edgewise.network import build
        >>> edge = json.loads(tables(build([1, 1], grid=2, k=1), points=3))["layers"][0]["edges"][0]
        >>> edge["edge"], edge["kind"], edge["table"]["x"]
        ([0, 0, 0], 'spline', [-1.0, 0.0, 1.0])
    """
    if not isinstance(points, int) or points < 0 or points == 1:
        raise InputError(f"export: points must be 0, or at least 2; got {points!r}. Leave it out for 101.")
    edges = list(model.active_edges())
    numbers = sum(part.numel() for part in model.parameters()) + 2 * points * len(edges)
    refuse_beyond_memory("export", _BYTES_PER_NUMBER * numbers, f"tables of {len(edges):,} edges")
    layers = [_layer(number, layer, points) for number, layer in enumerate(model.layers)]
    content = {
        "format": "edgewise tables 1",
        "dtype": str(model.dtype).removeprefix("torch."),
        "n_columns": model.n_columns,
        "columns": model.columns.tolist(),
        "names": list(model.names),
        "input_scaler": _scaler(model.input_scaler),
        "output_scaler": _scaler(model.output_scaler),
        "layers": layers,
    }
    return json_text(content, indent=1) + "\n"


def bsplines(model: Network) -> dict[Edge, BSpline]:
    """The spline of every spline edge, its scale and mask included, as a `scipy.interpolate.BSpline`.

    Args:
        model: Not modified.

    Returns:
        Splines by (layer, in, out). An edge's value is its spline plus `scale_base` times the base; outside
        the grid they give NaN, as SciPy knows no rule of ours.

    Raises:
        MissingExtra: SciPy is not installed.

    Example:
        >>> from edgewise.network import build
        >>> sorted(bsplines(build([2, 1])))
        [(0, 0, 0), (0, 1, 0)]
    """
    found = {}
    scipy_splines.require("export", [layer.basis for layer in model.layers])
    for number, layer in enumerate(model.layers):
        for (i, j), curve in scipy_splines(layer.basis).items():
            found[number, i, j] = curve
    return found


@capability("have splines that SciPy knows", "Export to 'json', which holds a table of every edge.")
def scipy_splines(layer: LinearEdgeLayer) -> dict[tuple[int, int], BSpline]:
    """The splines of the edges that are on, scales and mask included."""
    raise NotImplementedError


@scipy_splines.register(KANLayer)
def _scipy_splines(layer: KANLayer) -> dict[tuple[int, int], BSpline]:
    coef = layer.mask.unsqueeze(1).double() * layer.coef.double()
    return {
        (i, j): to_scipy(layer.knots[i], coef[i, :, j], layer.k)
        for i, j in (layer.mask != 0).nonzero().tolist()
    }


@capability("have numbers to write down", "Leave it out.")
def edge_numbers(layer: LinearEdgeLayer, i: int, j: int) -> dict[str, Any]:
    """The numbers of one edge that is on, scales and mask included, by the keys of the JSON form."""
    raise NotImplementedError


@edge_numbers.register(LinearEdgeLayer)  # type: ignore[type-abstract]
def _weights(layer: LinearEdgeLayer, i: int, j: int) -> dict[str, Any]:
    return {"weights": _list(layer.weights()[i, :, j])}


@edge_numbers.register(KANLayer)
def _spline_numbers(layer: KANLayer, i: int, j: int) -> dict[str, Any]:
    mask = layer.mask[i, j].double()
    return {
        "knots": _list(layer.knots[i]),
        "coef": _list(mask * layer.coef[i, :, j].double()),
        "scale_base": _list(mask * layer.scale_base[i, j].double())[0],
    }


def _scaler(scaler: Any) -> dict[str, list[float]] | None:
    return None if scaler is None else {"shift": _list(scaler.shift), "scale": _list(scaler.scale)}


def _list(values: Tensor) -> list[Any]:
    return [value if math.isfinite(value) else None for value in values.detach().double().flatten().tolist()]


def _layer(number: int, layer: Layer, points: int) -> dict[str, Any]:
    basis, nodes = layer.basis, layer.nodes
    on = (basis.mask != 0) | (layer.formula.mask != 0)
    columns = _tables(layer, points) if points else None
    return {
        "inputs": layer.in_features,
        **_settings(basis),
        "sums": nodes.sums,
        "arities": list(nodes.arities),
        **{
            name: _list(getattr(nodes, name))
            for name in ("subnode_scale", "subnode_bias", "node_scale", "node_bias")
        },
        "edges": [_edge(number, layer, i, j, columns) for i, j in on.nonzero().tolist()],
    }


def _settings(basis: LinearEdgeLayer) -> dict[str, Any]:
    settings = basis.describe()
    if isinstance(basis, KANLayer):
        return {"degree": basis.k, **{name: settings[name] for name in ("extrapolation", "base")}}
    return {"kind": basis.kind, "settings": settings}


def _edge(number: int, layer: Layer, i: int, j: int, columns: tuple[Tensor, Tensor] | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"edge": [number, i, j], "kind": layer.edge_kind(i, j)}
    if bool(layer.basis.mask[i, j] != 0):
        entry |= edge_numbers(layer.basis, i, j)
    found = layer.formula.get(i, j)
    if found is not None:
        entry["function"], entry["affine"] = found[0].name, _list(found[1])
    if columns is not None:
        x, values = columns
        entry["table"] = {"x": _list(x[:, i]), "y": _list(values[:, i, j])}
    return entry


@torch.no_grad()
def _tables(layer: Layer, points: int) -> tuple[Tensor, Tensor]:
    """Arguments (points, in) and values (points, in, out) of all edges of a layer."""
    low, high = layer.basis.interval()
    share = torch.linspace(0, 1, points, dtype=low.dtype, device=low.device)[:, None]
    x = torch.lerp(low, high, share).clamp(low, high).to(layer.basis.dtype)
    return x, layer.edges(x)
