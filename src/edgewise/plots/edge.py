"""`plot_edge`: one edge by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .._tensors import even_places
from ..layers import KANLayer, LinearEdgeLayer, capability
from ..network import Edge, Layer, Network, inputs_or_default, trace
from ..spline import inner_knots, spline_edges
from .curves import as_numpy
from .figure import axes_or_new, font, text_size
from .painter import BLUE, GREY, colour_of
from .text import as_math

_STEPS = 301
_POINTS = 200
_PART_STYLES = ((GREY, (5, 2)), (BLUE, (3, 1, 1, 1)))


def plot_edge(model: Network, edge: Edge, x: Any = None, *, ax: Any = None) -> Any:
    """Draw the function one edge carries, its base and spline parts, its knots, and samples on it.

    The curve reaches over the grid and over the samples, whichever is wider; outside the grid, where the
    spline is extrapolated, the ground is grey. On a formula edge, the spline that the formula took the
    place of is dotted, with the R2 of the formula against it on the samples.

    Args:
        model: Left as it is.
        edge: Address (layer, in, out).
        x: Samples, in any form `trace` takes; points spread over the first layer's grid if None.
        ax: Axes to draw on; a new figure if None.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        InputError: the network has no such edge, or samples are not finite numbers.
        ShapeError: samples have the wrong number of columns.

    Example:
        >>> from edgewise.network import build
        >>> figure = plot_edge(build([2, 5, 1], seed=0), (0, 1, 4))
        >>> [line.get_label() for line in figure.axes[0].lines[:3]]
        ['base', 'spline', 'edge']
    """
    model.check_edge(edge)
    l, i, j = edge
    part = trace(model, inputs_or_default(x, model, "plot_edge"), edges=False).layers[l]
    layer = model.layers[l]
    shape = _shape(layer, i, j, part.inputs)
    scaler = model.input_scaler if l == 0 else None
    units = (0.0, 1.0) if scaler is None else (float(scaler.shift[i]), float(scaler.scale[i]))
    kind = layer.edge_kind(i, j)
    new = ax is None
    ax = axes_or_new(ax, 4.2, 3.1)
    _draw(ax, shape, kind, units)
    ax.set_xlabel(
        as_math(model.names[i], text_size) if l == 0 else f"$h^{{({l})}}_{{{i + 1}}}$", font=font(11)
    )
    ax.set_ylabel(r"$\phi$", font=font(11), rotation=0, labelpad=8)
    ax.set_title(f"edge {tuple(edge)}, {_what(layer, i, j, kind)}", font=font(10), loc="left")
    if new:
        ax.get_figure().set_layout_engine("constrained")
    return ax.get_figure()


@dataclass(frozen=True)
class _Shape:
    """An edge over its range, in the network's units; `beneath` is the function a formula stands in for."""

    x: np.ndarray
    edge: np.ndarray
    parts: dict[str, np.ndarray]
    beneath: np.ndarray | None
    points: np.ndarray
    knots: np.ndarray
    r2: float
    kind: str


def _shape(layer: Layer, i: int, j: int, inputs: Tensor) -> _Shape:
    low, high = (end[i] for end in layer.basis.interval())
    column = inputs[:, i]
    low, high = torch.minimum(low, column.min()), torch.maximum(high, column.max())
    steps = torch.linspace(0, 1, _STEPS, dtype=column.dtype, device=column.device)
    x = (1 - steps) * low + steps * high
    chosen = column[even_places(len(column), _POINTS)]
    with torch.no_grad():
        parts, knots = edge_parts(layer.basis, i, j, x)
        edge, at_samples = _value(layer, i, j, x), _value(layer, i, j, chosen)
        mask = layer.basis.mask[i, j]
        covered = layer.formula.get(i, j) is not None
        r2 = _r2(_unmasked(layer.basis, i, j, chosen), at_samples) if covered else float("nan")
        beneath = _unmasked(layer.basis, i, j, x) if covered and np.isfinite(r2) else None
    return _Shape(
        x=as_numpy(x),
        edge=as_numpy(edge),
        parts={} if covered else {name: as_numpy(mask * part) for name, part in parts.items()},
        beneath=None if beneath is None else as_numpy(beneath),
        points=np.stack([as_numpy(chosen), as_numpy(at_samples)], 1),
        knots=as_numpy(knots),
        r2=r2,
        kind=layer.basis.kind,
    )


@capability("have parts to draw", "Its edges are drawn whole.")
def edge_parts(layer: LinearEdgeLayer, i: int, j: int, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """Parts that add up to an edge at `x` (n,), as if it were on, by their labels; and the edge's knots."""
    raise NotImplementedError


@edge_parts.register(LinearEdgeLayer)  # type: ignore[type-abstract]
def _no_parts(layer: LinearEdgeLayer, i: int, j: int, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    return {}, torch.stack([end[i] for end in layer.interval()])


@edge_parts.register(KANLayer)
def _base_and_spline(layer: KANLayer, i: int, j: int, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    knots, coef = layer.knots[i : i + 1], layer.coef[i : i + 1, :, j : j + 1]
    spline = spline_edges(x[:, None], knots, coef, layer.k, extrapolation=layer.extrapolation)[:, 0, 0]
    parts = {"base": layer.scale_base[i, j] * layer.base(x), "spline": spline}
    return parts, inner_knots(knots, layer.k)[0]


def _unmasked(basis: LinearEdgeLayer, i: int, j: int, x: Tensor) -> Tensor:
    """The learnable function of an edge, as if it were on."""
    edge = basis.select([i], [j])
    edge.mask.fill_(1)
    return edge(x[:, None])[:, 0]


def _value(layer: Layer, i: int, j: int, x: Tensor) -> Tensor:
    found = layer.formula.get(i, j)
    if found is None:
        return layer.basis.mask[i, j] * _unmasked(layer.basis, i, j, x)
    function, (a, b, c, d) = found
    return c * function.safe(a * x + b) + d


def _r2(truth: Any, fit: Tensor) -> float:
    """Share of the spread of `truth` that `fit` explains; NaN where there is none."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1 - float(((truth - fit) ** 2).sum()) / spread if spread > 0 else float("nan")


def _draw(ax: Any, shape: _Shape, kind: str, units: tuple[float, float]) -> None:
    shift, scale = units
    x, knots = shift + scale * shape.x, shift + scale * shape.knots
    if kind != "off":
        for (label, part), (colour, dashes) in zip(shape.parts.items(), _PART_STYLES, strict=False):
            ax.plot(x, part, color=colour, linewidth=0.8, linestyle=(0, dashes), label=label)
    if shape.beneath is not None:
        label = f"{shape.kind} beneath, $R^2 = {shape.r2:.6g}$"
        ax.plot(x, shape.beneath, color=GREY, linewidth=1.1, linestyle=(0, (1, 1.5)), label=label)
    ax.plot(x, shape.edge, color=colour_of(kind), linewidth=1.4, label="edge", zorder=3)
    places = shift + scale * shape.points[:, 0]
    ax.scatter(
        places, shape.points[:, 1], s=7, color=BLUE, alpha=0.45, linewidths=0, zorder=4, label="samples"
    )
    for start, end in ((x[0], knots[0]), (knots[-1], x[-1])):
        if end - start > 1e-9 * (x[-1] - x[0]):
            ax.axvspan(start, end, color="0.94", linewidth=0, zorder=0)
    ax.set_xlim(x[0], x[-1])
    ax.plot(knots, np.zeros_like(knots), "|", color="black", markersize=7, markeredgewidth=0.8,
            transform=ax.get_xaxis_transform(), clip_on=False, zorder=5, label="knots")  # fmt: skip
    ax.spines[["top", "right"]].set_visible(False)
    for text in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")):
        text.set_fontproperties(font(8.5))
    ax.legend(frameon=False, prop=font(8.5), handlelength=1.8)


def _what(layer: Layer, i: int, j: int, kind: str) -> str:
    found = layer.formula.get(i, j)
    if found is None:
        return kind
    function, affine = found
    a, b, c, d = affine.tolist()
    inner = f"{a:.4g} x" + _term(b)
    # "x^2" of it is (...)^2, "1/sqrt(x)" of it is 1/sqrt(...), "sin" of it is sin(...).
    called = re.sub(r"\(x\)|\bx\b", lambda _: f"({inner})", function.name)
    outer = called if called != function.name else f"{function.name}({inner})"
    return as_math(f"{kind}: " + ("" if c == 1 else f"{c:.4g} ") + outer + _term(d), text_size)


def _term(value: float) -> str:
    return f" {'+' if value > 0 else '-'} {abs(value):.4g}" if value else ""
