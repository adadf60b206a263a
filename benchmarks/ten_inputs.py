"""How soon is there an answer, and a law with its table and its picture, for ten inputs of which four are irrelevant?

Laws of six inputs, 1,000 samples, noise of 1 % of the targets' deviation, `discover` as it is.

Run: python benchmarks/ten_inputs.py [--seeds 0 1] [--seconds 110] [--folder pictures]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from edgewise import discover, plot_discovery
from edgewise.discovery import Discovery
from edgewise.events import Event, listen

LAWS: dict[str, Callable[..., np.ndarray]] = {
    "3*x_1*x_2 - x_3**2 + 2*x_4*x_5 + x_6": lambda a, b, c, d, e, f: 3 * a * b - c**2 + 2 * d * e + f,
    "5*x_1*x_2**2*exp(-x_3)/(x_4*sqrt(x_5**2 + x_6**2))": lambda a, b, c, d, e, f: (
        5 * a * b**2 * np.exp(-c) / (d * np.sqrt(e**2 + f**2))
    ),
    "x_1*x_2 + x_3*sin(x_4) + x_5/x_6": lambda a, b, c, d, e, f: a * b + c * np.sin(d) + e / f,
}
INPUTS, RELEVANT, SAMPLES, NOISE = 10, 6, 1000, 0.01


def run(
    function: Callable[..., np.ndarray], seconds: float, seed: int, picture: Path
) -> tuple[Discovery, str]:
    """A discovery, and what is to be said of it."""
    random = np.random.default_rng(seed)
    x = random.uniform(0.5, 3, (SAMPLES, INPUTS))
    clean = function(*x[:, :RELEVANT].T)
    y = clean + NOISE * clean.std() * random.standard_normal(SAMPLES)
    start, before, first = time.perf_counter(), time.process_time(), []

    def notice(event: Event) -> None:
        if event.verb == "discover" and event.kind == "step" and not first:
            first.extend([time.perf_counter() - start, time.process_time() - before])

    with listen(notice):
        found = discover(x, y, seconds=seconds, seed=seed)
    text = found.table()
    plot_discovery(found).savefig(picture)
    seen = (
        f"first answer after {first[0]:.1f} s ({first[1]:.1f} s of processor time)" if first else "no answer"
    )
    all_of_it = f"all of it after {time.perf_counter() - start:.0f} s ({time.process_time() - before:.0f} s)"
    return found, f"{text}\n{seen}, {all_of_it}, {_worth(found, function, random)}"


def _worth(found: Discovery, function: Callable[..., np.ndarray], random: np.random.Generator) -> str:
    if found.best is None:
        return "no law"
    x = random.uniform(0.5, 3, (SAMPLES, INPUTS))
    clean = function(*x[:, :RELEVANT].T)
    missed = float(np.sqrt(np.mean((found.predict(x) - clean) ** 2)) / clean.std())
    used = sorted(int(str(symbol).removeprefix("x_")) for symbol in found.best.expression.free_symbols)
    right = "the relevant columns" if used == list(range(1, RELEVANT + 1)) else f"columns {used}"
    return f"{found.best.verdict}, of {right}, {missed:.1e} of the deviation from the law without noise"


def main() -> None:
    """Each law and seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--seconds", type=float, default=110.0)
    parser.add_argument("--folder", type=Path, default=Path("build") / "ten_inputs")
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.folder.mkdir(parents=True, exist_ok=True)
    for number, (text, function) in enumerate(LAWS.items()):
        for seed in given.seeds:
            _, told = run(function, given.seconds, seed, given.folder / f"law_{number}_{seed}.png")
            print(f"{text}, seed {seed}\n{told}\n", flush=True)


if __name__ == "__main__":
    main()
