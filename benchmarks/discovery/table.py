"""Rates from kept results: for the terminal, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Row = dict[str, Any]

_HEAD = """# How often the law is found

The 120 equations of AI Feynman, 2,000 samples, 60 s of processor time on one core an equation and contestant; noise as
a share of the targets' deviation. Every contestant is given the same columns, scaled to size 1.

- **exact**: the largest difference from the law is below 1e-6 of its spread, on fresh samples in ranges half as wide again;
- **form**: the same after the formula's own constants are fitted to samples without noise (what noise leaves to be found);
- **up to constants**: the same after a factor and an offset are fitted, as SRBench counts;
- **accurate**: R2 above 0.999 on fresh samples without noise.

Made by `make bench-discovery` (days of processor time; it goes on where it ended). PySR is not among them: its Julia
cannot be installed with pip alone.
"""

_PUBLISHED = """## Published by others

Other samples, ranges and times: not to be read as the same contest.

| method | equations | noise 0 | 0.001 | 0.01 | 0.1 | as |
|---|---|---|---|---|---|---|
| PhySO 2024, with units | 116, original ranges, 1e6 evaluations, 10,000 samples | 58.4 | 58.4 | 57.9 | 53.4 | % up to constants |
| AI Feynman in SRBench 2021 | 119, original ranges | 55.8 | | | | % up to constants |
| QDSR 2025, with units | 117, original ranges, all cores, two stages | 91.6 | | | | % with R2 of 1 - 1e-14 |
| TiSR in FastSRB 2025 | 120, SRSD ranges | 69.4 | | | | % of accepted forms |
| SymbolicRegression.jl in FastSRB 2025 | 120, SRSD ranges | 44.7 | | | | % of accepted forms |
"""


def summary(rows: Sequence[Row]) -> str:
    """Rates by contestant, ranges and noise, and the failures without noise."""
    lines = []
    for key, part in _groups(rows).items():
        false = [row["name"] for row in part if row["verdict"] == "exact" and not row["exact"]]
        lines.append(
            f"{key[0]}, {key[1]}, noise {key[2]}: {len(part)} runs, exact {_count(part, 'exact')}, form {_count(part, 'form')}, "
            f"up to constants {_count(part, 'up_to_constants')}, accurate {_accurate(part)}, called exact and not: "
            f"{false or 'none'}; median {_median(part):.1f} s of processor time"
        )
        if key[2] == 0:
            lines += [f"  {row['name']}: {row['law']}" for row in part if not row["exact"]]
    return "\n".join(lines)


def page(rows: Sequence[Row]) -> str:
    """The page of the documentation: rates, published ones, and every failure of ours."""
    lines = [
        _HEAD,
        "| contestant | ranges | noise | runs | exact | form | up to constants | accurate | falsely called exact | complexity | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (method, ranges, noise), part in _groups(rows).items():
        false = sum(row["verdict"] == "exact" and not row["exact"] for row in part)
        sizes = [row["complexity"] for row in part if row["complexity"]]
        shares = (_share(_count(part, kind), part) for kind in ("exact", "form", "up_to_constants"))
        lines.append(
            f"| {method} | {ranges} | {noise:g} | {len(part)} | {' | '.join(shares)} | {_share(_accurate(part), part)} | "
            f"{false if method == 'edgewise' else ''} | {np.median(sizes) if sizes else 0:.0f} | {_median(part):.1f} |"
        )
    lines += ["", _PUBLISHED, "## What edgewise does not find", ""]
    for (method, ranges, noise), part in _groups(rows).items():
        missed = [row for row in part if not row["form"]]
        if method == "edgewise" and missed:
            names = sorted({row["name"] for row in missed})
            lines += [f"- {ranges} ranges, noise {noise:g}: {', '.join(names)}"]
    return "\n".join(lines)


def _groups(rows: Sequence[Row]) -> dict[tuple[str, str, float], list[Row]]:
    order = ["edgewise", "operon", "gplearn", "pykan"]
    found: dict[tuple[str, str, float], list[Row]] = {}
    for row in sorted(rows, key=lambda r: (r["ranges"] != "srsd", r["noise"], order.index(r["method"]))):
        found.setdefault((row["method"], row["ranges"], row["noise"]), []).append(row)
    return found


def _count(part: Sequence[Row], kind: str) -> int:
    return sum(bool(row[kind]) for row in part)


def _accurate(part: Sequence[Row]) -> int:
    return sum((row["r2"] or 0) > 0.999 for row in part)


def _share(count: int, part: Sequence[Row]) -> str:
    return f"{100 * count / len(part):.0f} %"


def _median(part: Sequence[Row]) -> float:
    return float(np.median([row["processor"] for row in part]))
