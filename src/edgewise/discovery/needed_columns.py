"""Columns that a law needs, and those that what it misses depends on: the others only make the search longer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy

from .law import Law
from .problem import Array
from .split import Split

_BINS = 8
_CHANCE = 30.0  # of a chi-square with 7 degrees of freedom: 1 in 10,000
_TOGETHER = 5.0  # standard errors of a correlation, of which there is one for each pair
_TELLING, _FEW = 0.5, 3


def fewer_columns(
    law: Law, samples: Split, kept: Sequence[int], required: frozenset[sympy.Symbol]
) -> list[int] | None:
    """Columns to go on with after a law that says most of the targets; None where these are all, or there are few.

    Args:
        law: The best so far.
        samples: Those of the search.
        kept: The columns that are searched, by place.
        required: Columns that stay in any case.
    """
    if law.r2 < _TELLING or len(kept) <= _FEW:
        return None
    wanted = law.expression.free_symbols | required
    used = [n for n, place in enumerate(kept) if law.symbols[place] in wanted]
    rest = samples.all_y - law.predict(samples.all_x)
    if not used or not np.isfinite(rest).all():
        return None
    found = [kept[n] for n in needed_columns(samples.all_x[:, list(kept)], rest, used)]
    return found if len(found) < len(kept) else None


def needed_columns(x: Array, rest: Array, used: Sequence[int]) -> list[int]:
    """Columns that a law uses or should use.

    Each of the others is cut into bins of equal numbers. It is needed if the mean of what the law misses, alone or times a
    column that the law uses, differs between bins by more than chance. Two are needed if what is missed goes along with
    their product.

    Args:
        x: All columns (n, columns).
        rest: What the law misses (n,).
        used: Columns that it uses.

    Example:
        >>> x = np.random.default_rng(0).standard_normal((500, 4))
        >>> needed_columns(x, x[:, 1] * x[:, 3], [0])
        [0, 1, 3]
    """
    spread = x.std(axis=0)
    centred = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    looks = np.stack([rest, *(rest * centred[:, place] for place in used)], 1)
    looks = looks - looks.mean(axis=0)
    variances = np.maximum((looks**2).mean(axis=0), 1e-300)
    found = set(used) | _products(centred, looks[:, 0] / np.sqrt(variances[0]))
    for place in range(x.shape[1]):
        bins = np.array_split(np.argsort(x[:, place], kind="stable"), _BINS)
        between = sum(len(rows) * looks[rows].mean(axis=0) ** 2 for rows in bins if len(rows))
        if (between / variances > _CHANCE).any():
            found.add(place)
    return sorted(found)


def _products(centred: Array, rest: Array) -> set[int]:
    along = np.abs(centred.T @ (rest[:, None] * centred)) / np.sqrt(len(rest))
    np.fill_diagonal(along, 0.0)
    return {int(place) for place in np.argwhere(along > _TOGETHER).ravel()}
