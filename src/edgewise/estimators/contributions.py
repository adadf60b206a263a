"""What each column of a table adds to single predictions: Shapley values of the fitted function.

The value of a set of columns at a row is the mean output where these columns are the row's, and the others those of
background rows (interventional, or marginal, Shapley values). Of a sum of one curve a column this is the curve less its
mean, exactly. With a hidden level all sets are enumerated where few columns matter; else orders of the columns are
drawn by a fixed seed, each also backwards, one for each background row. Either way the values add up to the prediction
less the mean prediction of the background.

Source: Lundberg and Lee 2017, "A unified approach to interpreting model predictions"; Janzing et al. 2020, "Feature
relevance quantification in explainable AI"; Mitchell et al. 2022, "Sampling permutations for Shapley value estimation".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import unknown_name
from ..network import Network

_MOST_ENUMERATED = 6
_BACKGROUND = 100
_SIZE = 200_000
"""So many rows go through the upper layers at once."""


@dataclass(frozen=True)
class Contributions:
    """What each column adds to each prediction; for classes, to the logits.

    Attributes:
        base: Mean prediction of the background: a number for one output, else one an output.
        values: Shape (n, columns) for one output, else (n, columns, outputs); with `base` they add up to the
            predictions.
        names: Of the columns.
        outputs: Names of the outputs.
    """

    base: Any
    values: np.ndarray
    names: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def totals(self) -> np.ndarray:
        """Base and contributions together: the predictions, for classes the logits."""
        return self.base + self.values.sum(1)

    def columns(self, output: str | int = 0) -> dict[str, np.ndarray]:
        """The contributions to one output by name of column, with "base" first, as data frames are made of.

        Args:
            output: Its name or number.

        Raises:
            UnknownName: there is no such output.

        Example:
            >>> parts = Contributions(1.0, np.array([[2.0], [3.0]]), ("a",), ("y",))
            >>> {name: column.tolist() for name, column in parts.columns().items()}
            {'base': [1.0, 1.0], 'a': [2.0, 3.0]}
        """
        if isinstance(output, str) and output not in self.outputs:
            raise unknown_name("columns", "output", output, self.outputs)
        place = self.outputs.index(output) if isinstance(output, str) else output
        values = self.values.reshape(*self.values.shape[:2], -1)[:, :, place]
        base = "base value" if "base" in self.names else "base"
        first = {base: np.full(len(values), float(np.atleast_1d(self.base)[place]))}
        return first | dict(zip(self.names, values.T, strict=True))


@torch.no_grad()
def shapley_values(
    model: Network, x: Tensor, background: Tensor, weights: Tensor, groups: Tensor
) -> tuple[Tensor, Tensor]:
    """Shapley values of groups of a network's inputs.

    Args:
        model: Its first layer must be of plain sums.
        x: Rows to explain, shape (n, n_columns).
        background: Rows that stand for all, shape (m, n_columns); with a hidden level a sample of 100 is used.
        weights: Of the background's rows, shape (m,).
        groups: Number of each input's group, shape (n_columns,).

    Returns:
        The mean output of the background, shape (outputs,), and the values, shape (n, groups, outputs).

    Example:
        >>> from edgewise.network import build
        >>> model, x = build([2, 3, 1], seed=0), torch.rand(5, 2)
        >>> base, values = shapley_values(model, x, x, torch.ones(5), torch.arange(2))
        >>> torch.allclose(base + values.sum(1), model(x), atol=1e-6)
        True
    """
    if model.depth > 1 and len(background) > _BACKGROUND:
        order = torch.randperm(len(background), generator=torch.Generator().manual_seed(0))
        kept = order[:_BACKGROUND]
        background, weights = background[kept], weights[kept]
    share = weights / weights.sum()
    count = int(groups.max()) + 1
    columns = groups[model.columns]
    of_x, of_background = (_grouped(model, rows, columns, count) for rows in (x, background))
    rest = _Rest(model, share)
    if model.depth == 1:
        base = share @ rest.outputs(of_background.sum(1))
        steps = of_x - (share[:, None, None] * of_background).sum(0)
        return base, steps * _scale(model)
    both = torch.cat([of_x, of_background])
    used = [n for n in range(count) if bool((both[:, n].amax(0) > both[:, n].amin(0)).any())]
    explain = _enumerated if len(used) <= _MOST_ENUMERATED else _sampled
    values = torch.zeros(len(x), count, model.layers[-1].out_features, dtype=x.dtype)
    rows = max(1, _SIZE // len(background))
    idle = of_background[0].sum(0) - of_background[0, used].sum(0)
    for start in range(0, len(x), rows):
        part = slice(start, start + rows)
        values[part, used] = explain(of_x[part, used], of_background[:, used], idle, rest)
    return share @ rest.outputs(of_background.sum(1)), values


def _grouped(model: Network, x: Tensor, columns: Tensor, count: int) -> Tensor:
    """What each group of inputs adds to the first sums, shape (n, count, sums)."""
    edges = model.layers[0].edges(model.prepare_inputs(x))
    empty = torch.zeros(len(x), count, edges.shape[2], dtype=edges.dtype)
    return empty.index_add(1, columns, edges)


def _scale(model: Network) -> Tensor | float:
    return 1.0 if model.output_scaler is None else model.output_scaler.scale


@dataclass(frozen=True)
class _Rest:
    """The network above the first sums, and the weights of the background's rows."""

    model: Network
    share: Tensor

    def outputs(self, sums: Tensor) -> Tensor:
        """Outputs for sums of the first layer's edges, shape (..., sums)."""
        h = self.model.layers[0].nodes(sums.reshape(-1, sums.shape[-1]))
        for layer in list(self.model.layers)[1:]:
            h = layer(h)
        return self.model.finish_outputs(h).reshape(*sums.shape[:-1], -1)


def _enumerated(x: Tensor, background: Tensor, idle: Tensor, rest: _Rest) -> Tensor:
    """Values by all sets of groups: x (n, groups, sums), background (m, groups, sums)."""
    count = x.shape[1]
    means = []
    for chosen in range(2**count):
        inside = [n for n in range(count) if chosen >> n & 1]
        outside = [n for n in range(count) if not chosen >> n & 1]
        sums = x[:, inside].sum(1)[:, None] + background[:, outside].sum(1) + idle
        means.append(torch.einsum("m,nmo->no", rest.share, rest.outputs(sums)))
    values = torch.zeros(len(x), count, means[0].shape[1], dtype=x.dtype)
    for chosen, mean in enumerate(means):
        size = chosen.bit_count()
        for n in range(count):
            if chosen >> n & 1:
                weight = factorial(size - 1) * factorial(count - size) / factorial(count)
                values[:, n] += weight * (mean - means[chosen ^ (1 << n)])
    return values


def _sampled(x: Tensor, background: Tensor, idle: Tensor, rest: _Rest) -> Tensor:
    """Values by an order of the groups for each row of the background, forwards and backwards."""
    generator = torch.Generator().manual_seed(0)
    orders = torch.stack([torch.randperm(x.shape[1], generator=generator) for _ in background])
    places = torch.arange(len(background))
    values = None
    for order in (orders, orders.flip(1)):
        sums = (background.sum(1) + idle).expand(len(x), -1, -1).clone()
        before = rest.outputs(sums)
        if values is None:
            values = torch.zeros(len(x), x.shape[1], before.shape[2], dtype=x.dtype)
        for step in order.T:
            sums += x[:, step] - background[places, step]
            after = rest.outputs(sums)
            values.index_add_(1, step, 0.5 * rest.share[:, None] * (after - before))
            before = after
    assert values is not None
    return values
