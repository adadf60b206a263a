"""Kolmogorov-Arnold networks as a source of laws: small ones of several shapes, with sum and product nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import sympy
import torch

from .._tensors import even_places
from ..errors import EdgewiseError
from ..network import Network, build
from ..train import Data, GridExtension, fit
from .edge_beam import read_off
from .problem import Array, Problem
from .proposal import Proposal

_ROWS = 600
_ASIDE = 5
_STARTS, _START_STEPS, _STEPS = 6, 12, 40
_GRIDS = (4, 8)
_MISSED = 0.05  # share of the targets' deviation that a network of the right shape leaves, without noise
_IN_NOISE = 1.3
_BETTER = 0.7  # of what a smaller network misses
_MOST_INPUTS = 12

Width = tuple[int | tuple[int, int], ...]


@dataclass(frozen=True)
class Shape:
    """What networks are made of.

    Attributes:
        hidden: Hidden levels, as of a network's width: sums, or sums and products.
        output: The output: 1 for a sum, (0, 1) for a product of two sums.
        products: Whether products of two columns enter as columns.
    """

    hidden: Width
    output: int | tuple[int, int] = 1
    products: bool = False


_SHAPES = (
    Shape(()),
    Shape((1,)),
    Shape((1,), products=True),
    Shape(((0, 1),)),
    Shape((2,)),
    Shape((2,), (0, 1)),
    Shape(((1, 1),)),
    Shape((2,), products=True),
)


def by_networks(problem: Problem, seed: int, left: Callable[[], bool]) -> Iterator[Proposal]:
    """Formulas read off networks of several shapes, the smallest first.

    Args:
        problem: Samples.
        seed: Of start values.
        left: Whether there is time.
    """
    rows, best = problem.rows(even_places(len(problem.y), _ROWS).numpy()), np.inf
    for shape in _SHAPES:
        if not left():
            return
        inputs = _inputs(rows, shape.products)
        if inputs is None:
            continue
        x, columns = inputs
        try:
            missed, model = _trained(x, rows, shape, seed)
        except EdgewiseError:
            continue
        if missed < min(max(_MISSED, _IN_NOISE * problem.noise), _BETTER * best):
            best = missed
            yield from read_off(model, x, columns, rows.some, left)


def _inputs(problem: Problem, products: bool) -> tuple[Array, Sequence[sympy.Expr]] | None:
    """Columns, and what stands for each; None where products of them are wanted and there are none, or too many."""
    x, symbols = problem.x, list(problem.symbols)
    if not products:
        return x, symbols
    pairs = list(combinations(range(x.shape[1]), 2))
    if not pairs or x.shape[1] + len(pairs) > _MOST_INPUTS:
        return None
    more = np.stack([x[:, i] * x[:, j] for i, j in pairs], 1)
    return np.concatenate([x, more], 1), [*symbols, *(symbols[i] * symbols[j] for i, j in pairs)]


def _trained(x: Array, problem: Problem, shape: Shape, seed: int) -> tuple[float, Network]:
    """The best of several start values, and what it misses of samples set aside, as a share of their deviation."""
    aside = np.arange(len(x)) % _ASIDE == _ASIDE - 1
    y = problem.y[:, None]
    data = Data(
        torch.from_numpy(x[~aside]),
        torch.from_numpy(y[~aside]),
        validation_x=torch.from_numpy(x[aside]),
        validation_y=torch.from_numpy(y[aside]),
        weights=None if problem.weights is None else torch.from_numpy(problem.weights[~aside]),
    )
    width = [x.shape[1], *shape.hidden, shape.output]
    model = build(width, grid=_GRIDS[0], seed=seed, dtype=torch.float64)
    grids = GridExtension(_GRIDS, n_starts=_STARTS, start_steps=_START_STEPS)
    fit(model, data, opt="LM", steps=_STEPS, grids=grids, progress=False)
    with torch.no_grad():
        rest = (y[aside] - model(data.validation_x).numpy())[:, 0]
    weights = 1.0 if problem.weights is None else problem.weights[aside]
    return float(np.sqrt(np.mean(weights * rest**2))) / problem.spread, model
