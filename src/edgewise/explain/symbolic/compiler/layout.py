"""From a plan to the layers of a network: nodes on levels, and identities where a value is used further up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....functions import LIBRARY
from ....layers import FormulaLayer, KANLayer, NodeLayer
from ....network import Layer
from .plan import IDENTITY, Plan, Term, Total

MakeEdges = Callable[[int, int], KANLayer]


class Layout:
    """Levels of nodes.

    Args:
        plan: The nodes.
        outputs: What each output adds up.
    """

    def __init__(self, plan: Plan, outputs: Sequence[Total]) -> None:
        self._plan = plan
        self._outputs: list[tuple[Total, ...]] = [(total,) for total in outputs]
        factors = [self._as_product(total) for total in outputs]
        if all(found is not None for found in factors):
            self._outputs = [found for found in factors if found is not None]
        self.depth = max(1, *(1 + plan.height(total) for output in self._outputs for total in output))
        self._levels: list[list[int]] = [[] for _ in range(self.depth)]
        self._levels[0] = [node for node, factors in enumerate(plan.factors) if not factors]
        for output in self._outputs:
            self._need(output, self.depth - 1)
        for level, nodes in enumerate(self._levels):
            products = [node for node in nodes if len(self._incoming(node, level)) > 1]
            self._levels[level] = [*(node for node in nodes if node not in products), *products]

    def layers(self, make_edges: MakeEdges) -> list[Layer]:
        """The layers, their learnable edges made by `make_edges(inputs, subnodes)` and off."""
        made = []
        for level in range(1, self.depth + 1):
            below = {node: place for place, node in enumerate(self._levels[level - 1])}
            if level < self.depth:
                groups = [self._incoming(node, level) for node in self._levels[level]]
            else:
                groups = list(self._outputs)
            made.append(_layer(groups, below, make_edges))
        return made

    def _as_product(self, total: Total) -> tuple[Total, ...] | None:
        """The factors of an output that is one product and nothing else."""
        found = total.affine
        if found is None or found[2] != 0 or len(self._plan.factors[found[0]]) < 2:
            return None
        first, *rest = self._plan.factors[found[0]]
        return (first.scaled(found[1]), *rest)

    def _need(self, factors: Sequence[Total], level: int) -> None:
        """Have all that these totals read stand on a level, and what that reads below it."""
        for total in factors:
            for term in total.terms:
                if term.source not in self._levels[level]:
                    self._levels[level].append(term.source)
                    self._need(self._incoming(term.source, level), level - 1)

    def _incoming(self, node: int, level: int) -> tuple[Total, ...]:
        """What makes a node on a level: its factors where it is computed, else its own value from below."""
        if self._plan.heights[node] == level:
            return self._plan.factors[node]
        return (Total(0.0, (Term(node, IDENTITY),)),)


def _layer(groups: Sequence[tuple[Total, ...]], below: dict[int, int], make_edges: MakeEdges) -> Layer:
    totals = [total for factors in groups for total in factors]
    basis = make_edges(len(below), len(totals)).silence_()
    basis.mask.zero_()
    edges = [
        (below[term.source], j, term.function, (term.a, term.b, term.c, total.constant if n == 0 else 0.0))
        for j, total in enumerate(totals)
        for n, term in enumerate(total.terms)
    ]
    edges += [
        (0, j, LIBRARY["0"], (1.0, 0.0, 1.0, total.constant))
        for j, total in enumerate(totals)
        if not total.terms
    ]
    arities = tuple(len(factors) for factors in groups if len(factors) > 1)
    nodes = NodeLayer(len(groups) - len(arities), arities, dtype=basis.dtype, device=basis.device)
    formula = FormulaLayer(len(below), len(totals), dtype=basis.dtype, device=basis.device)
    return Layer(basis, formula.with_edges(edges), nodes)
