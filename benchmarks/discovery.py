"""How often is the law found? The 120 equations of AI Feynman, in the ranges of SRSD or in the original ones.

2,000 samples, a fifth of them held out by the search itself; noise is a share of the targets' deviation. Three definitions
side by side: "exact", the largest difference from the law is below 1e-6 of its spread on fresh samples in ranges half
as wide again; "form", the same after its free constants were fitted to samples without noise;
"up to constants", the same after a factor and an offset are fitted, as SRBench counts; "accurate", R2 > 0.999 on fresh
samples without noise. Results are kept, a line each, and runs go on where they ended.

Run: python -m benchmarks.discovery [--ranges srsd] [--noise 0 0.01] [--every 1] [--seconds 60] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from edgewise.datasets import Equation, feynman, feynman_names
from edgewise.discovery import Law, discover
from edgewise.errors import InputError

KEPT = Path(__file__).parent / "results" / "discovery.jsonl"
SAMPLES = 2000


def wider(law: Equation) -> Equation:
    """The same law over ranges half as wide again."""
    variables = [
        replace(
            one,
            low=one.low / 1.5 if one.sampling == "log" else one.low,
            high=one.high * 1.5 if one.sampling == "log" else one.high + 0.5 * (one.high - one.low),
        )
        for one in law.variables
    ]
    return replace(law, variables=tuple(variables))


def judged(found: Law | None, law: Equation) -> dict[str, object]:
    """What the chosen formula is worth on fresh samples."""
    if found is None:
        return {"exact": False, "form": False, "up_to_constants": False, "r2": None}
    x = law.sample(2000, 0, seed=1001)["train_input"].numpy()
    far = wider(law).sample(2000, 0, seed=1002)["train_input"].numpy()
    near = found.predict(x)
    size = np.abs(law(x)).max()
    r2 = 1 - np.mean(((near - law(x)) / size) ** 2) / np.var(law(x) / size)
    values, expected = found.predict(far), law(far)
    fine = np.isfinite(values)
    exact = up_to = False
    if fine.mean() > 0.9:
        values, expected = values[fine], expected[fine]
        size = np.abs(expected).max()
        values, expected = values / size, expected / size
        exact = bool(np.abs(values - expected).max() < 1e-6 * expected.std())
        design = np.stack([values, np.ones_like(values)], 1) / max(np.abs(values).max(), 1e-300)
        rest = expected - design @ np.linalg.lstsq(design, expected, rcond=None)[0]
        up_to = bool(np.abs(rest).max() < 1e-6 * expected.std())
    form = exact or is_form(found, x, law(x))
    return {
        "exact": exact, "form": form, "up_to_constants": exact or up_to, "r2": float(r2) if np.isfinite(r2) else None
    }  # fmt: skip


def is_form(found: Law, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether the law is right but for its constants."""
    try:
        again = replace(found, expression=found.refitted(x, y)).predict(x)
    except InputError:
        return False
    return bool(np.nanmax(np.abs(again - y)) < 1e-6 * y.std())


def run(name: str, ranges: str, noise: float, seconds: float, seed: int) -> dict[str, object]:
    """One equation."""
    law = feynman(name, ranges)
    data = law.sample(SAMPLES, 0, noise=noise, seed=seed)
    start, used = time.monotonic(), time.process_time()
    found = discover(data["train_input"], data["train_label"], names=law.names, seconds=seconds, seed=seed)
    best = found.best
    return {
        "name": name, "ranges": ranges, "noise": noise, "seed": seed, "limit": seconds,
        **judged(best, law),
        "verdict": best.verdict if best else None, "law": str(best.expression) if best else None,
        "complexity": best.complexity if best else None, "stopped": found.stopped,
        "seconds": round(time.monotonic() - start, 2), "processor": round(time.process_time() - used, 2),
    }  # fmt: skip


def kept() -> list[dict[str, object]]:
    """Results so far."""
    return [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()] if KEPT.exists() else []


def summary(rows: Iterable[dict[str, object]]) -> str:
    """Rates by ranges and noise, and the failures."""
    rows, lines = list(rows), []
    for ranges, noise in sorted({(str(row["ranges"]), float(row["noise"])) for row in rows}):
        part = [row for row in rows if row["ranges"] == ranges and row["noise"] == noise]
        accurate = sum((row["r2"] or 0) > 0.999 for row in part)
        false = [row["name"] for row in part if row["verdict"] == "exact" and not row["exact"]]
        lines.append(
            f"{ranges}, noise {noise}: {len(part)} runs, exact {sum(bool(row['exact']) for row in part)}, "
            f"form {sum(bool(row.get('form', row['exact'])) for row in part)}, up to constants "
            f"{sum(bool(row['up_to_constants']) for row in part)}, accurate {accurate}, called exact and not: "
            f"{false or 'none'}; median {np.median([row['processor'] for row in part]):.1f} s of processor time"
        )
        lines += [f"  {row['name']}: {row['law']}" for row in part if not row["exact"]] if noise == 0 else []
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranges", nargs="+", default=["srsd"])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0])
    parser.add_argument("--every", type=int, default=1, help="every so many-th equation")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    KEPT.parent.mkdir(exist_ok=True)
    known = {(row["name"], row["ranges"], row["noise"], row["seed"]) for row in kept()}
    for ranges in given.ranges:
        for noise in given.noise:
            for name in feynman_names()[:: given.every]:
                if (name, ranges, noise, given.seed) in known:
                    continue
                row = run(name, ranges, noise, given.seconds, given.seed)
                with KEPT.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                print(name, "exact" if row["exact"] else "     ", row["processor"], row["law"], flush=True)
    print(summary(kept()))


if __name__ == "__main__":
    main()
