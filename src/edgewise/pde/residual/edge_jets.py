"""Derivatives of one layer's edges and nodes in the network's inputs, and their adjoints.

A jet is the stack of a function's derivatives named by `indices`, shape (derivatives, batch, columns). With
h the jet below, an edge's jet is sum_r M_r phi^(r)(h), the factors M_r being sums of products of derivatives
of h; so all edges of a layer, and their exact Jacobian in the coefficients, are a few batched products.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...layers import FormulaLayer, LinearEdgeLayer, NodeLayer
from ...network import Layer
from .multi_index import Index, chain_terms, product_terms


class Factors:
    """The factors M_r of one jet, and what adjoints of them mean for the jet.

    Args:
        jet: Shape (derivatives, batch, in).
        indices: Names of its derivatives, closed downwards, the value first.
    """

    def __init__(self, jet: Tensor, indices: Sequence[Index]) -> None:
        self.jet, self.place = jet, {index: at for at, index in enumerate(indices)}
        self.indices = indices
        self.orders = max(len(index) for index in indices) + 1
        self.values = self._values()

    def _values(self) -> Tensor:
        """Shape (batch, derivatives, orders, in)."""
        count, batch, columns = self.jet.shape
        values = self.jet.new_zeros(batch, count, self.orders, columns)
        for at, index in enumerate(self.indices):
            for term in chain_terms(index):
                product = torch.full_like(self.jet[0], term.times)
                for block in term.blocks:
                    product = product * self.jet[self.place[block]]
                values[:, at, term.order] += product
        return values

    def adjoint(self, grad: Tensor) -> Tensor:
        """Adjoint of the jet, values excepted, from that of the factors (batch, derivatives, orders, in)."""
        found = torch.zeros_like(self.jet)
        for at, index in enumerate(self.indices):
            for term in chain_terms(index):
                for skip, block in enumerate(term.blocks):
                    part = term.times * grad[:, at, term.order]
                    for other, factor in enumerate(term.blocks):
                        if other != skip:
                            part = part * self.jet[self.place[factor]]
                    found[self.place[block]] += part
        return found


class EdgeJets:
    """One layer at one jet: what runs into its sub-nodes, and what adjoints of that mean.

    Args:
        layer: Spline and formula edges.
        jet: What the layer sees, shape (derivatives, batch, in).
        indices: Names of the derivatives.
        features: Derivatives of the layer's features at the jet's values if known from before.
        adjoint: Whether `below` is going to be asked for; it needs one derivative more.
    """

    def __init__(
        self,
        layer: Layer,
        jet: Tensor,
        indices: Sequence[Index],
        features: Tensor | None = None,
        *,
        adjoint: bool = True,
    ) -> None:
        self.layer = layer
        self.factors = Factors(jet, indices)
        orders = self.factors.orders + adjoint
        basis: LinearEdgeLayer = layer.basis
        if features is None:
            features = torch.stack([basis.features(jet[0], order) for order in range(orders)])
        self.features = features
        # (orders, batch, in, out)
        edges = (self.features.movedim(2, 0).flatten(1, 2) @ basis.weights()).movedim(0, 1)
        self.edges = edges.reshape(orders, *jet.shape[1:], edges.shape[2])
        if len(layer.formula.edge_index):
            self._add_formulas(layer.formula, jet[0])

    def _add_formulas(self, formula: FormulaLayer, x: Tensor) -> None:
        a, _, c, d = formula.constants.unbind(1)
        self.raw = formula_derivatives(formula, x, self.factors.orders + 1)
        rows, columns = formula.edge_index.unbind(1)
        edges = self.edges.clone()
        for order in range(len(edges)):
            edges[order][:, rows, columns] += c * a**order * self.raw[order] + (d if order == 0 else 0)
        self.edges = edges

    def sums(self) -> Tensor:
        """Jet at the sub-nodes, (derivatives, batch, subnodes)."""
        factors = self.factors.values.flatten(2)
        edges = self.edges[: self.factors.orders].transpose(0, 1).flatten(1, 2)
        return (factors @ edges).transpose(0, 1)

    def pull(self, grad: Tensor) -> Tensor:
        """Adjoint of every edge's derivatives from that of the sums: (batch, orders, in, subnodes)."""
        factors = self.factors.values.flatten(2).transpose(1, 2)
        batch, _, orders, columns = self.factors.values.shape
        return (factors @ grad.transpose(0, 1)).reshape(batch, orders, columns, grad.shape[2])

    def below(self, grad: Tensor, pulled: Tensor) -> Tensor:
        """Adjoint of the jet below, (derivatives, batch, in), from that of the sums and `pull` of it."""
        orders = self.factors.orders
        edges = self.edges[:orders].transpose(0, 1).flatten(1, 2)
        factors = grad.transpose(0, 1) @ edges.transpose(1, 2)
        found = self.factors.adjoint(factors.reshape(self.factors.values.shape))
        found[0] += (pulled * self.edges[1:].transpose(0, 1)).sum((1, 3))
        return found

    def weight_rows(self, pulled: Tensor) -> Tensor:
        """Derivative of each sample's result in the weights of the features, (batch, in, 1 + size, out)."""
        features = self.features[: self.factors.orders].permute(1, 2, 3, 0)
        batch, columns, size, orders = features.shape
        left = features.reshape(batch * columns, size, orders)
        right = pulled.transpose(1, 2).reshape(batch * columns, orders, pulled.shape[3])
        return (left @ right).reshape(batch, columns, size, pulled.shape[3])

    def formula_rows(self, pulled: Tensor) -> Tensor:
        """Derivative of each sample's result in a, b, c, d of the formula edges, (batch, edges, 4)."""
        formula: FormulaLayer = self.layer.formula
        a, _, c, _ = formula.constants.unbind(1)
        rows, columns = formula.edge_index.unbind(1)
        x = self.factors.jet[0][:, rows]
        found = x.new_zeros(*x.shape, 4)
        for order in range(self.factors.orders):
            weight = pulled[:, order, rows, columns]
            here, higher = self.raw[order], self.raw[order + 1]
            lower = order * a ** max(order - 1, 0) * here
            found[..., 0] += weight * c * (lower + a**order * x * higher)
            found[..., 1] += weight * c * a**order * higher
            found[..., 2] += weight * a**order * here
            if order == 0:
                found[..., 3] += weight
        return found.masked_fill(formula.is_held, 0.0)


class NodeJets:
    """The nodes of one layer at one jet of their sub-nodes.

    Args:
        nodes: Sums, products and affine maps.
        sums: Jet at the sub-nodes, (derivatives, batch, subnodes).
        indices: Names of the derivatives.
    """

    def __init__(self, nodes: NodeLayer, sums: Tensor, indices: Sequence[Index]) -> None:
        self.nodes, self.sums, self.indices = nodes, sums, indices
        self.place = {index: at for at, index in enumerate(indices)}
        self.shifted = sums * nodes.subnode_scale
        self.shifted[0] += nodes.subnode_bias
        # Partial products of each product node, in the order of its factors.
        self.partial: dict[int, list[Tensor]] = {}
        columns = [self.shifted[..., : nodes.sums]]
        for node in range(nodes.sums, nodes.nodes):
            first, *others = nodes.members(node)
            partial = [self.shifted[..., first]]
            for member in others:
                partial.append(self._product(partial[-1], self.shifted[..., member]))
            self.partial[node] = partial
            columns.append(partial[-1][..., None])
        self.multiplied = torch.cat(columns, -1)

    def jet(self) -> Tensor:
        """Jet at the nodes, (derivatives, batch, nodes)."""
        jet = self.multiplied * self.nodes.node_scale
        jet[0] += self.nodes.node_bias
        return jet

    def below(self, grad: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Adjoint of the sums from that of the nodes, and rows (batch, ...) for the affine maps."""
        nodes = self.nodes
        rows = {"node_scale": (grad * self.multiplied).sum(0), "node_bias": grad[0]}
        grad = grad * nodes.node_scale
        shifted = torch.zeros_like(self.shifted)
        shifted[..., : nodes.sums] = grad[..., : nodes.sums]
        for node, partial in self.partial.items():
            first, *others = nodes.members(node)
            part = grad[..., node]
            for at in range(len(others) - 1, -1, -1):
                shifted[..., others[at]] = self._other_factor(part, partial[at])
                part = self._other_factor(part, self.shifted[..., others[at]])
            shifted[..., first] = part
        rows |= {"subnode_scale": (shifted * self.sums).sum(0), "subnode_bias": shifted[0]}
        return shifted * nodes.subnode_scale, rows

    def _product(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.stack(
            [
                sum(
                    (
                        count * a[self.place[left]] * b[self.place[right]]
                        for count, left, right in product_terms(index)
                    ),
                    start=torch.zeros_like(a[0]),
                )
                for index in self.indices
            ]
        )

    def _other_factor(self, grad: Tensor, factor: Tensor) -> Tensor:
        """Adjoint of one factor of a product, from the product's and the other factor."""
        found = torch.zeros_like(grad)
        for at, index in enumerate(self.indices):
            for count, left, right in product_terms(index):
                found[self.place[left]] += count * grad[at] * factor[self.place[right]]
        return found


def formula_derivatives(formula: FormulaLayer, x: Tensor, orders: int) -> list[Tensor]:
    """Derivatives of the functions of the formula edges at their inner arguments, each (batch, edges)."""
    a, b, _, _ = formula.constants.unbind(1)
    inner = a * x[:, formula.edge_index[:, 0]] + b
    parts = [
        derivatives(function.safe, inner[:, at], orders) for at, function in enumerate(formula.functions)
    ]
    return [torch.stack([part[order] for part in parts], -1) for order in range(orders)]


def derivatives(function: object, x: Tensor, orders: int) -> list[Tensor]:
    """An elementwise function and its first derivatives at `x`, by repeated differentiation.

    Example:
        >>> [float(part) for part in derivatives(torch.square, torch.tensor(3.0), 4)]
        [9.0, 6.0, 2.0, 0.0]
    """
    assert callable(function)
    with torch.enable_grad():
        point = x.detach().clone().requires_grad_()
        value = function(point)
        found = [value]
        for _ in range(1, orders):
            if value.requires_grad:
                (value,) = torch.autograd.grad(value.sum(), point, create_graph=True)
            else:
                value = torch.zeros_like(x)
            found.append(value)
    return [value.detach() for value in found]
