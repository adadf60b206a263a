"""How often is the law found? The 120 equations of AI Feynman, in the ranges of SRSD or in the original ones.

2,000 samples; noise is a share of the targets' deviation; so many seconds of processor time on one core for every
contestant. `judging.judged` has the definitions of right. Results are kept, a line each, and runs go on where they ended.

Run: python -m benchmarks.discovery [--methods edgewise operon gplearn pykan] [--ranges srsd original] [--noise 0 0.01]
     [--every 3] [--seeds 0 1 2] [--seconds 60]
     python -m benchmarks.discovery --table > docs/discovery_rates.md
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from edgewise.datasets import feynman, feynman_names

from .contestants import CONTESTANTS
from .judging import SAMPLES, judged
from .table import page, summary
from .timed import timed

_NEAR = 5
KEPT = Path(__file__).parents[1] / "results" / "discovery.jsonl"


def run(method: str, name: str, ranges: str, noise: float, seconds: float, seed: int) -> dict[str, Any]:
    """One contestant on one equation."""
    law = feynman(name, ranges)
    data = law.sample(SAMPLES, 0, noise=noise, seed=seed)
    x, y = data["train_input"].numpy(), data["train_label"].numpy().ravel()
    symbols = tuple(sympy.Symbol(name) for name in law.names)
    # Not every contestant looks for units of its own: all are given columns of a size near 1.
    x_scale, y_scale = _sizes(x), float(_sizes(y[:, None])[0])
    found = timed(method, x / x_scale, y / y_scale, symbols, seconds, seed)
    formula = None
    if found.law is not None:
        own = dict(
            zip(symbols, (s / sympy.Float(k) for s, k in zip(symbols, x_scale, strict=True)), strict=True)
        )
        formula = sympy.Float(y_scale) * sympy.sympify(
            found.law, locals=dict(zip(law.names, symbols, strict=True))
        ).xreplace(own)
    return {
        "method": method, "name": name, "ranges": ranges, "noise": noise, "seed": seed, "limit": seconds,
        **judged(formula, symbols, law),
        "verdict": found.verdict, "law": found.law, "stopped": found.how, "processor": round(found.seconds, 2),
    }  # fmt: skip


def _sizes(x: np.ndarray) -> np.ndarray:
    """Powers of two; 1 where that is near, so that angles stay what they are."""
    places = np.round(np.nanmean(np.log2(np.where(x == 0, np.nan, np.abs(x))), axis=0))
    return np.asarray(2.0 ** np.where(np.abs(places) <= _NEAR, 0.0, places))


def kept() -> list[dict[str, Any]]:
    """Results so far."""
    return [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()] if KEPT.exists() else []


def main() -> None:
    """Run what is missing, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", nargs="+", default=["edgewise"], choices=CONTESTANTS)
    parser.add_argument("--ranges", nargs="+", default=["srsd"], choices=["srsd", "original"])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0])
    parser.add_argument("--every", type=int, default=1, help="every so many-th equation")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--table", action="store_true", help="print the page of the results kept so far")
    given = parser.parse_args()
    if given.table:
        print(page(kept()))
        return
    KEPT.parent.mkdir(exist_ok=True)
    known = {(row["method"], row["name"], row["ranges"], row["noise"], row["seed"]) for row in kept()}
    names = feynman_names()[:: given.every]
    for ranges, noise, seed, method, name in product(
        given.ranges, given.noise, given.seeds, given.methods, names
    ):
        if (method, name, ranges, noise, seed) in known:
            continue
        row = run(method, name, ranges, noise, given.seconds, seed)
        with KEPT.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(method, name, "exact" if row["exact"] else "     ", row["processor"], row["law"], flush=True)
    print(summary(kept()))


if __name__ == "__main__":
    main()
