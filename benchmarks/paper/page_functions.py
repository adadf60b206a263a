"""Write the tables of docs/paper_functions.md from what was measured, and draw its pictures.

A table stands between `<!-- table NAME -->` and `<!-- end -->`; everything else on the page is left as it is.

Run: python -m benchmarks.paper.page_functions
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.paper import feynman, special
from benchmarks.paper.contest import Found, report, rows
from benchmarks.paper.problems import Problem
from benchmarks.paper.report import table
from benchmarks.paper.toy_scaling import GRIDS, TOYS, compare, middles
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "paper_functions.md"
PICTURES = ROOT / "docs" / "pictures"
OURS, PAPER, MLP = "#1f4e79", "#c0504d", "#7f7f7f"


def toys(found: dict[str, Any]) -> str:
    """One table to a function."""
    parts = [f"### {name}, {TOYS[name].width}\n\n{compare(TOYS[name], own)}" for name, own in found.items()]
    return "\n\n".join(parts)


def ranges(problems: list[Problem]) -> str:
    """The box of every function."""
    lines = [
        [one.name, ", ".join(f"{low:.3g} to {high:.3g}" for low, high in one.ranges)] for one in problems
    ]
    return table(["function", "inputs"], lines)


def toy_picture(found: dict[str, Any]) -> None:
    """Medians by grid, the seeds' range shaded, beside the paper's, the MLP and the line of the fourth power."""
    figure = Figure(figsize=(3.1 * len(found), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for axis, (name, own) in zip(
        figure.subplots(1, len(found), squeeze=False)[0], found.items(), strict=True
    ):
        toy = TOYS[name]
        axis.loglog(GRIDS[: len(toy.paper)], toy.paper, "o-", color=PAPER, markersize=4, label="paper")
        for (count, errors), style in zip(middles(own).items(), ("s--", "o-"), strict=True):
            grids, values = [int(grid) for grid in errors], list(errors.values())
            axis.loglog(grids, values, style, color=OURS, markersize=4, label=f"ours, {count} samples")
            tests = [list(run["test"].values()) for run in own["runs"][count].values()]
            axis.fill_between(
                grids, *(np.array(tests).min(0), np.array(tests).max(0)), color=OURS, alpha=0.12
            )
        at = grids.index(toy.slope_from)
        line = values[at] * (np.array(grids[at:]) / grids[at]) ** -4.0
        axis.loglog(grids[at:], line, ":", color="k", label="G^-4")
        if "mlp" in own:
            axis.axhline(own["mlp"]["test_loss"], color=MLP, label="our MLP")
        axis.set_title(f"{name}, {toy.width}", fontsize=9)
        shown = [grid for grid in (3, 10, 50, 200, 1000) if grid <= grids[-1]]
        axis.set_xticks(shown, map(str, shown))
        axis.set_xticks([], minor=True)
        axis.set_xlabel("G", fontsize=9)
    figure.axes[0].set_ylabel("test RMSE", fontsize=9)
    figure.axes[0].legend(fontsize=7)
    figure.savefig(PICTURES / "paper_toys.png", dpi=90)


def dots(problems: list[Problem], found: Found, name: str) -> None:
    """One row to a function: ours, the paper's, our MLP."""
    lines = rows(problems, found)
    figure = Figure(figsize=(6.5, 0.6 + 0.24 * len(lines)), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    places = [-place for place in range(len(lines))]
    for column, label, colour, mark in (
        (1, "paper", PAPER, "s"),
        (9, "our MLP", MLP, "^"),
        (2, "ours", OURS, "o"),
    ):
        kept = [(line[column], place) for line, place in zip(lines, places, strict=True) if line[column]]
        if kept:
            values, rows_of = zip(*kept, strict=True)
            axis.plot(values, rows_of, mark, color=colour, label=label, markersize=5)
    axis.set_yticks(places, [line[0] for line in lines], fontsize=8)
    axis.set_xscale("log")
    axis.set_xlabel("test RMSE", fontsize=9)
    axis.grid(axis="y", color="#eeeeee")
    axis.legend(fontsize=8)
    figure.savefig(PICTURES / f"paper_{name}.png", dpi=90)


def main() -> None:
    """Write and draw all for which there are results."""
    parts = {"ranges special": ranges(special.PROBLEMS), "ranges feynman": ranges(feynman.PROBLEMS)}
    for name, problems, wanted in (("special", special.PROBLEMS, 1e-6), ("feynman", feynman.PROBLEMS, 2e-5)):
        found = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
        parts[name] = report(problems, found, wanted)
        dots(problems, found, name)
    found = json.loads((RESULTS / "toy_scaling.json").read_text("utf-8"))
    parts["toys"] = toys(found)
    toy_picture(found)
    page = PAGE.read_text("utf-8")
    for name, text in parts.items():
        marks = f"<!-- table {name} -->", "<!-- end -->"
        pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
        body = f"{marks[0]}\n\n{text}\n\n{marks[1]}"
        page = re.sub(pattern, lambda _, body=body: body, page, flags=re.DOTALL)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
