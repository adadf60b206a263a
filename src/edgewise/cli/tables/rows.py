"""The rows of a text whose layout is known; what is no row is left out, and said."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas

from ...errors import FileError
from .layout import Layout

_TOTAL = re.compile(r"(?:grand )?totals?:?|sums?:?|summe:?|gesamt:?|average:?|mean:?", re.IGNORECASE)
_SHOWN = 3


@dataclass(frozen=True)
class Rows:
    """A table of text.

    Attributes:
        frame: One column of text to each name, under numbers; empty cells are "".
        notes: What was left out or filled up.
    """

    frame: pandas.DataFrame
    notes: tuple[str, ...]


def read_rows(text: str, layout: Layout, where: str) -> Rows:
    """Read the rows of a text.

    Args:
        text: The whole of it.
        layout: Of `find_layout`.
        where: Name of the file, for errors.

    Raises:
        FileError: a row has more cells than there are columns.

    Example:
        >>> from .layout import find_layout
        >>> text = "a,b\\n1,x\\n2,\\nTotal 3\\n"
        >>> found = read_rows(text, find_layout(text), "x.csv")
        >>> found.frame.values.tolist(), found.notes
        ([['1', 'x'], ['2', '']], ('1 line below the rows was left out: "Total 3"',))
    """
    body = text[layout.body :]
    if layout.sep != " " and _is_regular(body, layout):
        return Rows(_read_quickly(body, layout), ())
    return _read_carefully(body, layout, where, text[: layout.body].count("\n"))


def _cells(body: str, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Number of the last line of each record, from 1, and its cells."""
    if layout.sep == " ":
        for number, line in enumerate(body.split("\n")):
            yield number + 1, line.split()
        return
    reader = csv.reader(
        io.StringIO(body), delimiter=layout.sep, quotechar=layout.quote, skipinitialspace=True
    )
    for cells in reader:
        yield reader.line_num, cells


def _is_regular(body: str, layout: Layout) -> bool:
    """Whether every record is a row of the table."""
    names, width, last = layout.names and list(layout.names), layout.width, []
    for _, cells in _cells(body, layout):
        if len(cells) == width and cells != names and cells[0][:1] != "#":
            last = cells
        elif cells:
            return False
    return not (last and _is_total(last))


def _read_quickly(body: str, layout: Layout) -> pandas.DataFrame:
    if not body.strip():
        return pandas.DataFrame({number: [] for number in range(layout.width)}, dtype=object)
    return pandas.read_csv(
        io.StringIO(body),
        sep=layout.sep,
        quotechar=layout.quote,
        header=None,
        names=list(range(layout.width)),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        skipinitialspace=True,
    )


def _is_total(cells: list[str]) -> bool:
    return bool(_TOTAL.fullmatch(cells[0].strip()))


def _read_carefully(body: str, layout: Layout, where: str, above: int) -> Rows:
    width, names = layout.width, layout.names and list(layout.names)
    rows: list[list[str]] = []
    lines: list[int] = []
    comments = repeated = 0
    for line, cells in _cells(body, layout):
        if not any(cell.strip() for cell in cells):
            if len(cells) == width > 1:
                rows.append(cells)
                lines.append(line + above)
        elif cells[0].lstrip().startswith("#"):
            comments += 1
        elif [cell.strip() for cell in cells] == names:
            repeated += 1
        elif any(cell.strip() for cell in cells[width:]):
            raise FileError(
                f"read: every row of {where!r} must have {width} cells; line {line + above} has {len(cells)}. "
                f"Quote cells that hold {layout.sep!r}, or say --sep."
            )
        else:
            rows.append(cells[:width])
            lines.append(line + above)
    notes = []
    if comments:
        notes.append(
            f"{'1 line' if comments == 1 else f'{comments} lines'} of comment {_was(comments)} left out"
        )
    if repeated:
        lines_that = "1 line that repeats" if repeated == 1 else f"{repeated} lines that repeat"
        notes.append(f"{lines_that} the names {_was(repeated)} left out")
    notes += _without_foot(rows, lines, width)
    notes += _filled_up(rows, lines, width)
    frame = pandas.DataFrame(rows, columns=range(width), dtype=object)
    return Rows(frame, tuple(notes))


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _without_foot(rows: list[list[str]], lines: list[int], width: int) -> list[str]:
    foot = []
    while rows and (len(rows[-1]) <= width // 2 or _is_total(rows[-1])):
        foot.append(" ".join(cell for cell in rows.pop() if cell))
        lines.pop()
    if not foot:
        return []
    what = "1 line below the rows was" if len(foot) == 1 else f"{len(foot)} lines below the rows were"
    return [f'{what} left out: "{foot[-1]}"']


def _filled_up(rows: list[list[str]], lines: list[int], width: int) -> list[str]:
    short = [line for row, line in zip(rows, lines, strict=True) if len(row) < width]
    for row in rows:
        row.extend([""] * (width - len(row)))
    if not short:
        return []
    shown = ", ".join(map(str, short[:_SHOWN])) + (", ..." if len(short) > _SHOWN else "")
    rows_have = "1 row has" if len(short) == 1 else f"{len(short)} rows have"
    return [f"{rows_have} too few cells (line {shown}); the others were taken as gaps"]
