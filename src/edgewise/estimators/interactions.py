"""`interaction`: how predictions move with two columns together; `strongest_pairs`: which two are worth looking at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch

from .columns import columns_of
from .dependence import PartialDependence, encoded_places
from .shapes import Axis, axis_of, chosen_columns, positions
from .tables import checked_table

_SIDE = 24
_MOST_COLUMNS = 6
_AT = 40
_ROWS = 300


@dataclass(frozen=True)
class Interaction:
    """How predictions move with two columns.

    Attributes:
        first: Values of one column.
        second: Values of the other.
        effect: What the two add together to the mean prediction, shape (first, second, outputs).
        beyond: The part of it that is no sum of what each adds, of the same shape.
        rows: Some rows of the table, as places on the two axes, shape (n, 2); NaN off them.
    """

    first: Axis
    second: Axis
    effect: np.ndarray
    beyond: np.ndarray
    rows: np.ndarray


def interaction(
    estimator: Any, X: Any, a: Any, b: Any, *, kinds: Mapping[str, str] | None = None
) -> Interaction:
    """Find the partial dependence of the predictions on two columns together.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        X: Rows whose distribution is told, as for `fit`.
        a: Name of a column.
        b: Name of another.
        kinds: As for `shapes`.

    Raises:
        UnknownName: there is no such column.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.stack(np.meshgrid(np.linspace(-1, 1, 12), np.linspace(-1, 1, 12)), -1).reshape(-1, 2)
        >>> found = interaction(KANRegressor(hidden=0).fit(x, x.sum(1)), x, "x_1", "x_2")
        >>> bool(abs(found.beyond).max() < 1e-6)
        True
    """
    found, table = PartialDependence(estimator), checked_table(estimator, X, "plot_interaction")
    places = chosen_columns(estimator, [a, b], "plot_interaction")
    axes = [axis_of(estimator, table, place, kinds or {}, _SIDE) for place in places]
    first, second = axes
    singles = [found.effect(axis.places, axis.codes).numpy() for axis in axes]
    if found.exact:
        effect = singles[0][:, None] + singles[1][None]
    else:
        codes = [axis.codes for axis in axes]
        both = torch.cat([codes[0].repeat_interleave(len(codes[1]), 0), codes[1].repeat(len(codes[0]), 1)], 1)
        effect = found.effect((*first.places, *second.places), both).numpy()
        effect = effect.reshape(len(codes[0]), len(codes[1]), -1)
    beyond = effect - singles[0][:, None] - singles[1][None]
    return Interaction(first, second, effect, beyond, _rows(estimator, table, places, axes))


def strongest_pairs(estimator: Any, most: int = 4) -> list[tuple[str, str, float]]:
    """The pairs of columns that interact most, with the standard deviation of their interaction over rows.

    The columns that matter most are looked at, at most six of them; nothing interacts in a sum of one curve a column.

    Args:
        estimator: A fitted one.
        most: Pairs.

    Returns:
        Names and the deviation, in the target's units; of several outputs, of the one that varies most.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> strongest_pairs(KANRegressor(hidden=0).fit(x, x[:, 0]))
        []
    """
    found = PartialDependence(estimator)
    if found.exact:
        return []
    rows, _ = found.background(_AT)
    columns = chosen_columns(estimator, None, "plot_interaction")[:_MOST_COLUMNS]
    places = {column: encoded_places(estimator.encoder_, column) for column in columns}
    alone = {column: found.effect(own, rows[:, own]) for column, own in places.items()}
    names = [rule.name for rule in estimator.encoder_.rules]
    pairs = []
    for a, b in combinations(columns, 2):
        both = [*places[a], *places[b]]
        left = found.effect(both, rows[:, both]) - alone[a] - alone[b]
        pairs.append((names[a], names[b], float(left.std(0, correction=0).max())))
    return sorted(pairs, key=lambda pair: -pair[2])[:most]


def _rows(estimator: Any, X: Any, places: list[int], axes: list[Axis]) -> np.ndarray:
    """Up to a few hundred rows, drawn by a fixed seed, as places on the axes."""
    columns, rules = columns_of(X), estimator.encoder_.rules
    at = [positions(axis, rules[n], columns[n]) for axis, n in zip(axes, places, strict=True)]
    found = np.stack(at, 1)
    if len(found) > _ROWS:
        found = found[np.sort(np.random.default_rng(0).permutation(len(found))[:_ROWS])]
    return found
