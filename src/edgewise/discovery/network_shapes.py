"""Small networks of one shape, trained from several starts and made sparse."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import sympy
import torch

from ..explain import prune
from ..network import Network, build
from ..train import Data, GridExtension, fit
from .problem import Array, Problem

_ASIDE = 5  # one sample of so many says what a network misses
_STARTS, _START_STEPS, _STEPS = 6, 12, 40
_GRIDS = (4, 8)
_LAMB, _SPARSE_STEPS, _THRESHOLD = 3e-3, 25, 1e-2
_WORSE = 5.0  # times what the full network misses, which a sparse one may
_READABLE = 3e-3  # what a network may miss whose curves tell their functions
_HOPELESS = 0.4  # share of the targets' deviation
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

    @property
    def is_single(self) -> bool:
        """Whether all goes through one sum: then there is one way to share what there is out to the edges."""
        return self.hidden in ((), (1,)) and self.output == 1


@dataclass(frozen=True)
class ShapedNetwork:
    """A trained network.

    Attributes:
        model: The network.
        x: Its samples (n, inputs).
        columns: What stands for each input.
        missed: What it leaves of samples that it was not trained on, as a share of the targets' deviation.
    """

    model: Network
    x: Array
    columns: Sequence[sympy.Expr]
    missed: float

    @property
    def edges(self) -> int:
        """How many edges it has."""
        return sum(1 for _ in self.model.active_edges())


def shaped_network(problem: Problem, shape: Shape, seed: int) -> ShapedNetwork | None:
    """Train a network of a shape.

    Where there are several sums, what they do can be shared out in many ways; a penalty finds one of few edges, and what
    scores low is cut.

    Args:
        problem: Samples.
        shape: The shape.
        seed: Of start values.

    Returns:
        None where there are no columns for it, or it has more numbers than there are samples.
    """
    inputs = _inputs(problem, shape.products)
    if inputs is None:
        return None
    x, columns = inputs
    data, aside = _data(x, problem)
    model = build([x.shape[1], *shape.hidden, shape.output], grid=_GRIDS[0], seed=seed, dtype=torch.float64)
    if sum(part.numel() for part in model.parameters() if part.requires_grad) > len(data.x):
        return None
    starts = GridExtension(_GRIDS[:1], n_starts=_STARTS, start_steps=_START_STEPS)
    fit(model, data, opt="LM", steps=_STEPS, grids=starts, progress=False)
    missed = _missed(model, data, problem, aside)
    if missed < _HOPELESS:
        sparse = None if shape.is_single else _sparse(model, data)
        fit(model, data, opt="LM", steps=_STEPS, grids=_GRIDS, progress=False)
        missed = _missed(model, data, problem, aside)
        if sparse is not None:
            left = _missed(sparse, data, problem, aside)
            if left < max(_WORSE * missed, _READABLE):
                model, missed = sparse, left
    return ShapedNetwork(model, x, columns, missed)


def _sparse(model: Network, data: Data) -> Network:
    """A copy of few edges, trained anew."""
    start = copy.deepcopy(model)
    fit(
        start,
        replace(data, validation_x=None, validation_y=None),
        lamb=_LAMB,
        steps=_SPARSE_STEPS,
        progress=False,
    )
    small = prune(start, data.x, node_threshold=_THRESHOLD, edge_threshold=_THRESHOLD).model
    fit(small, data, opt="LM", steps=_STEPS, grids=_GRIDS, progress=False)
    return small


def _data(x: Array, problem: Problem) -> tuple[Data, npt.NDArray[np.bool_]]:
    aside = np.arange(len(x)) % _ASIDE == _ASIDE - 1
    weights = None if problem.weights is None else torch.from_numpy(problem.weights[~aside])
    y = problem.y[:, None]
    parts = [torch.from_numpy(part) for part in (x[~aside], y[~aside], x[aside], y[aside])]
    return Data(parts[0], parts[1], validation_x=parts[2], validation_y=parts[3], weights=weights), aside


def _missed(model: Network, data: Data, problem: Problem, aside: npt.NDArray[np.bool_]) -> float:
    with torch.no_grad():
        rest = (problem.y[aside] - model(data.validation_x)[:, 0].numpy()) * problem.roots[aside]
    return float(np.sqrt(np.mean(rest**2))) / problem.spread


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
