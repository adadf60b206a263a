"""Start values of layers with product nodes: each factor a straight line in inputs of its own.

Edges that start small multiply to a product that starts flat: its gradients are of second order, the sums beside
it fit the data first, and a penalty on edges switches it off. A factor that starts as a line in some of the inputs,
the others of the same product in the rest, makes a product of distinct inputs as large as a sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ..spline import basis, uniform_knots
from .init import Initialisation, LayerShape, Start, find_initialisation
from .nodes import NodeLayer

# Training on x y turns a factor a x + b y, beside one that starts at 0, into (a x + b y)(b x + a y): of two inputs of
# one factor that a law multiplies, the steeper one stays in it and the other goes over, if they start unlike. Alike,
# they end as a square, (x + y)^2. Lean networks from 12 seeds of x y + z and of u v + w^2: 10 and 10; with equal
# slopes and noise of 0.3, 8 and 8.
_FALL = 0.5
_MIXED = 0.1


@dataclass(frozen=True)
class ProductStart:
    """An initialisation whose product nodes start as products of distinct inputs.

    Sums start as `init` says. Of a product node, every input is given to one factor by chance, or, where factors
    are more than inputs, every factor to one input. A factor is a line with slope 1 or -1 in its first own input, half
    as steep in the next and so on, nearly flat in the others, with the noise that `init` gives to splines; the scale
    makes the product vary as much as a sum does.

    Args:
        init: Name of an initialisation.
        sums: Addition nodes of the layer.
        arities: Factors of each of its product nodes.

    Example:
        >>> shape = LayerShape(2, 3, 4, 3, torch.nn.functional.silu)
        >>> start = ProductStart("power", sums=1, arities=(2,))(shape, torch.Generator().manual_seed(0))
        >>> bool((start.scale_base[:, 1:] == 0).all())
        True
    """

    init: str
    sums: int
    arities: tuple[int, ...]

    @classmethod
    def of(cls, nodes: NodeLayer, init: str | Initialisation) -> str | Initialisation:
        """The initialisation of a layer with these nodes.

        It is `init` itself where there is no product, and where `init` is a function: that of a user says all.
        """
        return cls(init, nodes.sums, nodes.arities) if nodes.arities and isinstance(init, str) else init

    def __call__(self, shape: LayerShape, generator: torch.Generator) -> Start:
        """The start values; those of `init` for a layer of other sizes."""
        start = find_initialisation(self.init)(shape, generator)
        if shape.out_features != self.sums + sum(self.arities):
            return start
        coef, scale_base = start.coef.clone(), start.scale_base.clone()
        spread, first = _deviation(start, shape), self.sums
        for arity in self.arities:
            factors = slice(first, first + arity)
            slopes = _slopes(shape.in_features, arity, generator)
            slopes *= spread ** (1 / arity) / (slopes.norm(dim=0) * math.sqrt(1 / 3))
            coef[:, :, factors] += _line(shape)[:, None] * slopes[:, None]
            scale_base[:, factors] = 0.0
            first += arity
        return Start(coef, scale_base)


def _slopes(inputs: int, factors: int, generator: torch.Generator) -> Tensor:
    """Slopes (inputs, factors): steep where an input belongs to a factor, small elsewhere."""
    noise = torch.randn(inputs, factors, generator=generator, dtype=torch.float64)
    order = torch.randperm(inputs, generator=generator)
    slopes = _MIXED * noise
    for turn in range(max(inputs, factors)):
        place = int(order[turn % inputs]), turn % factors
        slopes[place] = noise[place].sign() * max(_FALL ** (turn // factors), _MIXED)
    return slopes


def _line(shape: LayerShape) -> Tensor:
    """Coefficients of the line that rises from -1 to 1 over the grid, (G + k,)."""
    ends = torch.ones(1, dtype=torch.float64)
    knots = uniform_knots(-ends, ends, shape.grid, shape.k)[0]
    if shape.k == 0:
        return (knots[1:] + knots[:-1]) / 2
    return knots[1:-1].unfold(0, shape.k, 1).mean(1)  # the Greville abscissae


def _deviation(start: Start, shape: LayerShape) -> float:
    """Root mean square, over the sums, of their deviation over uniform inputs."""
    x = torch.linspace(-1, 1, 129, dtype=torch.float64)[:, None]
    ends = torch.ones(1, dtype=torch.float64)
    values = basis(x, uniform_knots(-ends, ends, shape.grid, shape.k), shape.k)[:, 0]
    edges = torch.einsum("bm,imo->bio", values, start.coef)
    edges = edges + shape.base(x)[:, :, None] * start.scale_base
    return float(edges.var(0, correction=0).sum(0).mean().sqrt())
