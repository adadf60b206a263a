"""How often is the law found? The 120 equations of AI Feynman, in the ranges of SRSD or in the original ones.

2,000 samples; noise is a share of the targets' deviation; so many seconds of processor time on one core for every
contestant. `judging.judged` has the definitions of right. Results are kept, a line each, and runs go on where they ended.

Run: python -m benchmarks.discovery [--methods edgewise operon gplearn pykan] [--ranges srsd original] [--noise 0 0.01]
     [--every 3] [--seeds 0 1 2] [--seconds 60] [--units]
     python -m benchmarks.discovery --table [--results FILE] > docs/discovery_rates.md
"""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from edgewise.datasets import Equation, feynman, feynman_names

from .contestants import CONTESTANTS
from .judging import SAMPLES, held_constants, judged
from .rates import OURS, WITH_UNITS
from .table import page, summary
from .timed import Work, timed

_NEAR = 5
_UNITS = {
    "c": "m/s", "g": "m/s^2", "G": "m^3/kg/s^2", "h": "J s", "hbar": "J s", "k_B": "J/K", "eps_0": "F/m", "mu_B": "J/T",
    "m_e": "kg", "alpha_f": "1",
}  # fmt: skip
KEPT = Path(__file__).parents[1] / "results" / "discovery.jsonl"


def run(method: str, name: str, ranges: str, noise: float, seconds: float, seed: int) -> dict[str, Any]:
    """One contestant on one equation."""
    law = feynman(name, ranges)
    data = law.sample(SAMPLES, 0, noise=noise, seed=seed)
    x, y = data["train_input"].numpy(), data["train_label"].numpy().ravel()
    symbols = tuple(sympy.Symbol(name) for name in law.names)
    # Not every contestant looks for units of its own: all are given columns of a size near 1.
    x_scale, y_scale = _sizes(x), float(_sizes(y[:, None])[0])
    known = {}
    if method == WITH_UNITS:
        x_scale, y_scale, known = np.ones(x.shape[1]), 1.0, units_of(law)
    found = timed(Work(method, x / x_scale, y / y_scale, symbols, seconds, seed, known))
    answer, formula, held = found.answer, None, None
    if answer is not None:
        own = dict(
            zip(symbols, (s / sympy.Float(k) for s, k in zip(symbols, x_scale, strict=True)), strict=True)
        )
        scaled = sympy.sympify(answer.text, locals=dict(zip(law.names, symbols, strict=True)))
        formula = sympy.Float(y_scale) * scaled.xreplace(own)
    row = judged(formula, symbols, law)
    if noise and row["form"] and answer is not None and answer.intervals and not known:
        held = held_constants(scaled, symbols, answer.intervals, x / x_scale, law(x) / y_scale)
    return {
        "method": method, "name": name, "ranges": ranges, "noise": noise, "seed": seed, "limit": seconds, **row,
        "verdict": answer and answer.verdict, "law": answer and answer.text, "stopped": found.how,
        "processor": round(found.seconds, 2), "intervals": None if held is None else [held, len(answer.intervals)],
    }  # fmt: skip


def units_of(law: Equation) -> dict[str, Any]:
    """Units of an equation and the constants of nature that stand in it, as `discover` takes them."""
    units = {variable.name: variable.unit for variable in law.variables}
    values = {name: _with_unit(name, value) for name, value in law.constants.items()}
    return {"units": {**units, "the target": law.unit}, "constants": values}


def _with_unit(name: str, value: float) -> str:
    return f"{value!r} {_UNITS[name]}"


def _sizes(x: np.ndarray) -> np.ndarray:
    """Powers of two; 1 where that is near, so that angles stay what they are."""
    places = np.round(np.nanmean(np.log2(np.where(x == 0, np.nan, np.abs(x))), axis=0))
    return np.asarray(2.0 ** np.where(np.abs(places) <= _NEAR, 0.0, places))


def kept(path: Path = KEPT) -> list[dict[str, Any]]:
    """Results so far."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Run what is missing, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--methods",
        nargs="+",
        default=["edgewise"],
        choices=[name for name in CONTESTANTS if name != WITH_UNITS],
    )
    parser.add_argument("--units", action="store_true", help="edgewise is given the units")
    parser.add_argument("--ranges", nargs="+", default=["srsd"], choices=["srsd", "original"])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0])
    parser.add_argument("--every", type=int, default=1, help="every so many-th equation")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--results", type=Path, default=KEPT, help="file of the results")
    parser.add_argument("--table", action="store_true", help="print the page of the results kept so far")
    given = parser.parse_args()
    if given.table:
        print(page(kept(given.results)))
        return
    given.results.parent.mkdir(exist_ok=True)
    rows = kept(given.results)
    known = {(row["method"], row["name"], row["ranges"], row["noise"], row["seed"]) for row in rows}
    methods = [WITH_UNITS if given.units and name == OURS else name for name in given.methods]
    names = feynman_names()[:: given.every]
    for ranges, noise, seed, method, name in product(given.ranges, given.noise, given.seeds, methods, names):
        if (method, name, ranges, noise, seed) in known:
            continue
        row = run(method, name, ranges, noise, given.seconds, seed)
        with given.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(method, name, "exact" if row["exact"] else "     ", row["processor"], row["law"], flush=True)
    print(summary(kept(given.results)))


if __name__ == "__main__":
    main()
