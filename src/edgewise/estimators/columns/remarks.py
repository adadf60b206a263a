"""What is worth saying of a table beside the training rows: levels never seen, values far outside, entries unread."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import TableWarning
from .cells import GAP, is_gap
from .levels import level_of
from .numbers import MEANING

if TYPE_CHECKING:
    from .rules import NumericRule

FAR = 0.5
"""A value so much of the training range beyond its ends is far outside."""

NOT_FAR = 0.1
"""So are several that lie beyond by so much, where they are more than this share of the rows."""

_SHOWN = 4
_MOST_COLUMNS = 6


class Remarks:
    """Lines on the columns of a table, gathered while it is encoded.

    Attributes:
        lines: One each, beginning with the name of the column.

    Args:
        kinds: Columns of moments that come as numbers, with "date" or "time", so that bounds are shown as such.

    Example:
        >>> remarks = Remarks()
        >>> remarks.unseen("colour", ["red", "mauve"], np.array([0, 1, 1]), [1])
        >>> remarks.lines
        ['colour: 2 of 3 rows have a level never seen in training: "mauve" (2)']
    """

    def __init__(self, kinds: Mapping[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self._kinds = kinds or {}

    def warn(self, where: str) -> None:
        """Warn of all of it at once, where there is something, at the line that called the library.

        Args:
            where: The function that was called.
        """
        if not self.lines:
            return
        more = len(self.lines) - _MOST_COLUMNS
        lines = self.lines if more <= 0 else [*self.lines[:_MOST_COLUMNS], f"and {more} more columns"]
        warnings.warn(f"{where}: {'; '.join(lines)}.", TableWarning, stacklevel=_frames_of_the_library())

    def unseen(self, name: str, entries: Sequence[Any], rows: np.ndarray, places: Any) -> None:
        """Tell of levels that the training rows did not have.

        Args:
            name: Of the column.
            entries: Its different entries.
            rows: For each row the place of its entry.
            places: Of the entries that are no known level.
        """
        if len(places) == 0:
            return
        counts = np.bincount(rows, minlength=len(entries))
        found: dict[str, int] = {}
        for place in places:
            level = GAP if is_gap(entries[place]) else f'"{level_of(entries[place])[:40]}"'
            found[level] = found.get(level, 0) + int(counts[place])
        total = sum(found.values())
        self.lines.append(
            f"{name}: {_rows(total, len(rows))} a level never seen in training: {_listed(found)}"
        )

    def strange(self, name: str, entries: Mapping[str, int], count: int, kind: str) -> None:
        """Tell of entries that could not be read, and became gaps.

        Args:
            name: Of the column.
            entries: With their counts.
            count: Of the rows.
            kind: Of the column.
        """
        if entries:
            shown = _listed({f'"{text[:40]}"': times for text, times in entries.items()})
            rows = _rows(sum(entries.values()), count)
            self.lines.append(
                f"{name}: {rows} entries that are not {MEANING[kind]} and taken as gaps: {shown}"
            )

    def codes(self, name: str, values: np.ndarray, codes: Sequence[float]) -> None:
        """Tell of numbers that are taken as gaps.

        Args:
            name: Of the column.
            values: Of its rows.
            codes: Numbers that stand for a gap.
        """
        counts = {f"{code:.12g}": int((values == code).sum()) for code in codes}
        self.lines.append(
            f"{name}: {_rows(sum(counts.values()), len(values))} a number far from all others that looks like a code, "
            f"and is taken as a gap: {_listed(counts)}"
        )

    def gaps(self, rule: NumericRule, gaps: int, count: int) -> None:
        """Tell of gaps in a column that had none in training.

        Args:
            rule: Of the column.
            gaps: How many there are.
            count: Of the rows.
        """
        if gaps:
            stands = self._shown(rule, rule.fill)
            self.lines.append(
                f"{rule.name}: {_rows(gaps, count)} a gap, and training had none; {stands} stands in"
            )

    def outside(self, rule: NumericRule, values: np.ndarray) -> None:
        """Tell of values far outside the training rows.

        Args:
            rule: Of the column.
            values: Gaps as NaN.
        """
        width = rule.high - rule.low
        if not np.isfinite(width) or not bool(((values < rule.low) | (values > rule.high)).any()):
            return
        beyond = np.fmax(np.fmax(rule.low - values, values - rule.high), 0.0)
        if not (
            bool((beyond > FAR * width).any()) or (beyond > NOT_FAR * width).sum() > NOT_FAR * len(values)
        ):
            return
        low, high, farthest = (
            self._shown(rule, value) for value in (rule.low, rule.high, values[np.nanargmax(beyond)])
        )
        self.lines.append(
            f"{rule.name}: {_rows(int((beyond > 0).sum()), len(values), 'is', 'are')} outside the range of training, "
            f"{low} to {high}, and as far as {farthest}; {self._beyond(rule)}"
        )

    def _beyond(self, rule: NumericRule) -> str:
        """What becomes of values outside the training range."""
        if rule.transform.cuts:
            return "what is far off is read as the end of that range"
        return "its curve goes on as a straight line there"

    def _shown(self, rule: NumericRule, value: float) -> str:
        return shown_value(rule, value, self._kinds.get(rule.name))


def shown_value(rule: NumericRule, value: float, kind: str | None = None) -> str:
    """A number of a column as what it stands for.

    Args:
        rule: Of the column.
        value: The number.
        kind: What it stands for, where the rule does not know.
    """
    kind = kind or rule.kind
    if kind == "ordered":
        return f'"{rule.levels[min(max(round(value), 0), len(rule.levels) - 1)]}"'
    if kind == "date":
        return shown_date(value)
    return f"{value:.5g}" + {"duration": " days", "time": " hours"}.get(kind, "")


def _frames_of_the_library() -> int:
    """How many frames above `Remarks.warn` belong to the library, as a stacklevel of the first that does not."""
    package = str(Path(__file__).parents[2])
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame, level = frame.f_back, level + 1
    return level


def shown_date(days: float) -> str:
    """Days since 1970 as a date, with the time of day where it is not midnight.

    Args:
        days: A number.

    Example:
        >>> shown_date(1.0), shown_date(0.5)
        ('1970-01-02', '1970-01-01 12:00')
    """
    try:
        moment = datetime(1970, 1, 1) + timedelta(days=days)
    except OverflowError:
        return f"{days:.5g} days since 1970"
    return f"{moment:%Y-%m-%d}" if moment.hour == moment.minute == 0 else f"{moment:%Y-%m-%d %H:%M}"


def _listed(entries: Mapping[str, int]) -> str:
    order = sorted(entries.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{text} ({times})" for text, times in order[:_SHOWN])
    return f"{shown} and {len(order) - _SHOWN} others" if len(order) > _SHOWN else shown


def _rows(count: int, total: int, one: str = "has", several: str = "have") -> str:
    return f"{count} of {total} rows {one if count == 1 else several}"
