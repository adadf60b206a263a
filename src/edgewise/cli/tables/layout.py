"""How a text is laid out as a table: what separates cells, where the columns' names stand, and what is no row.

Of several separators and quotes the one is taken whose rows have one length and whose cells look like something.

Source: van den Burg, Nazábal and Sutton 2019, "Wrangling messy CSV files by detecting row and type patterns".
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t", "|")
_ROWS = 200
_CHARACTERS = 400_000
_SPECIAL = re.compile(r"[,;\t|\"']")
_NUMBER = re.compile(
    r"[-+−(]?\W{0,3}(?:[A-Z]{3} ?)?\d[\d.,' \u00a0\u202f]*(?:[eE][-+]?\d+)?\W{0,3}[A-Za-zµ°]{0,4}"
)
_PROSE = re.compile(r"[^;\t|\"]*(?:, |\w['’]\w)[^;\t|\"]*")


@dataclass(frozen=True)
class Layout:
    """Where a text's cells are.

    Attributes:
        sep: What separates cells; " " for any white space.
        quote: What encloses cells that hold a separator.
        body: Characters before the first row.
        names: The columns' names as they are written; None where there are none.
        width: Number of columns.
        skipped: Lines above the names that are no part of the table.
    """

    sep: str
    quote: str
    body: int
    names: tuple[str, ...] | None
    width: int
    skipped: tuple[str, ...] = ()


def find_layout(text: str, sep: str | None = None, header: bool | None = None) -> Layout:
    """Find how a text is laid out.

    Args:
        text: With line ends "\\n".
        sep: What the user says; None to find it out.
        header: Whether names stand above the rows; None to find it out.

    Example:
        >>> found = find_layout("made today\\na;b\\n1,5;2\\n2,5;3\\n")
        >>> found.sep, found.names, found.skipped
        (';', ('a', 'b'), ('made today',))
    """
    hint = re.match(r"sep=(.)\n", text)  # written for Excel
    start = hint.end() if hint else 0
    head = text[start : start + _CHARACTERS]
    if len(text) > start + _CHARACTERS:
        head = head[: head.rfind("\n") + 1]
    sep = sep or (hint.group(1) if hint else None)
    choices = [(one, quote) for one in ((sep,) if sep else SEPARATORS) for quote in ('"', "'")]
    best = max(choices, key=lambda choice: _consistency(head, *choice) * (1.0 if choice[1] == '"' else 0.8))
    if sep is None and _usual_width(records(head, *best)) < 2:
        rows = list(records(head, " ", '"'))
        if _usual_width(rows) > 1 and _steady(rows):
            best = (" ", '"')
    return _with_names(text, start, list(records(head, *best)), best, header)


@dataclass(frozen=True)
class Record:
    """One row of cells.

    Attributes:
        cells: As they are written, without quotes and white space around.
        end: Number of lines up to its end.
    """

    cells: tuple[str, ...]
    end: int

    @property
    def blank(self) -> bool:
        """Whether it holds nothing."""
        return not any(self.cells)

    @property
    def comment(self) -> bool:
        """Whether it starts as comments do."""
        return self.cells[:1] != () and self.cells[0].startswith("#")


def records(text: str, sep: str, quote: str) -> Iterator[Record]:
    """The first rows of a text.

    Args:
        text: With line ends "\\n".
        sep: What separates cells; " " for any white space.
        quote: What encloses cells.

    Example:
        >>> [record.cells for record in records('a,"b\\nc"\\n', ",", '"')]
        [('a', 'b\\nc')]
    """
    if sep == " ":
        for number, line in enumerate(text.split("\n")[:_ROWS]):
            yield Record(tuple(line.split()), number + 1)
        return
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text), delimiter=sep, quotechar=quote, skipinitialspace=True)
    for cells in itertools.islice(reader, _ROWS):
        yield Record(tuple(cell.strip() for cell in cells), reader.line_num)


def _consistency(head: str, sep: str, quote: str) -> float:
    """Pattern score times type score, as in the source."""
    rows = [record for record in records(head, sep, quote) if not record.blank and not record.comment]
    if not rows:
        return 0.0
    lengths = Counter(len(row.cells) for row in rows)
    pattern = sum(count * max(1e-3, (length - 1) / length) for length, count in lengths.items()) / len(
        lengths
    )
    cells = [cell for row in rows for cell in row.cells]
    return pattern * sum(1.0 if _plain(cell) else 0.1 for cell in cells) / len(cells)


def _plain(cell: str) -> bool:
    """Whether a cell is a number, or text without signs of having been cut at the wrong places."""
    return not _SPECIAL.search(cell) or bool(_NUMBER.fullmatch(cell) or _PROSE.fullmatch(cell))


def _usual_width(rows: Iterator[Record] | list[Record]) -> int:
    lengths = Counter(len(row.cells) for row in rows if not row.blank and not row.comment)
    return max(lengths, key=lambda width: (lengths[width], width), default=0)


def _steady(rows: list[Record]) -> bool:
    width, full = _usual_width(rows), [row for row in rows if not row.blank and not row.comment]
    return sum(len(row.cells) == width for row in full) >= 0.9 * len(full)


def _with_names(
    text: str, start: int, rows: list[Record], choice: tuple[str, str], header: bool | None
) -> Layout:
    width = _usual_width(rows)
    first = next((place for place, row in enumerate(rows) if len(row.cells) == width and not row.comment), 0)
    names, line = _names(rows, first, width, header)
    top = first if line is None else line
    last = top - 1 if line is None else line
    skipped = tuple(" ".join(row.cells) for row in rows[:top] if not row.blank)
    body = _offset(text, start, rows[last].end) if last >= 0 and rows else start
    return Layout(*choice, body, names, max(width, len(names or ())), skipped)


def _names(
    rows: list[Record], first: int, width: int, header: bool | None
) -> tuple[tuple[str, ...] | None, int | None]:
    """The columns' names, and the number of the record that holds them; None where there are none."""
    at = rows[first].cells if rows else ()
    above = rows[first - 1] if first else Record((), 0)
    words = all(cell and not _is_number(cell) for cell in above.cells) and not above.comment
    words = words and header is not False and any(map(_is_number, at))
    if words and len(above.cells) > width:
        return above.cells, first - 1  # rows end where they have nothing more to say
    if words and len(above.cells) == width - 1 > 0:
        closed = all(row.cells[-1] == "" for row in rows[first:] if len(row.cells) == width)
        return ((*above.cells, "") if closed else ("", *above.cells)), first - 1  # R leaves row names unnamed
    if header is None and not any(cell and not _is_number(cell) for cell in at):
        return _names_in_comment(above, width, first - 1) if above.comment else (None, None)
    return (None, None) if header is False else (at, first)


def _names_in_comment(above: Record, width: int, place: int) -> tuple[tuple[str, ...] | None, int | None]:
    """Names behind a "#", as numpy.savetxt writes them."""
    words = tuple(filter(None, (above.cells[0].lstrip("#").strip(), *above.cells[1:])))
    found = len(words) == width and not any(map(_is_number, words))
    return (words, place) if found else (None, None)


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def _offset(text: str, start: int, lines: int) -> int:
    """Number of characters up to the end of so many lines."""
    place = start
    for _ in range(lines):
        found = text.find("\n", place)
        if found < 0:
            return len(text)
        place = found + 1
    return place
