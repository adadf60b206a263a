"""From a table to laws for one or more of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..discovery import Discovery, Weighted, discover
from ..errors import InputError, unknown_name
from .numeric_columns import NumericTable, numeric_columns
from .read_options import ReadOptions
from .tables import RawTable, prepare


@dataclass(frozen=True)
class Asked:
    """What a user wants to know of a table.

    Attributes:
        targets: Columns that laws give.
        ignore: Columns that laws must not hold.
        required: Columns that they have to hold.
        noise: Deviation of the targets' noise; None for unknown.
        errors: Column of each row's deviation; None for none.
        weights: Column that says how much each row counts; None for none.
        units: By column; None for none.
        prescribed: What laws have to be like, as `discover` takes it.
        settings: Of the search, as `discover` takes them.
    """

    targets: Sequence[str]
    ignore: Sequence[str]
    required: Sequence[str]
    noise: float | None
    errors: str | None
    weights: str | None
    units: Mapping[str, str] | None
    prescribed: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Readied:
    """A table of which all that is asked can be looked for.

    Attributes:
        asked: What is asked.
        numbers: The columns.
    """

    asked: Asked
    numbers: NumericTable

    @classmethod
    def of(cls, raw: RawTable, asked: Asked, options: ReadOptions) -> Readied:
        """Columns of numbers, and what else is said of them.

        Args:
            raw: The table.
            asked: What is asked.
            options: What the user says of its columns.

        Raises:
            InputError: a column that is named is not there, or is none of numbers.
        """
        first, *others = asked.targets
        twice = {first, *others, asked.errors, asked.weights} - {None}
        if len(twice) < len(asked.targets) + sum(one is not None for one in (asked.errors, asked.weights)):
            raise InputError(
                f"discover: --target, --noise and --weights must be different columns; got {asked.targets} for targets."
            )
        for name in (*(asked.units or ()), *asked.required):
            if name not in raw.frame.columns:
                raise unknown_name("discover", "column", name, raw.frame.columns)
        apart = [*others, *([asked.errors] if asked.errors else [])]
        prepared = prepare(
            raw,
            first,
            task="values",
            ignore=asked.ignore,
            weights=asked.weights,
            apart=apart,
            options=options,
        )
        numbers = numeric_columns(prepared, first, asked.errors)
        for name in asked.required:
            if name not in numbers.inputs.columns:
                raise InputError(
                    f"discover: --require must be a column that a law can hold; got {name!r}. {'; '.join(numbers.notes)}"
                )
        return cls(asked, numbers)

    def search(self, resume: Path) -> dict[str, Discovery]:
        """Look for laws.

        Args:
            resume: File that keeps them.

        Returns:
            A discovery for each target that was reached.
        """
        inputs, targets = self.numbers.inputs, self.numbers.targets
        known = {*inputs.columns, *targets.columns}
        units = {name: unit for name, unit in (self.asked.units or {}).items() if name in known}
        found = discover(
            inputs,
            targets,
            noise=self.noise(),
            units=units or None,
            required=self.asked.required,
            progress=False,
            resume=resume,
            **self.asked.prescribed,
            **self.asked.settings,
        )
        if isinstance(found, Discovery):
            return {targets.columns[0]: found}
        return {name: found[name] for name in found.names}

    def noise(self) -> Any:
        """What is known of the rows' errors, as `discover` takes it."""
        noise = self.asked.noise if self.numbers.errors is None else self.numbers.errors
        return noise if self.numbers.weights is None else Weighted(self.numbers.weights, noise)
