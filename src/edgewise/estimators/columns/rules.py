"""How columns are encoded: one rule a column, learned from the training rows and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .cells import GAP, distinct, is_gap
from .kinds import Kind
from .levels import Levels, level_of, truth_of
from .numbers import read_numbers, refuse_booleans
from .remarks import Remarks
from .transform import AS_IT_IS, ColumnTransform


@dataclass(frozen=True)
class NumericRule:
    """How a column of numbers, moments or ordered levels is encoded: as one column of numbers.

    Attributes:
        name: Of the column.
        fill: What stands in for a gap.
        marks_gaps: Whether there is a second column that says where the gaps were.
        kind: "number", "date" (days since 1970), "duration" (days), "time" (hours) or "ordered" (places of levels).
        style: Of dates that were text, how they were written.
        levels: Of ordered levels, as text, in their order.
        low: Least value of the training rows.
        high: Greatest value of the training rows.
        codes: Numbers that stand for a gap.
        transform: How the numbers are read.
    """

    name: str
    fill: float
    marks_gaps: bool
    kind: str = "number"
    style: str = ""
    levels: tuple[str, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    codes: tuple[float, ...] = ()
    transform: ColumnTransform = AS_IT_IS

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        name = self.transform.name(self.name)
        return [name, f"{self.name}={GAP}"] if self.marks_gaps else [name]

    @cached_property
    def _places(self) -> Levels:
        return Levels(self.levels)

    def read(self, column: Any, remarks: Remarks, where: str = "predict") -> np.ndarray:
        """The column as numbers, gaps as NaN.

        Args:
            column: Of a frame, or an array (n,).
            remarks: Is told of what cannot be read.
            where: The function that was called, for errors.

        Raises:
            InputError: it cannot be of this kind.
        """
        if self.kind == "number" and not (self.low >= 0 and self.high <= 1):
            refuse_booleans(column, self.name, where)
        if self.kind != "ordered":
            values, strange = read_numbers(column, Kind(self.kind, self.style), self.name, where)
            remarks.strange(self.name, strange, len(values), self.kind)
            return np.where(np.isin(values, self.codes), np.nan, values) if self.codes else values
        entries, rows = distinct(column)
        places = np.array([self._places.place(entry) for entry in entries], dtype=np.intp)
        unseen = [place for place, entry in enumerate(entries) if places[place] < 0 and not is_gap(entry)]
        remarks.unseen(self.name, entries, rows, unseen)
        return np.where(places < 0, np.nan, places)[rows] if len(entries) else np.empty(0)

    def encode(self, column: Any, remarks: Remarks) -> np.ndarray:
        """The encoded columns, shape (n, len(names)).

        Args:
            column: Of a frame, or an array (n,).
            remarks: Is told of what is unlike the training rows.

        Raises:
            InputError: the column cannot be of this kind.
        """
        values = self.read(column, remarks)
        gaps = np.isnan(values)
        remarks.outside(self, values)
        if not self.marks_gaps:
            remarks.gaps(self, int(gaps.sum()), len(values))
        return self.encoded(values)

    def encoded(self, values: np.ndarray) -> np.ndarray:
        """The encoded columns of numbers that `read` gave, shape (n, len(names)).

        Args:
            values: Gaps are NaN.
        """
        gaps = np.isnan(values)
        filled = self.transform(np.where(gaps, self.fill, values))
        return np.column_stack([filled, gaps.astype(np.float64)]) if self.marks_gaps else filled[:, None]


@dataclass(frozen=True)
class CategoryRule:
    """How a column of few levels is encoded: as one column of 0 and 1 a level.

    Attributes:
        name: Of the column.
        levels: Those with a column of their own, as text.
        others: The other levels of the training rows, which are 0 in all columns.
    """

    name: str
    levels: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [f"{self.name}={level}" for level in self.levels]

    @cached_property
    def _known(self) -> Levels:
        return Levels((*self.levels, *self.others))

    def encode(self, column: Any, remarks: Remarks) -> np.ndarray:
        """The encoded columns, shape (n, len(names)).

        Args:
            column: Of a frame, or an array (n,).
            remarks: Is told of levels that the training rows did not have.
        """
        places, rows = _places(self.name, self._known, column, remarks)
        table = places[:, None] == np.arange(len(self.levels))
        return table.astype(np.float64)[rows]


@dataclass(frozen=True)
class MeansRule:
    """How a column of many levels is encoded: by the target's mean over each level, drawn to the overall mean.

    Attributes:
        name: Of the column.
        levels: As text.
        means: One row a level, one entry a target.
        overall: What stands for levels never seen, one entry a target.
        targets: What is taken of each level, such as "mean" or "share of yes".
    """

    name: str
    levels: tuple[str, ...] = field(repr=False)
    means: tuple[tuple[float, ...], ...] = field(repr=False)
    overall: tuple[float, ...]
    targets: tuple[str, ...] = ("mean",)

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        return [f"{target} by {self.name}" for target in self.targets]

    @cached_property
    def _known(self) -> Levels:
        return Levels(self.levels)

    def encode(self, column: Any, remarks: Remarks) -> np.ndarray:
        """The encoded columns, shape (n, len(names)).

        Args:
            column: Of a frame, or an array (n,).
            remarks: Is told of levels that the training rows did not have.
        """
        places, rows = _places(self.name, self._known, column, remarks)
        return np.array([*self.means, self.overall])[places][rows]


Rule = NumericRule | CategoryRule | MeansRule


def _places(name: str, known: Levels, column: Any, remarks: Remarks) -> tuple[np.ndarray, np.ndarray]:
    """Places of a column's different entries among the levels, -1 for none, and for each row its entry's number."""
    entries, rows = distinct(column)
    places = np.array([known.place(entry) for entry in entries], dtype=np.intp)
    remarks.unseen(name, entries, rows, np.flatnonzero(places < 0))
    return places, rows


def levels_of(column: Any, *, booleans: bool = False) -> tuple[list[str], np.ndarray]:
    """The levels of a column as text, sorted, and for each row the place of its level.

    Args:
        column: Of a frame, or an array (n,).
        booleans: Whether it holds booleans, however they are written.

    Example:
        >>> levels, rows = levels_of(np.array([2.0, 1.0, 2.0]))
        >>> levels, rows.tolist()
        (['1', '2'], [1, 0, 1])
    """
    entries, rows = distinct(column)
    texts: Sequence[str] = list(map(truth_of if booleans else level_of, entries))
    levels = sorted(set(texts))
    order = {level: place for place, level in enumerate(levels)}
    return levels, np.array([order[text] for text in texts], dtype=np.intp)[rows]
