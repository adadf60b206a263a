"""Does a formula's verdict tell the truth? Sixty laws, half of them outside the library of functions.

Each law is sampled (with noise in a third of the cases, on a lattice in others), fitted, pruned and turned into a
formula by the documented steps. Then the formula is compared with the law itself on fresh points between the
samples and a little beyond them, which the library never sees. A verdict is false when

- it says "exact", and the formula is further than 1e-6 of the law's spread from it;
- it says "exact" or "within noise", and the formula's distance from the law is larger than that of the splines it
  replaced by more than the noise: worse, and not a word of it.

Prints a row per law, then the counts. With `--json` every row is kept.

Run: python benchmarks/verdicts.py [--seeds 1] [--only "bessel"] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import special

from edgewise import KAN

Array = np.ndarray
EXACT = 1e-6
TRAIN, TEST = 400, 200


class Law(NamedTuple):
    """What is to be found, where it is sampled, and the network that a user would try."""

    name: str
    inside: bool  # whether a network of this shape with functions of the library can be equal to it
    width: list[Any]
    ranges: list[tuple[float, float]]
    function: Callable[..., Array]
    noise: float = 0.0  # as a share of the deviation
    lattice: float = 0.0  # step of the inputs; 0 is continuous


ONE, SUM, NEST, PRODUCT = [1, 1], [2, 1], [2, 1, 1], [2, (0, 1), 1]
UNIT, WIDE = (-1.0, 1.0), (0.0, 6.28)
LAWS = [
    Law("x^2", True, ONE, [UNIT], lambda x: 3 * x**2 - 1),
    Law("x^3 + x^2 + x", True, ONE, [(-2, 2)], lambda x: x**3 + x**2 + x),
    Law("x^0.6", True, ONE, [(0.1, 4)], lambda x: x**0.6),
    Law("sine", True, ONE, [WIDE], lambda x: 2 * np.sin(1.7 * x + 0.3)),
    Law("exponential decay", True, ONE, [(0, 5)], lambda x: 4 * np.exp(-0.8 * x) + 1),
    Law("logarithm", True, ONE, [(0.2, 9)], lambda x: np.log(x)),
    Law("square root", True, ONE, [(0, 4)], lambda x: np.sqrt(x + 0.1)),
    Law("reciprocal", True, ONE, [(0.3, 3)], lambda x: 1 / x),
    Law("tanh", True, ONE, [(-3, 3)], lambda x: np.tanh(1.5 * x - 0.5)),
    Law("Gaussian", True, ONE, [(-2, 2)], lambda x: np.exp(-(x**2))),
    Law("line, noise", True, ONE, [(0, 10)], lambda x: 3 * x - 2, 0.1),
    Law("line of integers, noise", True, ONE, [(0, 30)], lambda x: 2 * x + 5, 0.2, 1.0),
    Law("sine, noise", True, ONE, [WIDE], lambda x: np.sin(2 * x), 0.05),
    Law("exponential, noise", True, ONE, [(0, 3)], lambda x: np.exp(-x), 0.02),
    Law("parabola of tenths", True, ONE, [(-3, 3)], lambda x: x**2, 0.0, 0.1),
    Law("sine + square", True, SUM, [UNIT, UNIT], lambda x, y: np.sin(np.pi * x) + y**2),
    Law("exp(sine + square)", True, NEST, [UNIT, UNIT], lambda x, y: np.exp(np.sin(np.pi * x) + y**2)),
    Law("distance", True, NEST, [(0.2, 2), (0.2, 2)], np.hypot),
    Law("quotient", True, NEST, [(0.5, 3), (0.5, 3)], lambda x, y: x / y),
    Law("product", True, PRODUCT, [(0.5, 3), (0.5, 3)], lambda x, y: x * y),
    Law("sine times root", True, PRODUCT, [(0, 3), (0.2, 3)], lambda x, y: np.sin(x) * np.sqrt(y)),
    Law("Kepler, noise", True, NEST, [(0.3, 30), (0.5, 2)], lambda a, m: np.sqrt(a**3 / m), 0.01),
    Law("two lines, noise", True, SUM, [(0, 100), (0, 1)], lambda x, y: 0.02 * x - 3 * y + 7, 0.3),
    Law("line + exponential, noise", True, SUM, [UNIT, (0, 3)], lambda x, y: x + np.exp(-y), 0.05),
    Law("integers, two lines, noise", True, SUM, [(0, 20), (0, 5)], lambda x, y: 2 * x + 5 * y, 0.1, 1.0),
    Law("square + logarithm", True, SUM, [UNIT, (0.3, 4)], lambda x, y: x**2 + np.log(y)),
    Law("sine of a sum", True, NEST, [UNIT, UNIT], lambda x, y: np.sin(2 * x + y)),
    Law("Gaussian of two", True, NEST, [UNIT, UNIT], lambda x, y: np.exp(-(x**2) - 2 * y**2)),
    Law("tanh of a difference", True, NEST, [UNIT, UNIT], lambda x, y: np.tanh(2 * x - y)),
    Law("fourth power", True, ONE, [UNIT], lambda x: x**4 - x),
    Law("two sines", False, ONE, [WIDE], lambda x: np.sin(x) + 0.3 * np.cos(2 * x)),
    Law("Bessel J0", False, ONE, [(0, 10)], special.j0),
    Law("Bessel J1", False, ONE, [(0, 6)], special.j1),
    Law("Airy", False, ONE, [(-4, 2)], lambda x: special.airy(x)[0]),
    Law("gamma", False, ONE, [(1, 4)], special.gamma),
    Law("digamma", False, ONE, [(0.5, 5)], special.digamma),
    Law("Lambert W", False, ONE, [(0, 5)], lambda x: special.lambertw(x).real),
    Law("sine integral", False, ONE, [(0, 12)], lambda x: special.sici(x)[0]),
    Law("elliptic K", False, ONE, [(0, 0.95)], special.ellipk),
    Law("zeta", False, ONE, [(1.5, 5)], special.zeta),
    Law("damped wave", False, ONE, [WIDE], lambda x: np.exp(-0.3 * x) * np.cos(3 * x)),
    Law("x sine", False, ONE, [WIDE], lambda x: x * np.sin(x)),
    Law("quotient of polynomials", False, ONE, [(-2, 2)], lambda x: (x**2 + x) / (x**4 + x + 2)),
    Law("two bells", False, ONE, [(-3, 3)], lambda x: np.exp(-((x - 1) ** 2)) + np.exp(-4 * (x + 1) ** 2)),
    Law("kink", False, ONE, [UNIT], lambda x: np.abs(x - 0.3) + 0.5 * x**2),
    Law("saturation", False, ONE, [(0, 10)], lambda x: x**1.7 / (2 + x**1.7) + 0.05 * x),
    Law("x log x", False, ONE, [(0.1, 3)], lambda x: x * np.log(x)),
    Law("softplus, noise", False, ONE, [(-4, 4)], lambda x: np.log1p(np.exp(x)), 0.02),
    Law("Bessel J0, noise", False, ONE, [(0, 10)], special.j0, 0.05),
    Law("two sines, noise", False, ONE, [WIDE], lambda x: np.sin(x) + 0.3 * np.cos(2 * x), 0.02),
    Law("Bessel of integers", False, ONE, [(0, 30)], lambda x: special.j0(x / 3), 0.0, 1.0),
    Law("chirp", False, ONE, [(0, 3)], lambda x: np.sin(x**2)),
    Law("Bessel + line", False, SUM, [(0, 8), UNIT], lambda x, y: special.j0(x) + y),
    Law("two sines + square", False, SUM, [WIDE, UNIT], lambda x, y: np.sin(x) + 0.4 * np.cos(3 * x) + y**2),
    Law("power of a power", False, SUM, [(0.5, 2), (0.5, 2)], lambda x, y: x**y),
    Law("larger of two", False, NEST, [UNIT, UNIT], np.maximum),
    Law("beta", False, NEST, [(0.5, 3), (0.5, 3)], special.beta),
    Law("sine of a product", False, SUM, [UNIT, UNIT], lambda x, y: np.sin(3 * x * y)),
    Law("gamma times sine", False, PRODUCT, [(1, 3), (0, 3)], lambda x, y: special.gamma(x) * np.sin(y)),
    Law("digamma of a sum, noise", False, NEST, [(0.5, 2), (0.5, 2)], lambda x, y: special.digamma(x + y), 0.03),
]  # fmt: skip


class Row(NamedTuple):
    """How one law ended; distances are shares of the law's spread."""

    law: str
    seed: int
    inside: bool
    verdict: str
    splines: int  # edges that stayed splines
    spline_error: float
    formula_error: float
    noise: float
    seconds: float
    false: str  # why the verdict is false; empty where it is true
    formula: str


def inputs(law: Law, count: int, rng: np.random.Generator, beyond: float = 0.0) -> Array:
    """Uniform samples of a law's ranges, on its lattice where it has one."""
    columns = []
    for low, high in law.ranges:
        room = beyond * (high - low)
        x = rng.uniform(low - room, high + room, count)
        columns.append(np.round(x / law.lattice) * law.lattice if law.lattice and not beyond else x)
    return np.stack(columns, 1)


def judged(law: Law, seed: int) -> Row:
    """The documented steps, then the truth."""
    rng = np.random.default_rng(seed)
    x = inputs(law, TRAIN + TEST, rng)
    true = law.function(*x.T)
    spread = float(true.std())
    y = true + law.noise * spread * rng.standard_normal(len(x))
    tensors = [torch.from_numpy(part) for part in (x, y[:, None])]
    data = dict(zip(("train_input", "train_label"), (part[:TRAIN] for part in tensors), strict=True))
    data |= dict(zip(("test_input", "test_label"), (part[TRAIN:] for part in tensors), strict=True))
    start = time.perf_counter()
    splines = KAN(law.width, grid=5, seed=seed, dtype=torch.float64)
    splines.fit(data, steps=40, lamb=1e-4)
    splines = splines.refine(10)
    splines.fit(data, steps=20)
    found = splines.symbolify().formula(splines="named")
    seconds = time.perf_counter() - start
    fresh = inputs(law, 2000, rng, beyond=1e-9 if law.lattice else 0.0)
    with torch.no_grad():
        before = splines(torch.from_numpy(fresh)).numpy()[:, 0]
    true = law.function(*fresh.T)
    errors = [_share(values, true, spread) for values in (before, found(fresh)[:, 0])]
    false = _false(found.verdict, *errors, law.noise)
    return Row(law.name, seed, law.inside, found.verdict, len(found.splines), *errors, law.noise, seconds, false, str(found.expr))  # fmt: skip


def _share(values: Array, true: Array, spread: float) -> float:
    error = np.sqrt(np.mean((values - true) ** 2)) / spread
    return float(error) if np.isfinite(error) else float("inf")


def _false(verdict: str, spline: float, formula: float, noise: float) -> str:
    if verdict == "exact" and formula > max(EXACT, noise):
        return "not exact"
    if verdict == "exact" and noise:
        return "exact, of noisy samples"
    worse = formula > 1.05 * spline + 0.3 * noise + EXACT
    return "worse without a word" if worse and verdict in ("exact", "within noise") else ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="seeds of samples and networks")
    parser.add_argument("--only", default="", help="laws whose name contains this")
    parser.add_argument("--json", type=Path, help="where to keep the rows")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    rows = []
    print(f"{'law':28} {'verdict':14} {'splines':>9} {'formula':>9} {'s':>5}  false?")
    for law in LAWS:
        if options.only not in law.name:
            continue
        for seed in range(options.seeds):
            row = judged(law, seed)
            rows.append(row)
            named = f" ({row.splines} splines)" if row.splines else ""
            print(f"{row.law:28} {row.verdict:14} {row.spline_error:9.1e} {row.formula_error:9.1e} {row.seconds:5.1f}  {row.false}{named}  {row.formula[:60]}", flush=True)  # fmt: skip
            if options.json:
                options.json.write_text(json.dumps([r._asdict() for r in rows], default=str, indent=1))
    for inside in (True, False):
        part = [row for row in rows if row.inside == inside]
        counts = ", ".join(
            f"{n} {verdict}" for verdict, n in Counter(row.verdict for row in part).most_common()
        )
        print(f"{'inside' if inside else 'outside'} the library: {counts}; false verdicts: {sum(bool(row.false) for row in part)} of {len(part)}")  # fmt: skip


if __name__ == "__main__":
    main()
