"""`Table`: named columns of measured or computed numbers, with where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, ShapeError, unknown_name

Column = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Table(Mapping[str, Column]):
    """Columns of one length by name; `dict(table)` is what `pandas.DataFrame` takes.

    Args:
        name: Of the data set.
        columns: Arrays (rows,) by name: numbers, or text.
        source: Who made it, and how.
        licence: Under which it may be used.

    Raises:
        ShapeError: the columns are not of one length.

    Example:
        >>> table = Table("points", {"x": np.array([1.0, 2.0]), "y": np.array([3.0, 4.0])}, "by hand", "MIT")
        >>> table.rows, list(table), table.matrix("y", "x").tolist()
        (2, ['x', 'y'], [[3.0, 1.0], [4.0, 2.0]])
    """

    name: str
    columns: Mapping[str, Column]
    source: str
    licence: str

    def __post_init__(self) -> None:
        shapes = {column.shape for column in self.columns.values()}
        if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
            raise ShapeError(
                f"Table: columns must be one-dimensional and of one length; got shapes {sorted(shapes)}. "
                "Give one value a row."
            )

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Column:
        if name not in self.columns:
            raise KeyError(str(unknown_name(self.name, "column", name, self.columns)))
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def matrix(self, *names: str) -> npt.NDArray[np.float64]:
        """Some columns side by side in float64, (rows, names); all that are numbers where none is named.

        Raises:
            InputError: a column is text.
            UnknownName: there is no such column.
        """
        chosen = names or tuple(name for name, column in self.columns.items() if column.dtype.kind in "fiub")
        for name in chosen:
            if name not in self.columns:
                raise unknown_name("matrix", "column", name, self.columns)
            if self.columns[name].dtype.kind not in "fiub":
                raise InputError(
                    f"matrix: columns must be numbers; got {name!r}, which is text. Encode it first, as (column == 'a')."
                )
        return np.stack([self.columns[name].astype(np.float64) for name in chosen], 1)

    def __repr__(self) -> str:
        return f"Table({self.name!r}, rows={self.rows}, columns={list(self.columns)})"
