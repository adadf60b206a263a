"""Writes the measured figures into docs/speed.md, and draws them.

Run: python -m benchmarks.speed.table [--json benchmarks/results/speed.json]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .__main__ import DEFAULT_JSON
from .criteria import checks
from .peers import EQUAL_MLP, KANS, OURS, SHAPE_MLP
from .picture import draw
from .results import Results, Row, load
from .sizes import FLAT_GRIDS, FLATNESS

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OTHERS = (*KANS, "pykan")


def markdown(results: Results) -> str:
    """All tables, one of times for each number of threads."""
    about = results.machine
    parts = [
        f"Measured on: {about['cpu']}, {about['cores']} cores, Python {about['python']}, torch {about['torch']}; "
        f"{about['clock']} time."
    ]
    for threads in sorted({row.threads for row in results.rows}):
        rows = [row for row in results.rows if row.threads == threads]
        plural = "s" if threads > 1 else ""
        parts += [f"### {threads} thread{plural}", _times(rows), _flatness(rows), _summary(rows)]
    parts += ["### Memory of a training step", _memory(results.rows)]
    return "\n\n".join(part for part in parts if part)


def _times(rows: list[Row]) -> str:
    """Our times, and how many times as long the others take."""
    head = ["size", "parameters", "forward, ms", "step, ms", "ours / MLP, forward", "ours / MLP, step"]
    lines = []
    for row in rows:
        if OURS not in row.entries:
            continue
        ours = row.entries[OURS]
        cells = [f"`{row.label}`", f"{ours.parameters:,}", _ms(ours.forward.median), _ms(ours.step.median)]
        cells += [_share(row.ratio(OURS, EQUAL_MLP, call)) for call in ("forward", "step")]
        lines.append([*cells, *(_times_ours(row.ratio(name, OURS)) for name in OTHERS)])
    return _table([*head, *(f"{name} / ours, step" for name in OTHERS)], lines)


def _flatness(rows: list[Row]) -> str:
    """Times of one size on several grids."""
    found = [row for row in rows if row.key == FLATNESS]
    if not found:
        return ""
    row = found[0]
    lines = []
    for name in (OURS, "dense"):
        entries = [row.entries.get(f"{name}-g{grid}") for grid in FLAT_GRIDS]
        if all(entries):
            lines.append([name, *(_ms(entry.step.median) for entry in entries if entry)])
    heads = [f"G {grid}" for grid in FLAT_GRIDS]
    return f"`{row.label.split(' on ')[0]}`, a step in ms by grid:\n\n" + _table(["", *heads], lines)


def _summary(rows: list[Row]) -> str:
    """How many of the checks hold, and which do not."""
    made = checks(rows)
    failed = [check for check in made if not check.kept]
    text = f"{len(made) - len(failed)} of {len(made)} checks of the benchmark hold"
    return (
        "\n".join([f"{text}. Not so:\n", *(f"- {check.text}" for check in failed)]) if failed else f"{text}."
    )


def _memory(rows: list[Row]) -> str:
    """Bytes kept for the backward pass and the peak, beside the MLP of the same width."""
    lines, seen = [], set()
    for row in rows:
        if not row.memory or row.key in seen:
            continue
        seen.add(row.key)  # memory does not depend on the threads
        ours, other = row.memory["ours"], row.memory["mlp_shape"]
        figures = [ours["saved"], other["saved"], ours["peak"], row.memory["bound"]]
        lines.append([f"`{row.label}`", *(f"{count / 1000:,.0f}" for count in figures)])
    heads = ["size", "kept for backward, kB", f"by {SHAPE_MLP}, kB", "peak, kB", "bound, kB"]
    return _table(heads, lines)


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.3g}" if seconds < 0.1 else f"{1000 * seconds:.0f}"


def _share(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _times_ours(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f}"


def main() -> None:
    """Read the rows; write the page and the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.table", description=__doc__)
    parser.add_argument("--json", type=Path, default=DEFAULT_JSON)
    parser.add_argument("--page", type=Path, default=DOCS / "speed.md")
    parser.add_argument("--picture", type=Path, default=DOCS / "pictures" / "speed.png")
    settings = parser.parse_args()
    results = load(settings.json)
    page = settings.page.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    draw(results, settings.picture)
    link = os.path.relpath(settings.picture, settings.page.parent)
    measured = f"![Time of a step for that of the MLP]({link})\n\n{markdown(results)}"
    settings.page.write_text(f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}")


if __name__ == "__main__":
    main()
