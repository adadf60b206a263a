"""Where a network's formulas end or have a pole: inside the data, or a little beyond them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ...functions import Function
from ...network import Edge, Network, walk
from .network_views import reachable_edges

_AVOIDED = 5.0  # combinations expected among the samples, none of which is there: they are kept out of them


@dataclass(frozen=True)
class Singularity:
    """The first formula edge that is not defined at some points, or has a pole between them and the samples.

    Attributes:
        edge: Its address.
        name: Function and argument in words.
        rows: Numbers of those points.
    """

    edge: Edge
    name: str
    rows: Tensor


@torch.no_grad()
def singularity(model: Network, samples: Tensor, points: Tensor) -> Singularity | None:
    """Look for an edge whose argument is on another branch of its function at some points than at all samples.

    Args:
        model: A float64 network on the CPU.
        samples: Where it is defined (n, input columns).
        points: Where that is asked (points, input columns).

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "1/x")
        >>> x = torch.linspace(0.1, 1, 50, dtype=torch.float64)[:, None]
        >>> singularity(model, x, x - 0.2).name, singularity(model, x, x + 0.2)
        ('1/x of x_1', None)
    """
    return next(singularities(model, samples, points), None)


@torch.no_grad()
def singularities(model: Network, samples: Tensor, points: Tensor) -> Iterator[Singularity]:
    """All edges that `singularity` looks for, in order."""
    live, count, names = set(reachable_edges(model)), len(samples), model.names
    for l, layer, h in walk(model, torch.cat([samples, points])):
        formula = layer.formula
        rows = zip(formula.edge_index.tolist(), formula.functions, formula.constants, strict=True)
        for (i, j), function, affine in rows:
            if (l, i, j) not in live or not _has_branches(function):
                continue
            found = branch(function, affine[0] * h[:, i] + affine[1])
            bad = ~torch.isin(found[count:], found[:count].unique()) | (found[count:] < 0)
            if bool(bad.any()):
                where = f"of {names[i]}" if l == 0 else f"on edge {(l, i, j)}"
                yield Singularity((l, i, j), f"{function.name} {where}", bad.nonzero()[:, 0])


@torch.no_grad()
def pole_among(model: Network, samples: Tensor) -> str | None:
    """Name an edge that has a pole between the samples: they are on both sides of it.

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "1/x")
        >>> pole_among(model, torch.tensor([[-1.0], [1.0]], dtype=torch.float64))
        '1/x of x_1'
    """
    for place in (0, 1):
        first = samples[place : place + 1]
        found = singularity(model, first, samples)
        if found is not None:
            return found.name
    return None


def branch(function: Function, argument: Tensor) -> Tensor:
    """Number of the interval of the domain that an argument lies in, -1 outside; a tangent's branches count from 0.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> branch(LIBRARY["1/x"], torch.tensor([-2.0, 3.0])).tolist()
        [0, 1]
    """
    if function.name == "tan":
        turn = torch.div(argument + math.pi / 2, math.pi, rounding_mode="floor").long()
        return torch.where(turn < 0, -2 * turn - 1, 2 * turn)
    found = torch.full(argument.shape, -1, dtype=torch.long)
    for place, (low, high) in enumerate(function.domain):
        inside = (argument >= low) & (argument <= high)
        found[inside] = place
    found[~torch.isfinite(function.fn(argument))] = -1
    return found


def kept_out(bad: int, points: int, samples: int) -> bool:
    """Whether samples keep out of a region that so many of the combinations of their columns' values fall into.

    Of n samples whose columns are independent, n q would lie in it by chance.

    Example:
        >>> kept_out(500, 1000, 100), kept_out(4, 1000, 400)
        (True, False)
    """
    return samples * bad > _AVOIDED * points


def _has_branches(function: Function) -> bool:
    return function.domain != ((-math.inf, math.inf),)
