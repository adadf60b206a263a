"""`shapes`: how predictions move with each column of a table, as numbers to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import unknown_name
from .columns import GAP, NumericRule, Remarks, Rule, columns_of, level_of, levels_of
from .dependence import PartialDependence, encoded_places
from .tables import checked_table

_POINTS = 81
_BAND_POINTS = 17
_BINS = 24
_TAIL = 0.01
_FAR = 4.0
"""Where the outermost hundredth of the values takes more than this many times the room of the others, it is cut off."""


@dataclass(frozen=True)
class Axis:
    """The values of a column over which something is drawn.

    Attributes:
        name: Of the column.
        kind: "number", "date" (days since 1970), "time" (hours) or "level".
        values: Numbers, rising, or levels as text, the most frequent first.
        codes: The same as the network reads them, shape (points, encoded columns).
        places: Numbers of those encoded columns.
        edges: Ends of the bins that rows are counted in; empty for levels.
        counts: Rows in each bin, or of each level.
        outside: Rows beyond the ends of the axis.
        gaps: Rows without a value; of levels a gap is one of them.
    """

    name: str
    kind: str
    values: Any
    codes: torch.Tensor
    places: tuple[int, ...]
    edges: np.ndarray
    counts: np.ndarray
    outside: int = 0
    gaps: int = 0


@dataclass(frozen=True)
class Shape:
    """How predictions move with one column.

    Attributes:
        axis: The column's values.
        effect: What they add to the mean prediction, in the target's units (of classes, in log-odds), shape (points, outputs).
        deviation: Standard deviations of `effect`; None where they are not known.
        gap_effect: The same of rows without a value, shape (outputs,); None where there were none.
        exact: Whether these are contributions of a sum of curves; else partial dependence, the mean over other columns.
    """

    axis: Axis
    effect: np.ndarray
    deviation: np.ndarray | None
    gap_effect: np.ndarray | None
    exact: bool


def shapes(
    estimator: Any,
    X: Any,
    columns: Iterable[Any] | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
) -> list[Shape]:
    """Find how predictions move with each column.

    Effects are around the mean prediction. Of several classes they are logits less their mean over the classes. Deviations
    come from the curvature of the penalised objective at the fit.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.
        X: Rows whose distribution is told, as for `fit`.
        columns: Names; those that matter, most important first, if None.
        kinds: "date" or "time" for columns of numbers that are days since 1970, or hours.

    Returns:
        One `Shape` a column.

    Raises:
        UnknownName: there is no such column.
        ValueError: `X` has other columns than the fit, or in another order.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> (found,) = shapes(KANRegressor(hidden=0).fit(x, x[:, 0] ** 2), x)
        >>> found.axis.name, found.exact, found.effect.shape
        ('x_1', True, (81, 1))
    """
    found, table = PartialDependence(estimator), checked_table(estimator, X, "plot_shapes")
    return [
        _shape(found, axis_of(estimator, table, place, kinds or {}))
        for place in chosen_columns(estimator, columns, "plot_shapes")
    ]


def chosen_columns(estimator: Any, columns: Iterable[Any] | None, where: str) -> list[int]:
    """Numbers of the columns that are named, or of those that matter, most important first.

    Args:
        estimator: A fitted one.
        columns: Names, or None.
        where: The function that was called.

    Raises:
        UnknownName: there is no such column.
    """
    names = [rule.name for rule in estimator.encoder_.rules]
    if columns is None:
        shares = estimator.feature_importances_
        order = [int(place) for place in np.argsort(-shares, kind="stable")]
        return [place for place in order if shares[place] > 0] or order
    asked = [columns] if isinstance(columns, str) else list(columns)
    for name in asked:
        if str(name) not in names:
            raise unknown_name(where, "column", name, names)
    return [names.index(str(name)) for name in asked]


def axis_of(estimator: Any, X: Any, place: int, kinds: Mapping[str, str], points: int = _POINTS) -> Axis:
    """The values of a column that are shown.

    Args:
        estimator: A fitted one.
        X: Rows, as for `fit`.
        place: Number of the column.
        kinds: "date" or "time" by name.
        points: Of the axis, for numbers.
    """
    rule, column = estimator.encoder_.rules[place], columns_of(X)[place]
    places = tuple(encoded_places(estimator.encoder_, place))
    if not isinstance(rule, NumericRule):
        texts, rows = levels_of(column)
        counts = np.bincount(rows, minlength=len(texts))
        order = np.lexsort((np.arange(len(texts)), -counts))
        levels = [texts[one] for one in order]
        entries = np.array([None if text == GAP else text for text in levels], dtype=object)
        codes = torch.from_numpy(rule.encode(entries, Remarks()))
        return Axis(rule.name, "level", levels, codes, places, np.empty(0), counts[order])
    values = rule.read(column, Remarks(), "plot_shapes")
    kind = rule.kind if rule.kind != "number" else kinds.get(rule.name, "number")
    known = np.unique(values[~np.isnan(values)])
    if kind == "ordered" or (kind == "number" and 0 < len(known) <= 2):
        return _few_numbers(rule, values, places)
    return _numbers(rule, values, places, kind if kind in ("date", "time") else "number", points)


def _few_numbers(rule: NumericRule, values: np.ndarray, places: tuple[int, ...]) -> Axis:
    """Ordered levels, or numbers of which there are one or two, in their order; gaps come last."""
    known, counts = np.unique(values, return_counts=True)
    names = [_level_name(rule, value) for value in known.tolist()]
    return Axis(rule.name, "level", names, _codes(rule, known), places, np.empty(0), counts)


def _level_name(rule: NumericRule, value: float) -> str:
    if np.isnan(value):
        return GAP
    return rule.levels[round(value)] if rule.levels else level_of(value)


def _numbers(rule: NumericRule, values: np.ndarray, places: tuple[int, ...], kind: str, points: int) -> Axis:
    known = values[~np.isnan(values)]
    low, high = _ends(known if len(known) else np.array([rule.low, rule.high]))
    grid = np.linspace(low, high, points)
    counts, edges = np.histogram(known, _BINS, (low, high))
    outside = int(((known < low) | (known > high)).sum())
    gaps = len(values) - len(known)
    return Axis(rule.name, kind, grid, _codes(rule, grid), places, edges, counts, outside, gaps)


def _ends(known: np.ndarray) -> tuple[float, float]:
    """From the least to the greatest value; without a hundredth on a side where that lies far off."""
    low, high = float(known.min()), float(known.max())
    inner_low, inner_high = (float(end) for end in np.quantile(known, [_TAIL, 1 - _TAIL]))
    inner = inner_high - inner_low
    if inner > 0:
        low = inner_low if inner_low - low > _FAR * inner else low
        high = inner_high if high - inner_high > _FAR * inner else high
    return low, high


def _codes(rule: NumericRule, values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rule.encoded(values))


def _shape(found: PartialDependence, axis: Axis) -> Shape:
    effect, deviation = found.effect(axis.places, axis.codes).numpy(), None
    if axis.kind == "level":
        sure = found.deviation(axis.places, axis.codes)
        deviation = None if sure is None else sure.numpy()
    else:
        few = np.unique(np.linspace(0, len(axis.values) - 1, _BAND_POINTS).round().astype(int))
        sure = found.deviation(axis.places, axis.codes[few])
        if sure is not None:
            at = [np.interp(axis.values, axis.values[few], one) for one in sure.numpy().T]
            deviation = np.stack(at, 1)
    return Shape(axis, effect, deviation, _gap_effect(found, axis), found.exact)


def _gap_effect(found: PartialDependence, axis: Axis) -> np.ndarray | None:
    if axis.kind == "level" or not axis.gaps:
        return None
    rule = found.encoder.rules[found.encoder.owners[axis.places[0]]]
    return found.effect(axis.places, _codes(rule, np.array([np.nan]))).numpy()[0]


def positions(axis: Axis, rule: Rule, column: Any) -> np.ndarray:
    """Where the entries of a column stand on its axis: numbers, or places of levels; NaN off it.

    Args:
        axis: Of the column.
        rule: By which the column is encoded.
        column: Its entries, shape (n,).
    """
    if axis.kind != "level":
        assert isinstance(rule, NumericRule)
        values = rule.read(column, Remarks(), "plot_interaction")
        return np.where((values >= axis.values[0]) & (values <= axis.values[-1]), values, np.nan)
    places = {level: float(place) for place, level in enumerate(axis.values)}
    if isinstance(rule, NumericRule):
        texts = [_level_name(rule, value) for value in rule.read(column, Remarks(), "plot_interaction")]
    else:
        levels, rows = levels_of(column)
        texts = [levels[row] for row in rows]
    return np.array([places.get(text, np.nan) for text in texts])
