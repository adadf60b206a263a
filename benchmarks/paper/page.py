"""Write the tables of docs/paper_training.md and docs/when_not.md from what was measured, and draw their pictures.

A table stands between `<!-- table NAME -->` and `<!-- end -->`; everything else on the pages is left as it is.

Run: python -m benchmarks.paper.page
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.paper import continual, hyperparameters, minimal, page_pictures, supervised, unsupervised
from benchmarks.paper.report import median, table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGES = [ROOT / "docs" / "paper_training.md", ROOT / "docs" / "when_not.md"]


def continual_table(which: str) -> Callable[[dict], str]:
    """Medians over seeds of every contestant."""

    def made(found: dict) -> str:
        rows = [
            [name, *(median(column) for column in zip(*runs, strict=True))]
            for name, runs in found[which].items()
        ]
        return table(continual.HEAD, rows)

    return made


def robustness_table(found: list) -> str:
    """How many seeds are near the best, and the spread."""
    rows = []
    for case in found:
        train, test, seconds = zip(*case["runs"], strict=True)
        near = [f"{sum(e <= 10 * min(part) for e in part)} of {len(part)}" for part in (train, test)]
        rows.append(
            [str(case["width"]), case["starts"], *near, min(test), median(test), max(test), median(seconds)]
        )
    head = [
        "network",
        "starts",
        "training error within 10 x the best",
        "test error",
        "best",
        "median",
        "worst",
        "seconds",
    ]
    return table(head, rows)


def minimal_table(found: dict) -> str:
    """Successes by way."""
    rows = [minimal.row(name, way, runs) for name, ways in found.items() for way, runs in ways.items()]
    return table(["function", "network", "pykan", "way", "succeeded", "median", "worst", "seconds"], rows)


def supervised_table(found: dict) -> str:
    """Shapes reached beside the paper's."""
    rows = []
    for name, toy in found.items():
        if name == "digit":
            continue
        runs = [supervised.Outcome(*run) for run in toy["runs"]]
        shapes = Counter(str(run.shape) for run in runs).most_common()
        good = sum(supervised.at_most(run.shape, toy["paper"]) for run in runs)
        errors = [run.error for run in runs]
        reached = ", ".join(f"{count} x {shape}" for shape, count in shapes)
        good_of = f"{good} of {len(runs)}"
        spread = [median(run.pruned for run in runs), median(errors), max(errors)]
        rows.append([f"`{name}`", str(toy["start"]), str(toy["paper"]), good_of, reached, *spread])
    head = ["function", "start", "the paper's", "at most that", "reached", "RMSE pruned", "refined", "worst"]
    return table(head, rows)


def digit_table(found: dict) -> str:
    """Share right of the first decimal digit."""
    shares = [share for share, _ in found["digit"]]
    return table(["seeds", "share right, median", "worst"], [[len(shares), median(shares), min(shares)]])


def unsupervised_table(found: dict) -> str:
    """Successes by way."""
    rows = [
        [
            way,
            f"{sum(unsupervised.right(way, groups) for groups, _ in runs)} of {len(runs)}",
            median(e for _, e in runs),
        ]
        for way, runs in found.items()
    ]
    return table(["way", "right", "RMSE of the labels, median"], rows)


def depth_table(found: dict) -> str:
    """Errors by parameters."""
    rows = []
    for name, case in found.items():
        for grid, errors in case["errors"].items():
            published = (case["paper"] or {}).get(grid)
            count = case["edges"] * (int(grid) + 3)
            rows.append([name, grid, count, published, median(errors), max(errors)])
    return table(["network", "G", "parameters", "the paper", "ours, median", "worst"], rows)


def penalty_table(found: dict) -> str:
    """Right shapes by penalty and entropy."""
    return _shapes(found["lambs"], found["entropies"], found["penalty"], "lamb \\ entropy")


def splines_table(found: dict) -> str:
    """Right shapes by grid and degree."""
    grids, degrees = found["grids"][:4], found["degrees"][:4]
    return _shapes(grids, degrees, found["splines"], "grid \\ k")


def _shapes(outer: list, inner: list, cells: list, corner: str) -> str:
    rows = [
        [str(a), *(hyperparameters.cell(runs) for runs in line)] for a, line in zip(outer, cells, strict=True)
    ]
    return table([corner, *map(str, inner)], rows)


def accuracy_table(found: dict) -> str:
    """Test errors by degree and grid."""
    rows = [
        [k, *(median(column) for column in zip(*runs, strict=True))]
        for k, runs in zip(found["degrees"], found["errors"], strict=True)
    ]
    return table(["k \\ grid", *map(str, found["grids"])], rows)


def wrong_table(title: str) -> Callable[[dict], str]:
    """Variance left, by question and model."""

    def made(found: dict) -> str:
        names = list(next(iter(found[title].values())))
        rows = [
            [name, *(median(e for e, _ in runs[m]) for m in names)] for name, runs in found[title].items()
        ]
        return table([title, *names], rows)

    return made


def lost_table(found: dict) -> str:
    """The measured tables on which another model has a lower mean loss than the KAN."""
    names = ["KAN", "linear", "forest", "boosting", "MLP"]
    rows = []
    for name, models in found.items():
        losses = [sum(models[m]["loss"]) / len(models[m]["loss"]) for m in names]
        if losses[0] > min(losses):
            size = f"{models['KAN']['rows']} x {models['KAN']['columns']}"
            rows.append([name, size, *losses, *(median(models[m]["seconds"]) for m in ("KAN", "boosting"))])
    return table(["table", "rows x columns", *names, "seconds, KAN", "seconds, boosting"], rows)


TABLES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "continual line": ("continual", continual_table("line")),
    "continual plane": ("continual", continual_table("plane")),
    "robustness": ("robustness", robustness_table),
    "minimal": ("minimal", minimal_table),
    "supervised": ("supervised", supervised_table),
    "digit": ("supervised", digit_table),
    "unsupervised": ("unsupervised", unsupervised_table),
    "depth": ("depth", depth_table),
    "penalty": ("hyperparameters", penalty_table),
    "splines": ("hyperparameters", splines_table),
    "accuracy": ("hyperparameters", accuracy_table),
    "noise": ("wrong_choice", wrong_table("noise")),
    "columns": ("wrong_choice", wrong_table("useless columns")),
    "lost": ("tabular", lost_table),
    "jumps": ("wrong_choice", wrong_table("jumps")),
    "extrapolation": ("wrong_choice", wrong_table("extrapolation")),
}


def main() -> None:
    """Fill in the tables whose results are there, and draw the pictures."""
    stored = {path.stem: json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")}

    def filled(match: re.Match[str]) -> str:
        source, made = TABLES[match[1]]
        body = made(stored[source]) if source in stored else match[2].strip()
        return f"<!-- table {match[1]} -->\n\n{body}\n\n<!-- end -->"

    for page in PAGES:
        text = page.read_text("utf-8")
        new = re.sub(r"<!-- table ([a-z ]+) -->(.*?)<!-- end -->", filled, text, flags=re.DOTALL)
        page.write_text(new, "utf-8")
    for name, draw in page_pictures.PICTURES.items():
        if name in stored:
            draw(stored[name], ROOT / "docs" / "pictures")


if __name__ == "__main__":
    main()
