"""Moving the edges that lead out of one node to another on which it depends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..layers import FormulaLayer
from ..network import Layer
from .edge_fit import fit_edge_

_GRID_POINTS = 200


class NoSuchEdge(Exception):
    """Two curves whose sum no edge can be; the message is the reason."""


@dataclass(frozen=True)
class NodeRelation:
    """One node as an affine function of another: node = scale * into + shift.

    Attributes:
        node: The one.
        into: The other.
        scale: Factor.
        shift: Shift.
    """

    node: int
    into: int
    scale: float
    shift: float

    def __call__(self, h: Tensor) -> Tensor:
        """Values of the one at values of the other."""
        return self.scale * h + self.shift


@torch.no_grad()
def moved_edges(layer: Layer, relation: NodeRelation, x: Tensor, tolerance: float = 1e-9) -> Layer:
    """Add the curves that lead out of a node to those that lead out of another, to the same places.

    Args:
        layer: The layer above both, in float64; not modified.
        relation: The input whose edges move, and the one that takes them.
        x: What the layer sees, shape (batch, in).
        tolerance: Deviation, as a share of its own, by which a formula may differ from a multiple of the one
            that it is added to.

    Returns:
        A new layer. A spline is fitted on the grid that its input has; a formula takes scale and shift into its
        constants, and is added to a formula of which it is a multiple. The edges of the first node are off.

    Raises:
        NoSuchEdge: When a formula and another curve lead to the same place, and their sum is no such formula.

    Example:
        >>> from edgewise.network import build, set_formulas
        >>> sines = {(0, 0, 0): ("sin", (1, 0, 1, 0)), (0, 1, 0): ("sin", (0.5, 0, 3, 0))}
        >>> layer = set_formulas(build([2, 1], dtype=torch.float64), sines).layers[0]
        >>> moved = moved_edges(layer, NodeRelation(0, 1, 0.5, 0.0), torch.rand(20, 2, dtype=torch.float64))
        >>> [round(number, 9) for number in moved.formula.get(1, 0)[1].tolist()]
        [0.5, 0.0, 4.0, 0.0]
    """
    basis, formula = layer.basis.with_tensors(), layer.formula
    for place in range(layer.subnodes):
        kind, there = layer.edge_kind(relation.node, place), layer.edge_kind(relation.into, place)
        if kind != "off" and there != "off" and (kind == "formula") != (there == "formula"):
            raise NoSuchEdge(f"to {place} one of them leads by a formula and the other does not")
        if kind == "formula":
            formula = _with_formula(formula, relation, place, x, tolerance)
        elif kind != "off":
            h = torch.cat([x[:, relation.into], _grid(layer, relation.into)])[:, None]
            values = basis.select([relation.node], [place])(relation(h))[:, 0]
            fit_edge_(basis, relation.into, place, h, values, add=there != "off")
            basis.mask[relation.into, place] = 1.0
        basis.mask[relation.node, place] = 0.0
    return Layer(basis, formula, layer.nodes).train(layer.training)


def _grid(layer: Layer, node: int) -> Tensor:
    low, high = layer.basis.interval()
    return torch.linspace(float(low[node]), float(high[node]), _GRID_POINTS, dtype=torch.float64)


def _with_formula(
    layer: FormulaLayer, relation: NodeRelation, place: int, x: Tensor, tolerance: float
) -> FormulaLayer:
    found, there = layer.get(relation.node, place), layer.get(relation.into, place)
    assert found is not None
    if any(
        (i, j) in ((relation.node, place), (relation.into, place)) and held
        for i, j, *_, held in layer.formulas()
    ):
        raise NoSuchEdge(f"constants of the {found[0].name} that leads to {place} are held")
    function, (a, b, c, d) = found[0], found[1].tolist()
    a, b = relation.scale * a, relation.shift * a + b
    rest = layer.without_edge(relation.node, place)
    if there is None:
        return rest.with_edge(relation.into, place, function, (a, b, c, d))
    own, (a2, b2, c2, d2) = there[0], there[1].tolist()
    h = x[:, relation.into]
    scale, shift, left = affine_fit(function.safe(a * h + b), own.safe(a2 * h + b2))
    if not left <= tolerance:
        raise NoSuchEdge(f"the {function.name} and the {own.name} that lead to {place} are no multiples")
    return rest.with_edge(relation.into, place, own, (a2, b2, c2 + c * scale, d2 + d + c * shift))


def affine_fit(wanted: Tensor, given: Tensor) -> tuple[float, float, float]:
    """Scale and shift of `given` nearest to `wanted`, and the deviation left as a share of that of `wanted`.

    Example:
        >>> affine_fit(torch.tensor([1.0, 3.0, 5.0]), torch.tensor([0.0, 1.0, 2.0]))
        (2.0, 1.0, 0.0)
    """
    centred, about = given - given.mean(), wanted - wanted.mean()
    size, deviation = float(centred @ centred), float(about.square().mean().sqrt())
    scale = float(centred @ about) / size if size > 0 else 0.0
    shift = float(wanted.mean()) - scale * float(given.mean())
    left = float((about - scale * centred).square().mean().sqrt())
    return scale, shift, left / deviation if deviation > 0 else 0.0
