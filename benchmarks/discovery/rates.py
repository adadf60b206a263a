"""Rates of kept results, by contestant, ranges and noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = dict[str, Any]

OURS = "edgewise"
WITH_UNITS = "edgewise with units"
ORDER = (WITH_UNITS, OURS, "operon", "gplearn", "pykan")
_ACCURATE = 0.999
_Z95 = 1.959964


@dataclass(frozen=True)
class Group:
    """Runs of one contestant in the same ranges and noise.

    Attributes:
        method: The contestant.
        ranges: "srsd" or "original".
        noise: Share of the targets' deviation.
        rows: Its runs.
    """

    method: str
    ranges: str
    noise: float
    rows: tuple[Row, ...]

    @property
    def equations(self) -> int:
        """How many of the equations were run."""
        return len({row["name"] for row in self.rows})

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len({row["seed"] for row in self.rows})

    @property
    def seconds(self) -> float:
        """Median processor time."""
        return float(np.median([row["processor"] for row in self.rows]))

    @property
    def complexity(self) -> float:
        """Median complexity of the formulas; NaN where there is none."""
        sizes = [row["complexity"] for row in self.rows if row["complexity"]]
        return float(np.median(sizes)) if sizes else math.nan

    @property
    def false(self) -> list[str]:
        """Equations of which a wrong law was called exact."""
        return sorted({row["name"] for row in self.rows if row["verdict"] == "exact" and not row["exact"]})

    def count(self, kind: str) -> int:
        """How many runs are right by a definition, or "accurate"."""
        if kind == "accurate":
            return sum((row["r2"] or 0) > _ACCURATE for row in self.rows)
        return sum(bool(row[kind]) for row in self.rows)

    def missed(self, kind: str) -> list[str]:
        """Equations that are not right by a definition in every run; with the number of runs that missed, if there are several."""
        names: dict[str, int] = {}
        for row in self.rows:
            names[row["name"]] = names.get(row["name"], 0) + (not row[kind])
        several = self.seeds > 1
        return [f"{name} ({count})" if several else name for name, count in sorted(names.items()) if count]

    @property
    def intervals(self) -> tuple[int, int]:
        """How many 95 % intervals of constants hold the true one, and how many there are, in laws of the right form."""
        counts = [row["intervals"] for row in self.rows if row.get("intervals")]
        return sum(held for held, _ in counts), sum(all_ for _, all_ in counts)

    def errors(self) -> dict[str, list[str]]:
        """Equations at which a contestant failed, by its error."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if row["stopped"] not in ("ended", "time"):
                found.setdefault(row["stopped"].partition(":")[0], []).append(row["name"])
        return found

    def at(self, other: Group) -> Group:
        """Those of its runs whose equation and seed another has too."""
        there = {(row["name"], row["seed"]) for row in other.rows}
        return Group(
            self.method,
            self.ranges,
            self.noise,
            tuple(row for row in self.rows if (row["name"], row["seed"]) in there),
        )


def groups(rows: Sequence[Row]) -> Mapping[tuple[str, float, str], Group]:
    """Runs by ranges, noise and contestant: SRSD's ranges first, little noise first, ours first."""
    found: dict[tuple[str, float, str], list[Row]] = {}
    order = {name: place for place, name in enumerate(ORDER)}
    for row in sorted(rows, key=lambda r: (r["ranges"] != "srsd", r["noise"], order.get(r["method"], 99))):
        found.setdefault((row["ranges"], row["noise"], row["method"]), []).append(row)
    return {key: Group(key[2], key[0], key[1], tuple(part)) for key, part in found.items()}


def interval(count: int, runs: int) -> tuple[float, float]:
    """Ends of the 95 % interval of a rate (Wilson 1927).

    Example:
        >>> [round(end, 3) for end in interval(8, 10)]
        [0.49, 0.943]
    """
    rate, z2 = count / runs, _Z95**2
    middle = (rate + z2 / (2 * runs)) / (1 + z2 / runs)
    half = _Z95 * math.sqrt(rate * (1 - rate) / runs + z2 / (4 * runs**2)) / (1 + z2 / runs)
    return max(0.0, middle - half), min(1.0, middle + half)
