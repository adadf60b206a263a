"""A network as plain arrays: all that is needed to compute it without torch.

Masks and scales are multiplied into the coefficients, all extrapolation rules are brought to one form, and the
tangents at the ends are computed. All exports start from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..functions import Function
from ..layers import KANLayer, LinearEdgeLayer, capability
from ..spline import basis, domain
from .layer import Layer
from .network import Network
from .scaler import Scaler

Array = Any


@dataclass(frozen=True)
class FormulaEdge:
    """One edge c f(a x + b) + d.

    Attributes:
        i: Input.
        j: Sub-node.
        function: f.
        affine: (a, b, c, d).
    """

    i: int
    j: int
    function: Function
    affine: tuple[float, float, float, float]


@dataclass(frozen=True)
class Splines:
    """The spline edges of a layer, base included.

    With p the input moved into [low, high] (by the nearest end, or by whole periods for "periodic"), an edge
    is base_weight base(x) + sum_m coef_m B_m(p), and to it come, for "linear", left_slope (x - low) below
    low and right_slope (x - high) above high. For "decay" the sum counts only where p = x; the knots are
    then longer than the network's, and the coefficients of the basis functions added are 0.

    Attributes:
        degree: Degree of the pieces.
        rule: "linear", "constant", "decay", "periodic" or "error".
        base: Name of the base.
        knots: Shape (in, size + degree + 1); p lies between the knots number degree and size.
        coef: Masks and scales included, shape (in, size, out).
        base_weights: Likewise, shape (in, out).
        left_slopes: Of the spline at low, shape (in, out).
        right_slopes: Of the spline at high, shape (in, out).
        live: Whether any edge is on.
    """

    degree: int
    rule: str
    base: str
    knots: Array
    coef: Array
    base_weights: Array
    left_slopes: Array
    right_slopes: Array
    live: bool

    @property
    def low(self) -> Array:
        """Lower ends of what p runs over, shape (in,)."""
        return self.knots[:, self.degree]

    @property
    def high(self) -> Array:
        """Upper ends, shape (in,)."""
        return self.knots[:, self.coef.shape[1]]

    @property
    def needed(self) -> bool:
        """Whether there is anything to compute, or to refuse."""
        return self.live or self.rule == "error"


@dataclass(frozen=True)
class PlainLayer:
    """One layer: nodes(splines(x) + formulas(x)).

    Attributes:
        inputs: Nodes below.
        splines: Its spline edges.
        formulas: Its formula edges.
        members: Sub-nodes that are multiplied in each node; one for a sum.
        subnode_scale: Shape (subnodes,).
        subnode_bias: Shape (subnodes,).
        node_scale: Shape (nodes,).
        node_bias: Shape (nodes,).
    """

    inputs: int
    splines: Splines
    formulas: tuple[FormulaEdge, ...]
    members: tuple[tuple[int, ...], ...]
    subnode_scale: Array
    subnode_bias: Array
    node_scale: Array
    node_bias: Array

    @property
    def subnodes(self) -> int:
        """Sub-nodes."""
        return len(self.subnode_scale)

    @property
    def nodes(self) -> int:
        """Nodes above."""
        return len(self.node_scale)


@dataclass(frozen=True)
class PlainNetwork:
    """A network in plain arrays of its own data type.

    Attributes:
        dtype: The network's data type.
        n_columns: Columns that it takes.
        columns: Those in use, in the order of the first layer's inputs.
        names: Their names.
        input_scaler: (shift, scale) of the inputs in use: (x - shift) / scale; None for none.
        output_scaler: (shift, scale) of the outputs: shift + y scale; None for none.
        layers: From the inputs upwards.
    """

    dtype: torch.dtype
    n_columns: int
    columns: tuple[int, ...]
    names: tuple[str, ...]
    input_scaler: tuple[Array, Array] | None
    output_scaler: tuple[Array, Array] | None
    layers: tuple[PlainLayer, ...]

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return self.layers[-1].nodes


@capability("be written as splines", "Export to 'torch', or turn its edges into formulas.")
def splines_of(layer: LinearEdgeLayer) -> Splines:
    """The learnable edges of a layer as splines in plain arrays, exactly."""
    raise NotImplementedError


def plain_arrays(model: Network, where: str = "plain_arrays") -> PlainNetwork:
    """Write a network down as plain arrays.

    Args:
        model: Not modified. Its numbers are taken in its own data type, half precision as float32.
        where: The verb that asks, for errors.

    Raises:
        InputError: a layer is of a kind that cannot be written as splines.

    Example:
        >>> from edgewise.network import build
        >>> plan = plain_arrays(build([2, 5, 1]))
        >>> plan.layers[0].splines.coef.shape, plan.outputs
        ((2, 6, 5), 1)
    """
    splines_of.require(where, [layer.basis for layer in model.layers])
    return PlainNetwork(
        model.dtype,
        model.n_columns,
        tuple(model.columns.tolist()),
        model.names,
        _scaler(model.input_scaler),
        _scaler(model.output_scaler),
        tuple(_layer(layer) for layer in model.layers),
    )


def _scaler(scaler: Scaler | None) -> tuple[Array, Array] | None:
    return None if scaler is None else (_numbers(scaler.shift), _numbers(scaler.scale))


def _layer(layer: Layer) -> PlainLayer:
    formula, nodes = layer.formula, layer.nodes
    rows = zip(formula.edge_index.tolist(), formula.functions, formula.constants.tolist(), strict=True)
    return PlainLayer(
        layer.in_features,
        splines_of(layer.basis),
        tuple(FormulaEdge(i, j, function, tuple(affine)) for (i, j), function, affine in rows),
        tuple(nodes.members(node) for node in range(nodes.nodes)),
        *(
            _numbers(getattr(nodes, f"{part}_{kind}"))
            for part in ("subnode", "node")
            for kind in ("scale", "bias")
        ),
    )


@splines_of.register(KANLayer)
def _splines(layer: KANLayer) -> Splines:
    mask, knots, degree = layer.mask, layer.knots.detach(), layer.k
    coef = layer.scaled_coef().detach()
    left, right = (_slopes(end, knots, coef, degree) for end in domain(knots, degree))
    if layer.extrapolation == "decay":
        knots, coef = _longer(knots, degree), torch.nn.functional.pad(coef, (0, 0, degree, degree))
    return Splines(
        degree,
        layer.extrapolation,
        layer.base_name,
        _numbers(knots),
        _numbers(coef),
        _numbers(mask * layer.scale_base),
        _numbers(left),
        _numbers(right),
        bool((mask != 0).any()),
    )


def _slopes(end: Tensor, knots: Tensor, coef: Tensor, degree: int) -> Tensor:
    values = basis(end.double()[None], knots.double(), degree, order=1)[0]
    return torch.einsum("im,imo->io", values, coef.double()).to(coef.dtype)


def _longer(knots: Tensor, degree: int) -> Tensor:
    """Knots on both sides such that no basis function of the network is cut; see `spline.evaluate`."""
    first, last = knots[:, :1], knots[:, -1:]
    steps = torch.arange(1, degree + 1, dtype=knots.dtype, device=knots.device)
    width = (last - first) / (knots.shape[1] - 1)
    return torch.cat([first - width * steps.flip(0), knots, last + width * steps], dim=1)


def _numbers(values: Tensor) -> Array:
    values = values.detach().cpu()
    return np.ascontiguousarray((values.float() if values.dtype.itemsize < 4 else values).numpy())
