"""Do intervals cover the true constants, and is what is called exact right?

Laws of few kinds with constants drawn at random, in 400 noisy samples; a fifth held out by the search itself. Where the
form is found, each constant that stands as a number is compared with its value by least squares on samples without
noise: its 95 % interval should hold it in 95 of 100 cases. Exact numbers in place of constants are counted apart: wrong
ones are false certainty. Samples that invite it (few, on a lattice, rounded) are looked at without noise: what is called
exact has to be right on fresh samples in ranges half as wide again.

Run: python -m benchmarks.discovery_intervals [--laws 30] [--noise 0.01 0.05]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import numpy as np
import sympy
import torch
from benchmarks.discovery.judging import candidate, is_form

from edgewise.discovery import Law, discover
from edgewise.errors import InputError

SAMPLES = 400
Array = np.ndarray
KINDS: Mapping[str, tuple[int, Callable[..., Array]]] = {
    "line": (2, lambda x, c: c[0] * x[:, 0] + c[1] * x[:, 1]),
    "product and square": (2, lambda x, c: c[0] * x[:, 0] * x[:, 1] + c[1] * x[:, 0] ** 2),
    "saturation": (1, lambda x, c: c[0] * x[:, 0] / (c[1] + x[:, 0])),
    "decay": (1, lambda x, c: c[0] * np.exp(-c[1] * x[:, 0])),
    "wave": (2, lambda x, c: c[0] * x[:, 1] * np.sin(c[1] * x[:, 0])),
    "root": (2, lambda x, c: np.sqrt(c[0] * x[:, 0] ** 2 + c[1] * x[:, 1])),
    "two poles": (2, lambda x, c: 1 / (c[0] / x[:, 0] + c[1] / x[:, 1])),
}


def covered(law: Law, x: Array, y: Array) -> list[bool]:
    """Whether the interval of each constant that stands as a number holds its value without noise."""
    try:
        truth = sorted(map(float, law.refitted(x, y).atoms(sympy.Float)))
    except InputError:
        return []
    free = sorted((one for one in law.constants if one.value.is_Float), key=lambda one: one.fitted)
    if len(free) != len(truth):
        return []
    return [one.interval()[0] <= value <= one.interval()[1] for one, value in zip(free, truth, strict=True)]


def noisy(laws: int, noise: float) -> str:
    """Counts of one level of noise."""
    found, held, exact = 0, [], 0
    for seed in range(laws):
        random = np.random.default_rng(seed)
        columns, value = list(KINDS.values())[seed % len(KINDS)]
        constants = random.uniform(0.6, 3, 2)
        x = random.uniform(0.5, 3, (SAMPLES, columns))
        y = value(x, constants)
        law = discover(
            x, y + noise * y.std() * random.standard_normal(SAMPLES), networks=False, seed=seed
        ).best
        if law is None or not is_form(law, x, y):
            print(f"  seed {seed}: {law.text() if law else None}", flush=True)
            exact += law is not None and not any(one.value.is_Float for one in law.constants)
            continue
        found += 1
        held += covered(law, x, y)
    return (
        f"noise {noise}: form found in {found} of {laws}, {sum(held)} of {len(held)} intervals hold the constant "
        f"({sum(held) / max(len(held), 1):.1%}); wrong without a free constant: {exact}"
    )


def tempting(laws: int) -> str:
    """What is called exact and is not, among samples that invite it."""
    called, wrong, near, far_off = 0, [], 0, []
    for seed in range(laws):
        random = np.random.default_rng(seed)
        columns, value = list(KINDS.values())[seed % len(KINDS)]
        constants = random.uniform(0.6, 3, 2)
        kind = ("few", "lattice", "rounded", "float32")[seed % 4]
        x = random.uniform(0.5, 3, (14 if kind == "few" else 200, columns))
        x = np.round(2 * x) / 2 if kind == "lattice" else x
        y = value(x, constants)
        y = np.round(y, 2) if kind == "rounded" else y.astype(np.float32) if kind == "float32" else y
        law = discover(x, y, networks=False, seconds=10, seed=seed).best
        if law is None or law.verdict not in (
            ["exact", "within rounding"] if kind == "float32" else ["exact"]
        ):
            continue
        far = random.uniform(0.5, 4.25, (500, columns))
        truth = value(far, constants)
        rest = candidate(law.expression, law.symbols).predict(far) - truth
        right = np.abs(rest).max() < 1e-6 * truth.std()
        called, near = called + (law.verdict == "exact"), near + (law.verdict != "exact")
        if not right:
            (wrong if law.verdict == "exact" else far_off).append(f"{kind}, seed {seed}: {law.text()}")
    return (
        f"called exact {called} times, wrong {len(wrong)}: {wrong or 'none'}; exact to float32 {near} times, "
        f"farther than 1e-6 of the spread {len(far_off)}: {far_off or 'none'}"
    )


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--laws", type=int, default=200)
    parser.add_argument("--noise", nargs="+", type=float, default=[0.01, 0.05])
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(tempting(given.laws), flush=True)
    for noise in given.noise:
        print(noisy(given.laws, noise), flush=True)


if __name__ == "__main__":
    main()
