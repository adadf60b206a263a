"""The pictures of docs/paper_training.md and docs/when_not.md, from what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.paper.continual import CENTRES
from benchmarks.paper.report import median
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = ["#1f4e79", "#c0504d", "#7f7f7f", "#4f8f4f", "#8064a2", "#d28e2c"]


def _figure(width: float, height: float, columns: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def _save(figure: Figure, folder: Path, name: str) -> None:
    figure.savefig(folder / f"paper_{name}.png", dpi=90)


def continual(found: dict, folder: Path) -> None:
    """What both networks say after each phase, one line to a phase."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 5, sharex=True)
    for row, (name, phases) in enumerate(found["curves"].items()):
        x = np.linspace(-1, 1, len(phases[0]))
        target = sum(np.exp(-300 * (x - centre) ** 2) for centre in CENTRES)
        for column, values in enumerate(phases):
            axis = axes[row][column]
            axis.plot(x, target, color="#bbbbbb", linewidth=0.8)
            axis.plot(x, values, color=COLOURS[row], linewidth=1.2)
            axis.axvspan(-1 + 0.4 * column, -0.6 + 0.4 * column, color="#f3ead7", zorder=-1)
            axis.set_ylim(-0.4, 1.3)
            axis.tick_params(labelsize=7)
            if row == 0:
                axis.set_title(f"phase {column + 1}", fontsize=9)
        axes[row][0].set_ylabel(name.split(",")[0] if row == 0 else "MLP", fontsize=8)
    axes[0][0].set_ylabel("KAN", fontsize=9)
    _save(figure, folder, "continual")


def robustness(found: list, folder: Path) -> None:
    """Test errors of all seeds, a row to a case."""
    figure, (axis,) = _figure(7, 2.2, 1)
    for place, case in enumerate(found):
        errors = sorted(test for _, test, _ in case["runs"])
        axis.plot(errors, [-place] * len(errors), "o", color=COLOURS[place], alpha=0.6, markersize=5)
    names = [f"{case['width']}, {case['starts']} start{'s' * (case['starts'] > 1)}" for case in found]
    axis.set_yticks([-place for place in range(len(found))], names, fontsize=8)
    axis.set_ylim(-len(found) + 0.5, 0.5)
    axis.set_xscale("log")
    axis.set_xlabel("test RMSE, one dot to a seed", fontsize=9)
    _save(figure, folder, "robustness")


def depth(found: dict, folder: Path) -> None:
    """Error by parameters; the paper's figures dashed."""
    figure, (axis,) = _figure(6, 3.8, 1)
    for colour, (name, case) in zip(COLOURS, found.items(), strict=False):
        counts = [case["edges"] * (int(grid) + 3) for grid in case["errors"]]
        axis.plot(counts, [median(e) for e in case["errors"].values()], "o-", color=colour, label=name)
        paper = case["paper"] or {}
        if paper:
            counts = [case["edges"] * (int(grid) + 3) for grid in paper]
            axis.plot(
                counts, list(paper.values()), "x--", color=colour, alpha=0.6, label=f"{name}, the paper's"
            )
    axis.set(xscale="log", yscale="log", xlabel="parameters", ylabel="test RMSE")
    axis.legend(fontsize=8)
    _save(figure, folder, "depth")


def _heat(
    axis: Any, values: np.ndarray, rows: Sequence, columns: Sequence, words: tuple[str, str, str], scale: Any
) -> None:
    axis.imshow(values, cmap="YlGnBu", aspect="auto", vmin=scale[0], vmax=scale[1])
    middle = (scale[0] + scale[1]) / 2
    for (row, column), value in np.ndenumerate(values):
        shown = f"{value:.0f}" if scale[0] == 0 else f"{10**value:.0e}".replace("e-0", "e-")
        axis.text(
            column, row, shown, ha="center", va="center", fontsize=7, color="w" if value > middle else "k"
        )
    axis.set_xticks(range(len(columns)), [str(c) for c in columns], fontsize=8)
    axis.set_yticks(range(len(rows)), [str(r) for r in rows], fontsize=8)
    axis.set_xlabel(words[0], fontsize=9)
    axis.set_ylabel(words[1], fontsize=9)
    axis.set_title(words[2], fontsize=9)


def hyperparameters(found: dict, folder: Path) -> None:
    """Right shapes over penalty and entropy, over grid and degree; errors over degree and grid."""
    figure, axes = _figure(11, 3.2, 3)
    right = [
        np.array(
            [
                [sum(r["nodes"] == 1 and r["edges"] == 3 for r in runs) for runs in line]
                for line in found[part]
            ]
        )
        for part in ("penalty", "splines")
    ]
    most = len(found["penalty"][0][0])
    title = f"seeds of {most} that end in [2, 1, 1]"
    _heat(axes[0], right[0], found["lambs"], found["entropies"], ("entropy", "lamb", title), (0, most))
    grids, degrees = found["grids"][:4], found["degrees"][:4]
    _heat(axes[1], right[1], grids, degrees, ("k", "grid", f"{title}, lamb 1e-3"), (0, most))
    errors = np.log10([[median(c) for c in zip(*runs, strict=True)] for runs in found["errors"]])
    words = ("grid", "k", "test RMSE of [2, 1, 1]")
    _heat(axes[2], errors, found["degrees"], found["grids"], words, (errors.min(), errors.max()))
    _save(figure, folder, "hyperparameters")


def wrong_choice(found: dict, folder: Path) -> None:
    """Variance left over the noise, and over useless columns."""
    figure, axes = _figure(9, 3.6, 2)
    for axis, title in zip(axes, ("noise", "useless columns"), strict=True):
        labels = list(found[title])
        for colour, name in zip(COLOURS, next(iter(found[title].values())), strict=True):
            heights = [median(e for e, _ in found[title][label][name]) for label in labels]
            axis.plot(
                range(len(labels)), heights, "o-", color=colour, label=name, linewidth=1.2, markersize=4
            )
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yscale("log")
        axis.set_xlabel({"noise": "noise / deviation of the function"}.get(title, title), fontsize=9)
    axes[0].set_ylabel("share of variance left", fontsize=9)
    axes[0].legend(fontsize=7)
    _save(figure, folder, "wrong_choice")


PICTURES: dict[str, Callable[[Any, Path], None]] = {
    "continual": continual,
    "robustness": robustness,
    "depth": depth,
    "hyperparameters": hyperparameters,
    "wrong_choice": wrong_choice,
}
