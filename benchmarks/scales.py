"""Does a fit depend on the units of its data? The relative error over scales and offsets, beside that at scale 1.

    python benchmarks/scales.py                              goes on from what was measured before; some minutes
    python benchmarks/scales.py --print --page docs/scales.md    the tables from what was measured before

sin(3 x_1) + x_2^2 at 300 points of [-1, 1]^2, by [2, 3, 1] on a grid of 5, from 3 seeds: geometric means of the root
mean square error over the deviation of the targets. No scaler is passed. Offsets are in deviations.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from edgewise import KAN

MARK = "<!-- what follows is written by benchmarks/scales.py -->"
STORE = Path(__file__).parent / "results" / "scales.json"
STEPS = {"LBFGS": 20, "BFGS": 20, "LM": 20, "Adam": 200}
SEEDS = range(3)
WIDE = [1e-30, 1e-20, 1e-12, 1e-6, 1e-3, 0.1, 10.0, 1e3, 1e6, 1e12, 1e20, 1e30]
NARROW = [1e-12, 1e-9, 1e-6, 1e-3, 0.1, 10.0, 1e3, 1e6, 1e9, 1e12]
OFFSETS = [1.0, 3.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6]
KINDS = {
    "c": "Targets times",
    "d": "Targets plus, in deviations",
    "a": "Inputs times",
    "b": "Inputs plus, in deviations",
}


class Case(NamedTuple):
    """One fit: data type, optimiser, what is done to the data, how much of it, seed."""

    dtype: str
    opt: str
    kind: str
    by: float
    seed: int

    @property
    def key(self) -> str:
        """Its name in the store."""
        return " ".join(map(str, self))


def values(dtype: str, kind: str) -> list[float]:
    """Scales or offsets that are tried in a data type."""
    if kind in "bd":
        return OFFSETS
    return WIDE if dtype == "float64" else NARROW


def cases() -> Iterator[Case]:
    """All fits; those at scale 1 first."""
    for dtype in ("float64", "float32"):
        for opt in STEPS:
            for seed in SEEDS:
                yield Case(dtype, opt, "a", 1.0, seed)
                for kind in KINDS:
                    for by in values(dtype, kind):
                        yield Case(dtype, opt, kind, by, seed)


def measure(case: Case) -> tuple[float, str]:
    """The error over the deviation of the targets, and why the fit stopped."""
    x = torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    y = torch.sin(3 * x[:, :1]) + x[:, 1:] ** 2
    change = {"a": 1.0, "b": 0.0, "c": 1.0, "d": 0.0} | {case.kind: case.by}
    dtype = getattr(torch, case.dtype)
    data = change["a"] * (x + change["b"] * x.std(0)), change["c"] * (y + change["d"] * y.std())
    model = KAN([2, 3, 1], grid=5, seed=case.seed, dtype=dtype)
    result = model.fit([part.to(dtype) for part in data], opt=case.opt, steps=STEPS[case.opt])
    return result.train_loss / (change["c"] * float(y.std())), str(result.stop.reason)


def measure_all(store: Path) -> None:
    """Measure what is not in the store yet, and keep each as it comes."""
    known = json.loads(store.read_text()) if store.exists() else {}
    for case in cases():
        if case.key not in known:
            known[case.key] = measure(case)
            store.write_text(json.dumps(known, indent=0))
            print(case.key, *known[case.key], flush=True)


def cell(known: dict, dtype: str, opt: str, kind: str, by: float) -> str:
    """The geometric mean over that at scale 1, and the reason to stop where it says more than that steps ended."""
    ends = [known[Case(dtype, opt, kind, by, seed).key] for seed in SEEDS]
    base = [known[Case(dtype, opt, "a", 1.0, seed).key][0] for seed in SEEDS]
    ratio = math.exp(sum(math.log(end / one) for (end, _), one in zip(ends, base, strict=True)) / len(ends))
    reasons = {reason for _, reason in ends} - {"steps", "converged", "no descent", "stalled", "plateau"}
    return f"{ratio:.2g}" + (f" ({', '.join(sorted(reasons))})" if reasons else "")


def tables(known: dict) -> str:
    """The page's tables."""
    lines: list[str] = []
    for dtype in ("float64", "float32"):
        lines += [f"## {dtype}", ""]
        start = [f"{opt} {_base(known, dtype, opt):.1e}" for opt in STEPS]
        lines += [f"Relative errors at scale 1: {', '.join(start)}.", ""]
        for kind, title in KINDS.items():
            tried = values(dtype, kind)
            lines.append(f"| {title} | {' | '.join(f'{by:g}' for by in tried)} |")
            lines.append("|" + "---|" * (len(tried) + 1))
            for opt in STEPS:
                row = [cell(known, dtype, opt, kind, by) for by in tried]
                lines.append(f"| {opt} | {' | '.join(row)} |")
            lines.append("")
    return "\n".join(lines)


def _base(known: dict, dtype: str, opt: str) -> float:
    logs = [math.log(known[Case(dtype, opt, "a", 1.0, seed).key][0]) for seed in SEEDS]
    return math.exp(sum(logs) / len(logs))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--print", action="store_true", help="print tables of what was measured")
    parser.add_argument("--page", type=Path, help="write them into this page too")
    parser.add_argument("--store", type=Path, default=STORE, help="where measurements are kept")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    if not settings.print:
        measure_all(settings.store)
    made = tables(json.loads(settings.store.read_text()))
    print(made)
    if settings.page is not None:
        above = settings.page.read_text().split(MARK)[0]
        settings.page.write_text(f"{above}{MARK}\n\n{made}")


if __name__ == "__main__":
    main()
