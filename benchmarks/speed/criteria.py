"""What the figures are to show, and whether they do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .peers import EQUAL_MLP, KANS, OURS
from .results import Row
from .sizes import FLAT_GRIDS, FLATNESS

FLAT_BOUND = 1.3
PEER_BOUND = 2.0
PEER_MEAN_BOUND = 3.0


@dataclass(frozen=True)
class Check:
    """One figure beside its bound."""

    what: str
    value: float
    bound: float
    at_most: bool = True

    @property
    def kept(self) -> bool:
        """Whether the figure is on the right side."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    @property
    def text(self) -> str:
        """The figure and what it should be."""
        return f"{self.what}: {self.value:.3g} (wanted: {'<=' if self.at_most else '>='} {self.bound:g})"

    def __str__(self) -> str:
        return f"{'pass' if self.kept else 'FAIL'}  {self.text}"


def mlp_bound(row: Row) -> float:
    """How much of the time of an MLP of as many parameters a step may take."""
    if row.key.startswith("64x64x64-") and row.grid >= 50:
        return 0.1
    if row.grid >= 20:
        return 0.3
    return 0.7 if row.key.startswith("784x64x10-b1024-") else 1.0


def checks(rows: list[Row]) -> list[Check]:
    """All that the rows of one number of threads can tell."""
    return [*_beside_mlp(rows), *_beside_kans(rows), *_flatness(rows), *_memory(rows)]


def fastest_kan(row: Row) -> tuple[str, float] | None:
    """The fastest of the other spline KANs in a step, and its time as a multiple of ours."""
    ratios = {name: row.ratio(name, OURS) for name in KANS}
    there = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    if not there:
        return None
    name = min(there, key=lambda name: there[name])
    return name, there[name]


def flatness(row: Row, name: str = OURS) -> float | None:
    """Time of a step on the finest grid for that on the coarsest."""
    return row.ratio(f"{name}-g{FLAT_GRIDS[-1]}", f"{name}-g{FLAT_GRIDS[0]}")


def _beside_mlp(rows: list[Row]) -> list[Check]:
    pairs = [(row, row.ratio(OURS, EQUAL_MLP)) for row in rows]
    return [
        Check(f"{row.label}, step, ours for the MLP of as many parameters", ratio, mlp_bound(row))
        for row, ratio in pairs
        if ratio is not None
    ]


def _beside_kans(rows: list[Row]) -> list[Check]:
    found, ratios = [], []
    for row in rows:
        if (fastest := fastest_kan(row)) is None:
            continue
        name, ratio = fastest
        ratios.append(ratio)
        found.append(Check(f"{row.label}, step, {name} for ours", ratio, PEER_BOUND, at_most=False))
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        found.append(
            Check("geometric mean, fastest other KAN for ours", mean, PEER_MEAN_BOUND, at_most=False)
        )
    return found


def _flatness(rows: list[Row]) -> list[Check]:
    ratios = [flatness(row) for row in rows if row.key == FLATNESS]
    what = f"{FLATNESS}, step, grid {FLAT_GRIDS[-1]} for grid {FLAT_GRIDS[0]}"
    return [Check(what, ratio, FLAT_BOUND) for ratio in ratios if ratio is not None]


def _memory(rows: list[Row]) -> list[Check]:
    return [
        Check(
            f"{row.label}, peak memory of a step for the bound",
            row.memory["ours"]["peak"] / row.memory["bound"],
            1.0,
        )
        for row in rows
        if row.memory
    ]
