"""The front of a discovery as rows, as text, and as a table of a page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from .law import Law
from .splines import SplineNetwork

_HEADS = ("complexity", "test RMSE", "R2", "bits", "verdict", "law")
_BOLD = ' style="font-weight:bold"'
_LONGEST = 160


def front_rows(laws: Sequence[Law], best: int | None) -> list[dict[str, Any]]:
    """A row a law, as plain values.

    Args:
        laws: As they are printed.
        best: Number of the chosen one.
    """
    return [
        {
            "complexity": law.complexity,
            "test_rmse": law.test_rmse,
            "train_rmse": law.train_rmse,
            "r2": law.r2,
            "bits": law.bits,
            "verdict": law.verdict,
            "source": law.source,
            "chosen": number == best,
            "law": law.text(),
        }
        for number, law in enumerate(laws)
    ]


def front_text(laws: Sequence[Law], best: int | None, splines: SplineNetwork | None = None) -> str:
    """The front in lines, the chosen law marked by a star; nothing where there are no laws.

    Args:
        laws: As they are printed.
        best: Number of the chosen one.
        splines: A network that stands below them.
    """
    rows = [_HEADS, *map(_cells, laws), *([] if splines is None else [_cells_of_network(splines)])]
    if len(rows) == 1:
        return ""
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS) - 1)]
    marks = [" ", *("*" if number == best else " " for number in range(len(rows) - 1))]
    lines = []
    for mark, row in zip(marks, rows, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append(f"{mark} {'  '.join([*cells, _cut(row[-1])])}")
    return "\n".join(lines)


def front_html(laws: Sequence[Law], best: int | None, splines: SplineNetwork | None = None) -> str:
    """The front as a table, the chosen law in bold.

    Args:
        laws: As they are printed.
        best: Number of the chosen one.
        splines: A network that stands below them.
    """
    head = "".join(f"<th>{name}</th>" for name in _HEADS)
    rows = []
    every = [*map(_cells, laws), *([] if splines is None else [_cells_of_network(splines)])]
    for number, (*cells, text) in enumerate(every):
        plain = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        bold = _BOLD if number == best else ""
        rows.append(f"<tr{bold}>{plain}<td><code>{html.escape(_cut(text))}</code></td></tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cells(law: Law) -> tuple[str, ...]:
    return (
        str(law.complexity),
        f"{law.test_rmse:.3g}",
        f"{law.r2:.6g}",
        f"{law.bits:.0f}",
        law.verdict,
        law.text(),
    )


def _cells_of_network(splines: SplineNetwork) -> tuple[str, ...]:
    numbers = f"{splines.test_rmse:.3g}", f"{splines.r2:.6g}", f"{splines.bits:.0f}"
    return (str(splines.numbers), *numbers, "no law", str(splines))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
