"""A layer of a network: learnable edges and formula edges in parallel, followed by nodes."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from ..errors import InputError, ShapeError
from ..layers import FormulaLayer, LinearEdgeLayer, NodeLayer

EdgeKind = str
"""What an edge is: "formula", "off", or the kind of its layer of learnable edges, as "spline"."""


class Layer(nn.Module):
    """nodes(basis(x) + formula(x)).

    Args:
        basis: Learnable edges, linear in their coefficients: a `KANLayer`, or another `LinearEdgeLayer`.
        formula: Symbolic edges of the same shape; where one is, the mask of `basis` is 0.
        nodes: Sums, products and affine maps of the sub-nodes.

    Raises:
        ShapeError: the three do not fit together.
        InputError: `basis` is no layer of edges, or an edge is learnable and a formula at once.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> layer = Layer(KANLayer(2, 3), FormulaLayer(2, 3), NodeLayer(1, (2,)))
        >>> layer.in_features, layer.subnodes, layer.out_features
        (2, 3, 2)
    """

    def __init__(self, basis: LinearEdgeLayer, formula: FormulaLayer, nodes: NodeLayer) -> None:
        super().__init__()
        if not isinstance(basis, LinearEdgeLayer):
            raise InputError(
                f"Layer: basis must be a LinearEdgeLayer; got a {type(basis).__name__}. Derive it from "
                f"edgewise.layers.LinearEdgeLayer."
            )
        shape = (basis.in_features, basis.out_features)
        if (formula.in_features, formula.out_features) != shape or nodes.subnodes != shape[1]:
            raise ShapeError(
                f"Layer: basis, formula and nodes must fit; got {shape}, "
                f"{(formula.in_features, formula.out_features)} and {nodes.subnodes} sub-nodes."
            )
        if (
            formula.functions
            and not basis.mask.is_meta
            and bool(((basis.mask != 0) & (formula.mask != 0)).any())
        ):
            raise InputError(
                "Layer: an edge must be learnable or a formula; got one that is both. Set the mask of basis to 0 "
                "where there is a formula."
            )
        self.basis = basis
        self.formula = formula
        self.nodes = nodes

    def reset_parameters(self) -> None:
        """Draw the edges' start values anew, in place; formulas, and edges that are off, stay what they are."""
        for part in (self.basis, self.formula, self.nodes):
            part.reset_parameters()
        if self.formula.functions and not self.basis.mask.is_meta:
            self.basis.mask.masked_fill_(self.formula.mask != 0, 0)

    @property
    def in_features(self) -> int:
        """Nodes below."""
        return self.basis.in_features

    @property
    def subnodes(self) -> int:
        """Sub-nodes: the second index of an edge runs over them."""
        return self.basis.out_features

    @property
    def out_features(self) -> int:
        """Nodes above."""
        return self.nodes.nodes

    def sums(self, x: Tensor) -> Tensor:
        """Sums at the sub-nodes, before affine maps and products, (..., in) to (..., subnodes)."""
        return self.with_formulas(self.basis(x), x)

    def with_formulas(self, sums: Tensor, x: Tensor) -> Tensor:
        """Sums of the learnable edges with those of the formula edges at `x` added."""
        return sums + self.formula(x) if len(self.formula.edge_index) else sums

    def forward(self, x: Tensor) -> Tensor:
        """Node values, (..., in) to (..., out)."""
        return self.nodes(self.sums(x))

    def edges(self, x: Tensor) -> Tensor:
        """Output of each edge, (..., in, subnodes)."""
        return self.basis.edges(x) + self.formula.edges(x)

    def edge_kind(self, i: int, j: int) -> EdgeKind:
        """What the edge from node `i` to sub-node `j` is."""
        if self.formula.get(i, j) is not None:
            return "formula"
        return self.basis.kind if bool(self.basis.mask[i, j] != 0) else "off"

    def select(self, inputs: Sequence[int], nodes: Sequence[int]) -> Layer:
        """A new layer with these input nodes and these nodes only, in the order given."""
        subnodes = [member for node in nodes for member in self.nodes.members(node)]
        return Layer(
            self.basis.select(list(inputs), subnodes),
            self.formula.select(list(inputs), subnodes),
            self.nodes.select(nodes),
        )
