"""One layer of a network: spline edges and formula edges side by side, then the nodes they run into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from ..errors import ShapeError
from ..layers import FormulaLayer, KANLayer, NodeLayer

EdgeKind = Literal["spline", "formula", "both", "off"]


class Layer(nn.Module):
    """nodes(basis(x) + formula(x)).

    Args:
        basis: Learnable edges, linear in their coefficients: splines, as a rule.
        formula: Symbolic edges of the same shape.
        nodes: Sums, products and affine maps of the sub-nodes.

    Raises:
        ShapeError: the three do not fit together.

    Example:
        >>> layer = Layer(KANLayer(2, 3), FormulaLayer(2, 3), NodeLayer(1, (2,)))
        >>> layer.in_features, layer.subnodes, layer.out_features
        (2, 3, 2)
    """

    def __init__(self, basis: KANLayer, formula: FormulaLayer, nodes: NodeLayer) -> None:
        super().__init__()
        shape = (basis.in_features, basis.out_features)
        if (formula.in_features, formula.out_features) != shape or nodes.subnodes != shape[1]:
            raise ShapeError(
                f"Layer: basis, formula and nodes must fit; got {shape}, "
                f"{(formula.in_features, formula.out_features)} and {nodes.subnodes} sub-nodes."
            )
        self.basis = basis
        self.formula = formula
        self.nodes = nodes

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
        spline = bool(self.basis.mask[i, j] != 0)
        if self.formula.get(i, j) is not None:
            return "both" if spline else "formula"
        return "spline" if spline else "off"

    def select(self, inputs: Sequence[int], nodes: Sequence[int]) -> Layer:
        """A new layer with these input nodes and these nodes only, in the order given."""
        subnodes = [member for node in nodes for member in self.nodes.members(node)]
        return Layer(
            self.basis.select(list(inputs), subnodes),
            self.formula.select(list(inputs), subnodes),
            self.nodes.select(nodes),
        )
