"""Rates from kept results: for the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .rates import OURS, WITH_UNITS, Group, groups, interval

Row = dict[str, Any]

_ALL = 120
_HEAD = """# How often the law is found

Data are made of 120 known laws, the equations of AI Feynman, and every contestant is asked for the law: 2,000 samples, 60 s of
processor time on one core for each equation, the same settings for all. Noise is Gaussian, its deviation a share of the
targets' own. The ranges are those of SRSD (decades, true constants of nature) or the original ones (mostly 1 to 5).
Contestants are given the columns scaled to a size near 1; **edgewise with units** is given them as they are, with their
units and the constants of nature that stand in the equation (in the original ranges these are columns).

- **exact**: the largest difference from the law is below 1e-6 of its spread, on fresh samples in ranges half as wide again;
- **form**: the same after the formula's own constants are fitted to samples without noise. In noise no method can have the
  constants to 1e-6 unless they are plain numbers: this is what is left to be found;
- **up to constants**: exact after a factor and an offset are fitted, as SRBench counts;
- **accurate**: R2 above 0.999 on fresh samples without noise.

Rates are percentages of the runs, with 95 % intervals (Wilson); runs on several seeds of one equation are counted as independent.
A contestant that has not run all 120 equations has other equations than one that has: "edgewise there" is our rate of exact
laws on those of its runs that we have too, and how many these are.

```
make bench-discovery
```

makes this page, in days of processor time; it goes on where it ended. `python -m benchmarks.discovery --table` prints it
from the results that are there. PySR is not among the contestants: its Julia cannot be installed with pip alone.
"""

_PUBLISHED = """## Published by others

Other samples, ranges and times, and other definitions: not to be read as the same contest.

| method | equations | noise 0 | 0.001 | 0.01 | 0.1 | as |
|---|---|---|---|---|---|---|
| PhySO 2024, with units | 116, original ranges, 1e6 evaluations, 10,000 samples | 58.4 | 58.4 | 57.9 | 53.4 | % up to constants |
| AI Feynman in SRBench 2021 | 119, original ranges | 55.8 | | | | % up to constants |
| QDSR 2025, with units | 117, original ranges, all cores, two stages | 91.6 | | | | % with R2 of 1 - 1e-14 |
| TiSR in FastSRB 2025 | 120, SRSD ranges | 69.4 | | | | % of accepted forms |
| SymbolicRegression.jl in FastSRB 2025 | 120, SRSD ranges | 44.7 | | | | % of accepted forms |
"""
_HEADS = ("contestant", "equations", "exact", "form", "up to constants", "accurate", "edgewise there", "called exact, and not", "complexity", "seconds")  # fmt: skip


def summary(rows: Sequence[Row]) -> str:
    """Rates by contestant, ranges and noise, and the failures without noise."""
    lines = []
    for group in groups(rows).values():
        lines.append(
            f"{group.method}, {group.ranges}, noise {group.noise}: {len(group.rows)} runs, exact {group.count('exact')}, "
            f"form {group.count('form')}, up to constants {group.count('up_to_constants')}, accurate "
            f"{group.count('accurate')}, called exact and not: {group.false or 'none'}; median {group.seconds:.1f} s of "
            f"processor time"
        )
        if group.noise == 0:
            lines += [f"  {row['name']}: {row['law']}" for row in group.rows if not row["exact"]]
    return "\n".join(lines)


def page(rows: Sequence[Row]) -> str:
    """The page of the documentation: rates, published ones, and every failure of every contestant."""
    found = groups(rows)
    lines = [_HEAD]
    for ranges, noise in dict.fromkeys(key[:2] for key in found):
        there = [group for key, group in found.items() if key[:2] == (ranges, noise)]
        ours = found.get((ranges, noise, OURS))
        lines += [
            f"## {_ranges(ranges)}, {'no noise' if noise == 0 else f'noise {noise:g}'}",
            "",
            f"| {' | '.join(_HEADS)} |",
            f"|{'---|' * len(_HEADS)}",
            *(_row(group, ours) for group in there),
            "",
        ]
    lines += [_PUBLISHED, "## What was not found", "", _of_failures(rows), ""]
    for group in found.values():
        lines += _failures(group)
    return "\n".join(lines).rstrip()


def _row(group: Group, ours: Group | None) -> str:
    runs = len(group.rows)
    same = None if ours is None or group.method == OURS else ours.at(group)
    cells = [
        group.method,
        _equations(group),
        *(_rate(group.count(kind), runs) for kind in ("exact", "form", "up_to_constants", "accurate")),
        ""
        if same is None or not same.rows
        else f"{100 * same.count('exact') / len(same.rows):.1f} of {len(same.rows)}",
        str(len(group.false)) if group.method in (OURS, WITH_UNITS) else "",
        f"{group.complexity:.0f}",
        f"{group.seconds:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _equations(group: Group) -> str:
    seeds = f", {group.seeds} seeds" if group.seeds > 1 else ""
    return f"{group.equations} of {_ALL}{seeds}"


def _rate(count: int, runs: int) -> str:
    low, high = interval(count, runs)
    return f"{100 * count / runs:.1f} ({100 * low:.0f} to {100 * high:.0f})"


def _ranges(ranges: str) -> str:
    return "Ranges of SRSD" if ranges == "srsd" else "Original ranges"


def _of_failures(rows: Sequence[Row]) -> str:
    several = len({row["seed"] for row in rows}) > 1
    return (
        "By exactness without noise, by form with noise: every equation that was run and missed, of every contestant."
        + (
            " Where there are several seeds, the number of runs that missed is in brackets."
            if several
            else ""
        )
    )


def _failures(group: Group) -> list[str]:
    kind = "form" if group.noise else "exact"
    missed = group.missed(kind)
    head = f"**{group.method}**, {'SRSD' if group.ranges == 'srsd' else 'original'} ranges, {f'noise {group.noise:g}' if group.noise else 'no noise'}"
    right = group.count(kind)
    lines = [f"{head}: {right} of {len(group.rows)} runs right. Missed: {', '.join(missed) or 'none'}."]
    if group.false and group.method in (OURS, WITH_UNITS):
        lines.append(f"Called exact, and not: {', '.join(group.false)}.")
    held, all_ = group.intervals
    if all_:
        lines.append(
            f"Of the constants of laws of the right form, {held} of {all_} lie in their 95 % interval."
        )
    for error, names in group.errors().items():
        lines.append(f"Ended by {error}: {', '.join(sorted(set(names)))}.")
    return [" ".join(lines), ""]
