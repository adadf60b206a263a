"""From a table of mixed columns to numbers, by rules that are learned from the training rows and kept.

A column of numbers, dates, durations or ordered levels stays one column; gaps are filled with the median, and a column
of 0 and 1 says where they were. A column of few levels becomes one column of 0 and 1 for each of them (one in all for
two levels without gaps); a gap is a level of its own. A column of many levels becomes the target's mean over each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import InputError
from .cells import GAP, columns_of, naming
from .codes import codes_of
from .kinds import Kind, is_category, kind_of
from .levels import are_numbers, level_of
from .means import adjusted_means, folds_of
from .remarks import Remarks
from .rules import CategoryRule, MeansRule, NumericRule, Rule, levels_of
from .transform import AS_IT_IS, ColumnTransform

MAX_CATEGORIES = 20
"""So many levels have a column each; of more, the target's means are taken."""


@dataclass(frozen=True)
class TableEncoder:
    """The rules of a table's columns, in order.

    Attributes:
        rules: One a column.
    """

    rules: tuple[Rule, ...]

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [name for rule in self.rules for name in rule.names]

    @property
    def owners(self) -> np.ndarray:
        """Number of the original column of each encoded one."""
        return np.repeat(np.arange(len(self.rules)), [len(rule.names) for rule in self.rules])

    @property
    def numeric(self) -> dict[int, NumericRule]:
        """The rules of columns of numbers, moments and ordered levels, by number of their encoded column."""
        first = np.cumsum([0, *(len(rule.names) for rule in self.rules)]).tolist()
        pairs = zip(first, self.rules, strict=False)
        return {place: rule for place, rule in pairs if isinstance(rule, NumericRule)}

    def encode(self, table: Any, kinds: Mapping[str, str] | None = None) -> tuple[np.ndarray, Remarks]:
        """The table as numbers, and what is unlike the training rows.

        Args:
            table: With the columns of the training rows, of any type that holds the same values.
            kinds: Columns of moments that come as numbers, with "date" or "time".

        Returns:
            Shape (n, len(names)), float64; and the remarks.

        Raises:
            InputError: a column cannot be of its kind.
        """
        remarks = Remarks(kinds)
        parts = []
        for rule, column in zip(self.rules, columns_of(table), strict=True):
            with naming(rule.name, "predict"):
                parts.append(rule.encode(column, remarks))
        return np.ascontiguousarray(np.concatenate(parts, axis=1)), remarks

    @property
    def transforms(self) -> dict[int, ColumnTransform]:
        """Of the encoded columns that are not read as they are, by their number."""
        return {place: rule.transform for place, rule in self.numeric.items() if rule.transform != AS_IT_IS}

    def with_transforms(self, transforms: Mapping[int, ColumnTransform]) -> TableEncoder:
        """The same rules, with some numbers read in another way.

        Args:
            transforms: By number of the encoded column, which must hold numbers of the table.
        """
        rules = list(self.rules)
        for place, transform in transforms.items():
            owner = int(self.owners[place])
            rule = rules[owner]
            assert isinstance(rule, NumericRule)
            low, high = max(rule.low, transform.low), min(rule.high, transform.high)
            rules[owner] = replace(rule, transform=transform, low=low, high=high)
        return TableEncoder(tuple(rules))

    def transform(self, table: Any) -> np.ndarray:
        """The table as numbers, shape (n, len(names)), float64.

        Args:
            table: As for `encode`.
        """
        return self.encode(table)[0]


@dataclass(frozen=True)
class LevelTargets:
    """What the means over many levels are taken of.

    Attributes:
        values: One column a target, shape (n, targets).
        names: Of the targets, such as "mean" or "share of yes".
        seed: Of the folds.
    """

    values: np.ndarray
    names: tuple[str, ...]
    seed: int = 0


@dataclass(frozen=True)
class FittedEncoder:
    """Rules of a table, and its rows.

    Attributes:
        encoder: The rules.
        encoded: The training rows, shape (n, columns); means over levels are those of other rows.
        remarks: What is worth saying of the columns.
    """

    encoder: TableEncoder
    encoded: np.ndarray
    remarks: Remarks


def fit_encoder(
    table: Any,
    names: Sequence[str],
    categories: str | Iterable[Any] = "auto",
    *,
    weights: np.ndarray | None = None,
    targets: LevelTargets | None = None,
) -> FittedEncoder:
    """Find the rules of a table, and encode it.

    Args:
        table: A frame, or an array (n, columns).
        names: Of its columns.
        categories: Names (or numbers) of the columns to be taken as categorical; "auto" for those of text,
            categories or booleans.
        weights: Of the rows, shape (n,), positive; None for equal ones.
        targets: What many levels are coded by; without it only the most frequent of them are told apart.

    Raises:
        InputError: a column that is named does not exist, or has nothing to learn from.

    Example:
        >>> table = np.array([[1.0, 5.0], [np.nan, 6.0]])
        >>> fit_encoder(table, ["a", "b"]).encoder.names
        ['a', 'a=missing', 'b']
    """
    chosen = None if isinstance(categories, str) else _chosen(categories, names)
    columns, remarks = columns_of(table), Remarks()
    weights = np.ones(len(table)) if weights is None else weights
    rules: list[Rule | None] = []
    for place, (name, column) in enumerate(zip(names, columns, strict=True)):
        with naming(name, "fit"):
            kind = _kind(column, None if chosen is None else place in chosen)
            if kind.name in ("bool", "text"):
                rules.append(_category_rule(name, column, kind, weights, targets is not None))
            else:
                rules.append(_numeric_rule(name, column, kind, weights, remarks))
    parts = [
        None if rule is None else rule.encode(column, Remarks())
        for rule, column in zip(rules, columns, strict=True)
    ]
    if targets is not None and None in rules:
        _add_means(rules, parts, names, columns, weights, targets, remarks)
    found = TableEncoder(tuple(rule for rule in rules if rule is not None))
    if chosen is None:
        _say_numbers_as_text(found, columns, remarks)
    encoded = np.concatenate([part for part in parts if part is not None], axis=1)
    return FittedEncoder(found, np.ascontiguousarray(encoded), remarks)


def _kind(column: Any, categorical: bool | None) -> Kind:
    """What a column holds, where the user may say that it is categorical, or that it is not."""
    kind = kind_of(column)
    if categorical is None:
        return kind
    if categorical:
        return kind if kind.name == "bool" else Kind("text")
    return Kind("number") if kind.name in ("bool", "text") else kind


def _numeric_rule(name: str, column: Any, kind: Kind, weights: np.ndarray, remarks: Remarks) -> NumericRule:
    levels = tuple(map(level_of, kind.levels))
    rule = NumericRule(name, 0.0, False, kind.name, kind.style, levels)
    values = rule.read(column, remarks, "fit")
    if not kind.sure:
        remarks.lines.append(f"{name}: its dates were read {kind.style}; if they are not, parse them first")
    there = ~np.isnan(values)
    if not there.any():
        return rule
    known = values[there]
    codes = codes_of(known) if kind.name == "number" else ()
    if codes:
        remarks.codes(name, values, codes)
        there &= ~np.isin(values, codes)
        known = values[there]
    fill, marks = _median(known, weights[there]), not bool(there.all())
    low, high = float(known.min()), float(known.max())
    return replace(rule, fill=fill, marks_gaps=marks, low=low, high=high, codes=codes)


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    """The weighted median: that of the values, each repeated as often as its weight says."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    half = reached[-1] / 2
    low, high = np.searchsorted(reached, half, "left"), np.searchsorted(reached, half, "right")
    last = len(values) - 1
    return float((values[order[min(low, last)]] + values[order[min(high, last)]]) / 2)


def _category_rule(
    name: str, column: Any, kind: Kind, weights: np.ndarray, has_targets: bool
) -> CategoryRule | None:
    """The rule of a column of few levels; None where there are many, and targets to take means of."""
    levels, rows = levels_of(column, booleans=kind.name == "bool")
    if len(levels) > MAX_CATEGORIES and has_targets:
        return None
    if len(levels) == 2 and GAP not in levels:
        return CategoryRule(name, (levels[1],), (levels[0],))
    counts = np.bincount(rows, weights, minlength=len(levels))
    order = sorted(range(len(levels)), key=lambda place: (-counts[place], levels[place]))
    kept = [levels[place] for place in order]
    return CategoryRule(name, tuple(kept[:MAX_CATEGORIES]), tuple(kept[MAX_CATEGORIES:]))


def _add_means(
    rules: list[Rule | None],
    parts: list[np.ndarray | None],
    names: Sequence[str],
    columns: list[Any],
    weights: np.ndarray,
    targets: LevelTargets,
    remarks: Remarks,
) -> None:
    """Fill in the rules and codes of columns of many levels."""
    many = [place for place, rule in enumerate(rules) if rule is None]
    levels = {place: levels_of(columns[place]) for place in many}
    others = [np.empty((len(weights), 0)), *(part for part in parts if part is not None)]
    told_apart = [rows[:, None].astype(np.float64) for _, rows in levels.values()]
    first, kinds, folds = folds_of([*others, *told_apart, targets.values], targets.seed)
    weights = np.bincount(kinds, weights)
    each = adjusted_means(
        [rows[first] for _, rows in levels.values()],
        np.concatenate([part[first] for part in others], axis=1),
        targets.values[first],
        weights,
        folds,
    )
    for place, found in zip(many, each, strict=True):
        texts = levels[place][0]
        rules[place] = MeansRule(
            names[place],
            tuple(texts),
            tuple(map(tuple, found.means.tolist())),
            tuple(found.overall.tolist()),
            targets.names,
        )
        parts[place] = found.training[kinds]
        if not found.says_something:
            remarks.lines.append(
                f"{names[place]}: its {len(texts)} levels tell the target apart no better than chance, and do not count"
            )


def _say_numbers_as_text(encoder: TableEncoder, columns: list[Any], remarks: Remarks) -> None:
    for rule, column in zip(encoder.rules, columns, strict=True):
        if isinstance(rule, MeansRule) and not is_category(column) and are_numbers(rule.levels):
            remarks.lines.append(
                f"{rule.name}: its {len(rule.levels)} entries are text that reads as numbers, and each is a level; "
                f"convert the column if it holds numbers"
            )


def _chosen(categories: Iterable[Any], names: Sequence[str]) -> set[int]:
    places = {name: place for place, name in enumerate(names)}
    found = set()
    for item in categories:
        place = item if isinstance(item, (int, np.integer)) and item not in places else places.get(item)
        if place is None or not 0 <= place < len(names):
            raise InputError(
                f"fit: categories must name columns; got {item!r}. The columns are {', '.join(map(str, names))}."
            )
        found.add(int(place))
    return found
