"""From a table as a file has it to inputs and a target, each column in its kind; what is left out or changed is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas

from ...errors import InputError, unknown_name
from ...estimators import (
    CODE,
    DAY_FIRST,
    MAX_CATEGORIES,
    MONTH_FIRST,
    decide_dates,
    is_categorical,
    is_row_number,
    leak,
    level_of,
    order_of,
)
from ..read_options import ReadOptions
from .kinds import ColumnKind, Converted, Usual, convert, decide, entries, is_text
from .numbers import read_number
from .read import RawTable

_MOST_LEVELS_OF_TEXT = 0.5
_FEW_LEVELS = 20
_SHOWN = 4
_MEANING = {"number": "numbers", "date": "dates", "time": "times", "bool": "true or false"}
_NOTHING = ReadOptions()


@dataclass(frozen=True)
class Prepared:
    """A table ready for an estimator.

    Attributes:
        inputs: Its columns, each of its kind.
        target: What is to be predicted, one entry a row.
        kind: "values" or "classes".
        notes: What was left out or turned into something else.
        kinds: What each column of the inputs holds, by which other files are read.
        usual: What counted where columns left it open.
        weights: Of the rows; None where they weigh the same.
        missing: Entries that the user says are gaps.
        apart: Columns of numbers that are no inputs, by name; gaps are NaN.
    """

    inputs: pandas.DataFrame
    target: Any
    kind: str
    notes: tuple[str, ...]
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    usual: Usual = field(default_factory=Usual)
    weights: np.ndarray | None = None
    missing: tuple[str, ...] = ()
    apart: Mapping[str, np.ndarray] = field(default_factory=dict)

    def weights_of(self, rows: np.ndarray) -> np.ndarray | None:
        """The weights of some rows, or None.

        Args:
            rows: Their numbers.
        """
        return None if self.weights is None else self.weights[rows]


def prepare(
    table: RawTable,
    target: str,
    *,
    task: str = "auto",
    ignore: Sequence[str] = (),
    weights: str | None = None,
    apart: Sequence[str] = (),
    options: ReadOptions = _NOTHING,
) -> Prepared:
    """Divide a table into inputs and target, and leave out what cannot help.

    Rows without a target go. Dates become days since 1970; columns of one value, columns of text of which most
    entries are different (names, keys), and columns that number the rows are left out.

    Args:
        table: What was read.
        target: Name of the column to predict.
        task: "auto", "values" or "classes"; "auto" takes text, booleans and two different values as classes.
        ignore: Columns to leave out.
        weights: Name of the column of the rows' weights.
        apart: Columns of numbers that are taken apart from the inputs, as more targets are.
        options: What the user says of the columns' kinds.

    Raises:
        UnknownName: no column has such a name.
        InputError: nothing is left to learn from.
    """
    frame = table.frame
    for name in (target, *ignore, *([weights] if weights else []), *apart, *options.kinds):
        if name not in frame.columns:
            raise unknown_name("fit", "column", name, frame.columns)
    usual = usual_of(table, options)
    notes = list(table.notes)
    kind = _kind_of_column(frame[target], target, usual, options)
    truth = _converted(frame[target], kind, usual, target, notes)
    known = truth.notna().to_numpy()
    if not known.all():
        notes.append(f"{int((~known).sum())} rows without {target} were left out")
        frame, truth = frame[known].reset_index(drop=True), truth[known].reset_index(drop=True)
    weight = (
        None
        if weights is None
        else _weights(_converted(frame[weights], ColumnKind("number"), usual, weights, notes), weights)
    )
    others = {name: _apart(frame[name], name, usual, options, notes) for name in apart}
    skipped = {
        target,
        weights,
        *apart,
        *ignore,
        *(name for name, one in options.kinds.items() if one == "skip"),
    }
    kept = frame[[name for name in frame.columns if name not in skipped]]
    inputs, kinds = _inputs(kept, truth, usual, options, notes)
    if inputs.shape[1] == 0 or len(inputs) < 3:
        raise InputError(
            f"fit: the table must have a column to learn from and at least 3 rows; got {inputs.shape[1]} usable "
            f"columns and {len(inputs)} rows. {'; '.join(notes)}"
        )
    task = task_of(truth) if task == "auto" else task
    return Prepared(
        inputs,
        _target(truth, target, task),
        task,
        tuple(notes),
        kinds,
        usual,
        weight,
        options.missing,
        others,
    )


def some_rows(prepared: Prepared, most: int, seed: int) -> Prepared:
    """At most so many rows, drawn by a seed.

    Args:
        prepared: The table.
        most: Rows; 0 for all.
        seed: Decides which ones.
    """
    count = len(prepared.target)
    if not 0 < most < count:
        return prepared
    taken = np.sort(np.random.default_rng(seed).permutation(count)[:most])
    note = f"{most} of {count} rows were drawn; --rows 0 takes all"
    return replace(
        prepared,
        inputs=prepared.inputs.iloc[taken].reset_index(drop=True),
        target=prepared.target[taken],
        notes=(*prepared.notes, note),
        weights=None if prepared.weights is None else prepared.weights[taken],
    )


def task_of(column: Any) -> str:
    """ "classes" for text, booleans and two different values; else "values".

    Args:
        column: The target in its kind.
    """
    return "classes" if is_categorical(column) or column.nunique() <= 2 else "values"


def usual_of(table: RawTable, options: ReadOptions = _NOTHING, before: Usual | None = None) -> Usual:
    """What counts in a table where a column leaves it open: what most of the columns that do not say.

    Args:
        table: What was read.
        options: What the user says.
        before: What counted where the model was fitted, for tables that say nothing themselves.
    """
    if options.decimal is not None:
        return Usual(options.decimal, before.date if before else None, options.decimal)
    marks: Counter[str] = Counter()
    dates: Counter[str] = Counter()
    for name in table.frame.columns:
        if not is_text(table.frame[name]):
            continue
        kind = decide(table.frame[name], Usual(table.decimal))
        if kind.kind == "number" and kind.sure and _shows_mark(table.frame[name], kind.style):
            marks[kind.style] += 1
        elif kind.kind == "date" and kind.sure and kind.style in (DAY_FIRST, MONTH_FIRST):
            dates[kind.style] += 1
    habit = before or Usual(table.decimal, DAY_FIRST if table.decimal == "," else None)
    mark = max(marks, key=lambda one: marks[one]) if marks else habit.decimal
    date = max(dates, key=lambda one: dates[one]) if dates else DAY_FIRST if mark == "," else habit.date
    return Usual(mark, date)


def _shows_mark(column: Any, mark: str) -> bool:
    """Whether a column that is sure of its decimal mark shows it; whole numbers do not."""
    return bool(column.dropna().astype(str).str.contains(mark, regex=False).any())


def _kind_of_column(column: Any, name: str, usual: Usual, options: ReadOptions) -> ColumnKind:
    given, _, style = options.kinds.get(name, "").partition(":")
    if given in ("", "skip"):
        return decide(column, usual)
    if given == "date" and not style:
        found = decide_dates([text for text in entries(column) if isinstance(text, str)], usual.date)
        style = found.name if found else "year first"
    return ColumnKind(given, style or ("." if given == "number" else ""), given=True)


def _converted(column: Any, kind: ColumnKind, usual: Usual, name: str, notes: list[str]) -> Any:
    found = convert(column, kind, usual, name)
    notes += [f"{name}: {note}" for note in found.notes]
    if found.strange:
        notes.append(_strange(name, found, _MEANING[kind.kind]))
    return found.values


def _strange(name: str, found: Converted, meaning: str) -> str:
    count = sum(found.strange.values())
    order = sorted(found.strange.items(), key=lambda item: -item[1])
    shown = ", ".join(f'"{text[:40]}" ({times})' for text, times in order[:_SHOWN])
    more = f" and {len(order) - _SHOWN} others" if len(order) > _SHOWN else ""
    verb = "1 entry is" if count == 1 else f"{count} entries are"
    return f"{name}: {verb} not {meaning} and taken as gaps: {shown}{more}"


def _weights(column: Any, name: str) -> np.ndarray:
    values = column.to_numpy(np.float64)
    if not (values >= 0).all() or not values.sum() > 0:
        raise InputError(
            f"fit: the weights {name!r} must be numbers of at least 0, in every row; got gaps or others."
        )
    return values


def _apart(column: Any, name: str, usual: Usual, options: ReadOptions, notes: list[str]) -> np.ndarray:
    found = _converted(column, _kind_of_column(column, name, usual, options), usual, name, notes)
    return _numbers(found, f"the column {name!r}")


def _numbers(column: Any, what: str) -> np.ndarray:
    if is_categorical(column):
        first = next((str(entry) for entry in column if not pandas.isna(entry)), "nothing")
        raise InputError(
            f"fit: {what} must hold numbers; got {first!r}. `edgewise fit --task classes` predicts text; --kind COLUMN=number "
            f"takes what numbers there are in a column."
        )
    return np.asarray(column.to_numpy(np.float64, na_value=np.nan))


def _target(column: Any, name: str, task: str) -> np.ndarray:
    if task == "values":
        return _numbers(column, f"the target {name!r}")
    levels = column.nunique()
    if levels > max(_FEW_LEVELS, _MOST_LEVELS_OF_TEXT * len(column)):
        raise InputError(
            f"fit: the target {name!r} must have few classes, or numbers; got {levels} different entries in "
            f"{len(column)} rows. Say --kind {name}=number where they are numbers, or predict another column."
        )
    return convert(column, ColumnKind("text"), Usual(), name).values.to_numpy(object)


def _inputs(
    table: pandas.DataFrame, truth: Any, usual: Usual, options: ReadOptions, notes: list[str]
) -> tuple[pandas.DataFrame, dict[str, ColumnKind]]:
    kept, kinds = {}, {}
    for name in table.columns:
        kind = _kind_of_column(table[name], name, usual, options)
        column = _converted(table[name], kind, usual, name, notes)
        notes += _why_text(table[name], name, kind)
        reason = _reason_to_leave_out(column, name, truth) if not kind.given else None
        if reason or column.nunique() + bool(column.isna().any()) < 2:
            notes.append(f"{name} was left out: {reason or 'it does not vary'}")
            continue
        if kind.kind in ("date", "time"):
            notes.append(f"{name} became {'days since 1970' if kind.kind == 'date' else 'hours'}")
        if kind.kind == "text" and column.nunique() > MAX_CATEGORIES:
            notes.append(
                f"{name}: its {column.nunique()} levels are coded by the target's mean over each, drawn to the overall mean "
                f"where rows are few"
            )
        kept[name] = _as_categories(column, table[name]) if kind.kind == "text" else column
        kinds[name] = kind
    return pandas.DataFrame(kept, index=table.index), kinds


def _as_categories(column: Any, written: Any) -> Any:
    """A column of text as categories, in the order that the file gives them, if it does."""
    if not getattr(written.dtype, "ordered", False):
        return column.astype("category")
    order = [level_of(level) for level in written.dtype.categories]
    return pandas.Series(pandas.Categorical(column, order, ordered=True), index=column.index)


def _reason_to_leave_out(column: Any, name: str, truth: Any) -> str | None:
    levels, count = column.nunique(), int(column.notna().sum())
    if is_categorical(column):
        many = levels > max(_FEW_LEVELS, _MOST_LEVELS_OF_TEXT * count)
        return f"it has {levels} different texts in {count} rows, as names and keys have" if many else None
    if count == len(column) == levels and is_row_number(name, column.to_numpy(np.float64)):
        alike = order_of(column.to_numpy(np.float64), pandas.factorize(truth, sort=True)[0])
        why = leak(alike) if alike > 4 / count**0.5 else "it numbers the rows"
        return f"{why}; --kind {name!r}=number takes it as a column like others"
    return None


def _why_text(written: Any, name: str, kind: ColumnKind) -> list[str]:
    """Why a column that looks like numbers is text."""
    if kind.kind != "text" or kind.given:
        return []
    counts = {text: count for text, count in entries(written).items() if isinstance(text, str)}
    if any(CODE.fullmatch(text) for text in counts):
        return [f"{name} is text: its entries are codes, such as those with leading zeros"]
    like = {text: cell for text in counts if (cell := read_number(text)) is not None}
    if not like or sum(counts[text] for text in like) < 0.5 * sum(counts.values()):
        return []
    units = sorted({cell.affix for cell in like.values()} - {""})
    others = [text for text in counts if text not in like]
    why = (
        f"it mixes {', '.join(units[:_SHOWN])}"
        if len(units) > 1
        else f"it has entries such as {', '.join(others[:_SHOWN])}"
    )
    return [f"{name} is text: {why}; --kind {name}=number takes what numbers there are"]


def ready_inputs(
    table: RawTable, kinds: Mapping[str, ColumnKind], usual: Usual, options: ReadOptions = _NOTHING
) -> tuple[pandas.DataFrame, list[str]]:
    """The columns a model was trained on, in the kinds they had then, and what is worth saying of them.

    Args:
        table: What was read; it may have other columns too.
        kinds: Of the columns, as they were decided at the fit.
        usual: What counted at the fit where columns left it open.
        options: What the user says.

    Raises:
        InputError: one is missing.
    """
    missing = [name for name in kinds if name not in table.frame.columns]
    if missing:
        raise InputError(
            f"predict: the table must have the columns the model was trained on; got none named "
            f"{', '.join(missing)}. Add them; empty cells are allowed."
        )
    notes: list[str] = []
    here = usual_of(replace(table, frame=table.frame[list(kinds)]), options, usual)
    found = {name: _converted(table.frame[name], kind, here, name, notes) for name, kind in kinds.items()}
    return pandas.DataFrame(found, index=table.frame.index), notes


def describe(table: pandas.DataFrame) -> list[dict[str, Any]]:
    """One summary a column: kind, gaps, and mean and range or the most frequent levels."""
    rows = []
    for name in table.columns:
        column = table[name]
        row: dict[str, Any] = {"name": name, "missing": int(column.isna().sum())}
        if is_categorical(column):
            counts = column.astype(object).map(str, na_action="ignore").value_counts()
            shown = ", ".join(f"{level} ({count})" for level, count in counts.head(4).items())
            row |= {"kind": f"{len(counts)} levels", "what": shown + (", ..." if len(counts) > 4 else "")}
        else:
            low, middle, high = (float(getattr(column, verb)()) for verb in ("min", "mean", "max"))
            row |= {"kind": "number", "what": f"{low:.5g} to {high:.5g}, mean {middle:.5g}"}
        rows.append(row)
    return rows
