"""What the studies share: their command line, one seed after another, a line for each, and a picture."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Outcome:
    """What one part of a study came to.

    Attributes:
        part: Which part.
        found: The law that was found, as text.
        error: The figure that is compared.
        bar: What it has to stay at or below: pykan's printed figure for the same task.
        right: Whether the law itself is the true one.
        shown: What the picture is drawn from.
    """

    part: str
    found: str
    error: float
    bar: float
    right: bool
    shown: Any = None

    @property
    def good(self) -> bool:
        """Whether the law is right and its figure is at or below the bar."""
        return self.right and self.error <= self.bar


def tell(
    name: str,
    find: Callable[[int, bool], list[Outcome]],
    draw: Callable[[list[Outcome]], Figure],
    arguments: Sequence[str] | None = None,
) -> list[Outcome]:
    """Run a study from its command line.

    Args:
        name: Of the picture's file.
        find: The study: outcomes from a seed, and whether a quick run is wanted.
        draw: The picture, from the first seed's outcomes.
        arguments: Of the command line; those of the process if None.
    """
    parser = argparse.ArgumentParser(description=f"The study {name}: see docs/science.")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, from 0 (1)")
    parser.add_argument("--quick", action="store_true", help="a small part of the study")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the picture")
    settings = parser.parse_args(arguments)
    settings.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # networks this small gain nothing from a second thread
    outcomes: list[list[Outcome]] = []
    for seed in range(settings.seeds):
        begun = time.process_time()
        outcomes.append(find(seed, settings.quick))
        for one in outcomes[-1]:
            word = "right" if one.good else "missed"
            print(f"{one.part}, seed {seed}: {one.found}   error {one.error:.1e} ({one.bar:.1e})   {word}")
        print(f"  ({time.process_time() - begun:.1f} s)", flush=True)
    good = Counter(one.part for found in outcomes for one in found if one.good)
    for one in outcomes[0]:
        print(f"{one.part}: {good[one.part]} of {settings.seeds} seeds")
    path = settings.out / f"{name}.png"
    draw(outcomes[0]).savefig(path, dpi=150)
    print(f"Picture: {path}")
    return [one for found in outcomes for one in found]


def panels(columns: int, rows: int = 1, width: float = 4.0, height: float = 3.2) -> tuple[Figure, list[Any]]:
    """A figure without a window, and its axes row by row."""
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)
