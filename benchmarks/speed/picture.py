"""The picture of the figures: a line to a size, a mark to a contestant."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from .peers import EQUAL_MLP, OURS
from .results import Results, Row

MARKS = {
    OURS: ("o", "#0b5fa5", 85),
    "inkan-compiled": ("D", "#d9822b", 34),
    "inkan": ("s", "#e8b27a", 34),
    "jaxkan": ("^", "#4a9a5b", 44),
    "dense": ("v", "#8a6bbf", 44),
    "pykan": ("X", "#8c8c8c", 48),
}
"""Shape, colour and area of each contestant's mark."""
NAMES = {
    OURS: "edgewise",
    "inkan-compiled": "inKAN, compiled",
    "inkan": "inKAN",
    "jaxkan": "jaxKAN",
    "dense": "dense basis, torch",
    "pykan": "pykan",
}
INK, QUIET = "#222222", "#d8d8d8"


def draw(results: Results, path: Path) -> None:
    """Draw times of a step for those of the MLP of as many parameters, one panel to a number of threads."""
    panels = sorted({row.threads for row in results.rows})
    by_threads = [_comparable(results.rows, threads) for threads in panels]
    longest = max(len(rows) for rows in by_threads)
    figure = Figure(figsize=(2.2 + 4.9 * len(panels), 1.9 + 0.4 * longest), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axis, threads, rows in zip(axes, panels, by_threads, strict=True):
        _panel(axis, rows)
        axis.set_title(f"{threads} thread{'s' if threads > 1 else ''}", fontsize=10, color=INK)
    figure.suptitle(
        "Forward and backward, for the time of an MLP with as many parameters",
        fontsize=11.5,
        color=INK,
    )
    shown = [name for name in MARKS if any(name in row.entries for row in results.rows)]
    figure.legend(
        handles=[_handle(name) for name in shown],
        loc="outside lower center",
        ncols=3 * len(panels),
        frameon=False,
        fontsize=9,
        handletextpad=0.3,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130, facecolor="white")


def _comparable(rows: list[Row], threads: int) -> list[Row]:
    return [row for row in rows if row.threads == threads and EQUAL_MLP in row.entries]


def _panel(axis: Axes, rows: list[Row]) -> None:
    """All rows of one number of threads."""
    for place, row in enumerate(rows):
        ratios = {name: row.ratio(name, EQUAL_MLP) for name in MARKS if name in row.entries}
        found = {name: ratio for name, ratio in ratios.items() if ratio is not None}
        axis.plot([min(found.values()), max(found.values())], [place, place], color=QUIET, zorder=1)
        for name, ratio in found.items():
            shape, colour, area = MARKS[name]
            axis.scatter(
                ratio, place, area, color=colour, marker=shape, zorder=4 if name == OURS else 3, linewidths=0
            )
        if OURS in found:
            axis.annotate(
                f"{found[OURS]:.2f}",
                (found[OURS], place),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=7.5,
                color=MARKS[OURS][1],
                zorder=5,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )
    axis.axvline(1, color=INK, linewidth=1, zorder=2)
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axis.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=8.5)
    axis.set_ylim(len(rows) - 0.4, -0.7)
    axis.grid(axis="x", color="#eeeeee")
    axis.tick_params(length=0, colors=INK)
    axis.set_xlabel("faster than the MLP  \N{LEFTWARDS ARROW}  1×  \N{RIGHTWARDS ARROW}  slower", fontsize=9)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _handle(name: str) -> Line2D:
    shape, colour, area = MARKS[name]
    return Line2D(
        [], [], color=colour, marker=shape, linestyle="", markersize=0.8 * area**0.5, label=NAMES[name]
    )
