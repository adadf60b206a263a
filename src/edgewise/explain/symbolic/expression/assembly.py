"""From a network to expressions in which a dummy symbol stands for every number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy
import torch
from torch import Tensor

from ....functions import Function
from ....network import Edge, Layer, Network
from ..network_views import decimals, reachable_edges
from .combination import Combination, Constants
from .forms import apply, is_undefined
from .numeric import Array, Numeric
from .polynomials import multiplied, shortened
from .shared_terms import SharedTerms


@dataclass(frozen=True)
class Draft:
    """Expressions of all outputs, their numbers, and numeric versions of the splines named in them."""

    expressions: tuple[sympy.Expr, ...]
    constants: Constants
    functions: dict[str, Numeric]


def assemble(
    model: Network,
    reader: Network,
    x: Tensor,
    symbols: Sequence[sympy.Symbol],
    tolerance: float = 0.0,
    unknown: float = 0.0,
) -> Draft:
    """Compose the edges, nodes and scalers of a network into one expression per output.

    Args:
        model: The network, whose numbers are taken.
        reader: Its float64 copy, which evaluates splines.
        x: Samples (n, input columns), for the size of each term.
        symbols: One per input in use.
        tolerance: Share of a sum that may be left out where it makes the whole shorter: terms that agree to it are
            taken for equal, and what cancels to it is dropped. At 0 the network is written as it is.
        unknown: Share of an output's deviation to which the data tell it: what is less than that among the terms of
            powers and products that are multiplied out is dropped.
    """
    constants = Constants()
    shared = SharedTerms(constants, tolerance)
    work = _Assembly(constants, {}, reader, set(reachable_edges(model)), tolerance, shared)
    columns = x[:, model.columns.cpu()].numpy()
    nodes = [Combination.of(symbol, column) for symbol, column in zip(symbols, columns.T, strict=True)]
    if model.input_scaler is not None:
        scaler = model.input_scaler
        pairs = zip(nodes, decimals(scaler.shift), decimals(scaler.scale), strict=True)
        nodes = [node.affine(1.0, -shift).over(scale) for node, shift, scale in pairs]
    for l, layer in enumerate(model.layers):
        nodes = work.layer(l, layer, nodes, unknown if l + 1 == model.depth else 0.0)
    if model.output_scaler is not None:
        scaler = model.output_scaler
        pairs = zip(nodes, decimals(scaler.shift), decimals(scaler.scale), strict=True)
        nodes = [node.affine(scale, shift) for node, shift, scale in pairs]
    expressions = tuple(node.written(constants) for node in nodes)
    return Draft(expressions, constants.used_in(expressions), work.functions)


@dataclass(frozen=True)
class _Assembly:
    constants: Constants
    functions: dict[str, Numeric]
    reader: Network
    live: set[Edge]
    tolerance: float
    terms: SharedTerms

    def layer(self, l: int, layer: Layer, inputs: list[Combination], unknown: float) -> list[Combination]:
        """Node values of a layer from those below, known but for a share of each node's deviation."""
        sums = [Combination(0.0, {}, {}) for _ in range(layer.subnodes)]
        rows = zip(
            layer.formula.edge_index.tolist(), layer.formula.functions, layer.formula.constants, strict=True
        )
        for (i, j), function, affine in rows:
            if (l, i, j) in self.live:
                a, b, c, d = decimals(affine)
                value = self.terms.unified(apply(function, inputs[i].affine(a, b), self.constants))
                self._remember(function)
                sums[j] = sums[j].plus(value.affine(c, d))
        for i, j in (layer.basis.mask != 0).nonzero().tolist():
            if (l, i, j) in self.live:
                sums[j] = sums[j].plus(self._spline((l, i, j), inputs[i]))
        return self._nodes(layer, sums, unknown)

    def _remember(self, function: Function) -> None:
        """Keep the numeric version of a function that sympy does not know."""
        if is_undefined(function):

            def values(argument: Array) -> Array:
                return function.fn(torch.as_tensor(np.asarray(argument, dtype=np.float64))).numpy()

            self.functions[function.name] = values

    def _spline(self, edge: Edge, argument: Combination) -> Combination:
        layer, i, j = edge
        spline = self.reader.layers[layer].basis.select([i], [j])

        def curve(values: Array) -> Array:
            with torch.no_grad():
                at = torch.as_tensor(np.asarray(values, dtype=np.float64)).reshape(-1, 1)
                return spline(at)[:, 0].numpy()

        name = f"spline_{layer}_{i}_{j}"
        self.functions[name] = curve
        term = sympy.Function(name)(argument.written(self.constants))
        return Combination.of(term, curve(np.asarray(argument.total)))

    def _nodes(self, layer: Layer, sums: list[Combination], unknown: float) -> list[Combination]:
        nodes = layer.nodes
        unknown_sums = 0.0 if nodes.arities else unknown
        pairs = zip(sums, decimals(nodes.subnode_scale), decimals(nodes.subnode_bias), strict=True)
        shifted = [self._shortened(value.affine(scale, bias), unknown_sums) for value, scale, bias in pairs]
        values = [self._product([shifted[member] for member in nodes.members(n)]) for n in range(nodes.nodes)]
        pairs = zip(values, decimals(nodes.node_scale), decimals(nodes.node_bias), strict=True)
        return [self._shortened(value.affine(scale, bias), unknown) for value, scale, bias in pairs]

    def _shortened(self, value: Combination, unknown: float) -> Combination:
        return shortened(value, self.constants, self.tolerance, unknown) if self.tolerance else value

    def _product(self, factors: list[Combination]) -> Combination:
        """Product of sub-nodes, with the leading weight of each factor pulled out."""
        numbers = [factor.offset for factor in factors if not any(factor.weights.values())]
        weight = math.prod(numbers)
        factors = [factor for factor in factors if any(factor.weights.values())]
        if len(factors) <= 1 or weight == 0:
            return factors[0].affine(weight, 0.0) if factors and weight else Combination(weight, {}, {})
        leading = [factor.lead for factor in factors]
        parts = [factor.over(lead) for factor, lead in zip(factors, leading, strict=True)]
        values: Array = np.prod([np.asarray(part.total) for part in parts], axis=0)
        term = sympy.Mul(*(part.written(self.constants) for part in parts))
        return Combination.of(term, values, weight * math.prod(leading)).with_expanded(
            term, multiplied(parts)
        )
