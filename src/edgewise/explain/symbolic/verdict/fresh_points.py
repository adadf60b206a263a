"""Points at which nothing was measured: between the samples, and a little beyond them."""

from __future__ import annotations

import torch
from torch import Tensor

from ...._tensors import even_places

_ROWS = 400  # samples whose neighbours are looked for
_NEIGHBOURS = 2
_FRACTIONS = (0.25, 0.5, 0.75)
BETWEEN_STEPS = (3 - 5**0.5) / 2
"""Where to look between two values of a column: no period of a lattice's step divides the golden section."""
_BEYOND = 0.07  # of the range, on either side
_COMBINED = 1000  # points that combine values of different samples
_SAME = 1e-9  # of a column's range: values so close count as one


def some_rows(x: Tensor, most: int = _ROWS) -> Tensor:
    """At most so many rows, taken evenly.

    Example:
        >>> some_rows(torch.arange(10.0)[:, None], 2).ravel().tolist()
        [0.0, 9.0]
    """
    return x[even_places(len(x), most)]


def points_between(x: Tensor, columns: Tensor) -> Tensor:
    """Points (points, input columns) on the lines from samples to their nearest neighbours that differ.

    Args:
        x: Samples.
        columns: Columns in use; the others are taken from the sample.

    Example:
        >>> points_between(torch.tensor([[0.0], [1.0]]), torch.tensor([0])).unique().tolist()
        [0.25, 0.5, 0.75]
    """
    rows = some_rows(torch.unique(x, dim=0) if len(x) <= 2 * _ROWS else x)
    used = rows[:, columns]
    spread = used.std(0, correction=0) if len(rows) > 1 else torch.zeros(used.shape[1])
    used = used[:, spread > 0] / spread[spread > 0]
    if len(rows) < 2 or not used.shape[1]:
        return x[:0]
    distance = torch.cdist(used, used)
    distance[distance <= _SAME] = torch.inf
    distance, near = distance.topk(min(_NEIGHBOURS, len(rows) - 1), largest=False)
    start = rows[:, None].expand(-1, near.shape[1], -1)[distance.isfinite()]
    step = (rows[near] - rows[:, None])[distance.isfinite()]
    return torch.cat([start + share * step for share in _FRACTIONS])


def points_within_steps(x: Tensor, columns: Tensor) -> Tensor:
    """Points (points, input columns) in which one column stands between its value and the next that it takes.

    Columns of two values, which as a rule say yes or no, have nothing between.

    Example:
        >>> points_within_steps(torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([0])).ravel().tolist()
        [0.38..., 1.38...]
    """
    rows, found = some_rows(x), [x[:0]]
    for column in columns.tolist():
        values = distinct_values(x[:, column])
        if len(values) < 3:
            continue
        place = torch.searchsorted(values, rows[:, column].contiguous()).clamp(max=len(values) - 1)
        inner = place < len(values) - 1
        moved = rows[inner].clone()
        step = values[place[inner] + 1] - values[place[inner]]
        moved[:, column] = values[place[inner]] + BETWEEN_STEPS * step
        found.append(moved)
    return torch.cat(found)


def points_combined(x: Tensor, columns: Tensor) -> Tensor:
    """Points (points, input columns) that combine values of the columns in use from different samples.

    Of one column there is nothing to combine.

    Example:
        >>> points_combined(torch.arange(6.0).reshape(3, 2), torch.tensor([0, 1])).shape
        torch.Size([1000, 2])
    """
    if len(columns) < 2 or len(x) < 2:
        return x[:0]
    generator = torch.Generator().manual_seed(0)
    found = x[torch.randint(len(x), (_COMBINED,), generator=generator)].clone()
    for column in columns.tolist():
        found[:, column] = x[torch.randint(len(x), (_COMBINED,), generator=generator), column]
    return found


def points_beyond(x: Tensor, columns: Tensor) -> Tensor:
    """Points a little beyond the samples.

    The outermost samples of each column in use, moved further out in that column; and, where there are several, samples
    moved away from the middle of all columns at once, by which those at the rim of the data come to lie outside.

    Example:
        >>> points_beyond(torch.tensor([[0.0], [1.0]]), torch.tensor([0])).ravel().tolist()
        [-0.07..., 1.07...]
    """
    found = [x[:0]]
    for column in columns.tolist():
        values = x[:, column]
        for row, side in ((values.argmin(), -1.0), (values.argmax(), 1.0)):
            moved = x[row][None].clone()
            moved[0, column] += side * _BEYOND * (values.max() - values.min())
            found.append(moved)
    if len(columns) > 1:
        rows = some_rows(x).clone()
        middle = x[:, columns].mean(0)
        rows[:, columns] += 2 * _BEYOND * (rows[:, columns] - middle)
        found.append(rows)
    return torch.cat(found)


def distinct_values(values: Tensor) -> Tensor:
    """The values (m,) of a column in order, those that rounding alone tells apart as one.

    Example:
        >>> distinct_values(torch.tensor([1.0, 0.0, 1.0 + 1e-12], dtype=torch.float64)).tolist()
        [0.0, 1.0]
    """
    found = torch.unique(values)
    if len(found) < 2:
        return found
    apart = found.diff() > _SAME * (found[-1] - found[0])
    return found[torch.cat([torch.ones(1, dtype=torch.bool), apart])]
