"""Are textbook laws found in noise? Eleven of them, Newton's in raw SI units, Lotka and Volterra's from trajectories, and
a product inside a sum of eight inputs of which four do not matter.

500 samples each, a fifth held out by the search itself; noise is a share of the targets' deviation. A law is right if its
form is: after its free constants were fitted to samples without noise it equals the law there to 1e-6 of the spread.
Without noise its own constants must be right too, in ranges half as wide again. Results are kept, a line each, and runs go on where they ended.

Run: python -m benchmarks.textbook_laws [--noise 0 0.01 0.03] [--seeds 5] [--seconds 60] [--only NAME]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from benchmarks.discovery.judging import is_form
from scipy.integrate import solve_ivp

from edgewise.discovery import Law, Weighted, derivatives, discover

KEPT = Path(__file__).parent / "results" / "textbook_laws.jsonl"
SAMPLES = 500
Ranges = Mapping[str, tuple[float, float, str]]


@dataclass(frozen=True)
class Textbook:
    """A law: its columns' ranges ("uniform" or "log") and its values."""

    ranges: Ranges
    value: Callable[..., np.ndarray]

    def draw(self, count: int, random: np.random.Generator, wider: float = 1.0) -> np.ndarray:
        """So many inputs (count, columns), from ranges so much wider at the upper end."""
        columns = []
        for low, high, kind in self.ranges.values():
            high = high * wider if kind == "log" else low + wider * (high - low)
            columns.append(
                np.exp(random.uniform(np.log(low), np.log(high), count))
                if kind == "log"
                else random.uniform(low, high, count)
            )
        return np.stack(columns, 1)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values (n,)."""
        return self.value(*x.T)


LIGHT, PLANCK, BOLTZMANN, GAS, NEWTON = 299792458.0, 6.62607015e-34, 1.380649e-23, 8.314462618, 6.6743e-11

LAWS: Mapping[str, Textbook] = {
    "Michaelis-Menten": Textbook({"s": (0.05, 5, "uniform")}, lambda s: 2.4 * s / (0.7 + s)),
    "relativistic energy": Textbook(
        {"p": (0.1, 3, "uniform"), "m": (0.5, 2, "uniform"), "c": (1, 2, "uniform")},
        lambda p, m, c: np.sqrt((p * c) ** 2 + (m * c**2) ** 2),
    ),
    "thin lens": Textbook({"u": (1, 5, "uniform"), "v": (1, 5, "uniform")}, lambda u, v: 1 / (1 / u + 1 / v)),
    "Gaussian peak with offset": Textbook(
        {"x": (-4, 6, "uniform")}, lambda x: 0.5 + 3 * np.exp(-((x - 1.3) ** 2) / (2 * 0.8**2))
    ),
    "competitive inhibition": Textbook(
        {"s": (0.1, 5, "uniform"), "i": (0.01, 4, "uniform")},
        lambda s, i: 2.4 * s / (0.7 * (1 + i / 1.5) + s),
    ),
    "drag": Textbook(
        {"rho": (0.5, 1.5, "uniform"), "v": (1, 30, "uniform"), "area": (0.1, 2, "uniform")},
        lambda rho, v, area: 0.5 * 0.47 * rho * v**2 * area,
    ),
    "Arrhenius": Textbook({"T": (250, 400, "uniform")}, lambda T: 3e9 * np.exp(-52000 / (GAS * T))),
    "damped cosine": Textbook({"t": (0, 10, "uniform")}, lambda t: 1.7 * np.exp(-0.25 * t) * np.cos(2.3 * t)),
    "pendulum with amplitude": Textbook(
        {"length": (0.2, 3, "uniform"), "angle": (0.1, 1.5, "uniform")},
        lambda length, angle: 2 * np.pi * np.sqrt(length / 9.81) * (1 + angle**2 / 16),
    ),
    "van der Waals": Textbook(
        {"T": (250, 500, "uniform"), "V": (0.1, 1, "uniform")},
        lambda T, V: 0.0831446 * T / (V - 0.0427) - 3.64 / V**2,
    ),
    "Planck": Textbook(
        {"nu": (1e12, 1e15, "log"), "T": (100, 10000, "log")},
        lambda nu, T: 2 * PLANCK * nu**3 / LIGHT**2 / np.expm1(PLANCK * nu / (BOLTZMANN * T)),
    ),
}
"""The eleven."""

OTHERS: Mapping[str, Textbook] = {
    "Newton in SI units": Textbook(
        {"m_1": (1e22, 1e30, "log"), "m_2": (1e22, 1e30, "log"), "r": (1e6, 1e14, "log")},
        lambda m_1, m_2, r: NEWTON * m_1 * m_2 / r**2,
    ),
    "product in a sum": Textbook(
        {f"x_{n}": (0.5, 3, "uniform") for n in range(1, 9)},
        lambda *x: 2 * x[0] + np.sin(2 * x[1]) + x[2] * x[3],
    ),
}
"""Beside them."""


def lotka_volterra(noise: float, seed: int) -> dict[str, tuple[np.ndarray, ...]]:
    """By population: smoothed states, derivatives and their errors from noisy trajectories; states and derivatives without noise."""

    def slope(_: float, state: np.ndarray) -> list[float]:
        hares, lynxes = state
        return [1.1 * hares - 0.4 * hares * lynxes, 0.1 * hares * lynxes - 0.4 * lynxes]

    t = np.linspace(0, 50, 1001)
    random = np.random.default_rng(seed)
    true = solve_ivp(slope, (0, 50), [10.0, 5.0], t_eval=t, rtol=1e-10, atol=1e-10).y.T
    motion = derivatives(t, true + noise * true.std(0) * random.standard_normal(true.shape))
    exact = np.stack([slope(0.0, state) for state in true])
    names = ("hares", "lynxes")
    return {
        name: (motion.states, motion.slopes[:, n], motion.errors[:, n], true, exact[:, n])
        for n, name in enumerate(names)
    }


def is_right(found: Law | None, law: Textbook, noise: float) -> bool:
    """Whether the form is, and without noise the constants too."""
    if found is None:
        return False
    random = np.random.default_rng(1001)
    x = law.draw(1000, random, 1.0 if noise else 1.5)
    y = law(x)
    if noise:
        return is_form(found, x, y)
    return bool(np.abs(found.predict(x) - y).max() < 1e-6 * y.std())


def run(name: str, noise: float, seconds: float, seed: int) -> dict[str, object]:
    """One law with one seed."""
    law = {**LAWS, **OTHERS}[name]
    random = np.random.default_rng(seed)
    x = law.draw(SAMPLES, random)
    y = law(x)
    y = y + noise * y.std() * random.standard_normal(len(y))
    used = time.process_time()
    best = discover(x, y, names=list(law.ranges), seconds=seconds, seed=seed).best
    return row(name, noise, seed, best, is_right(best, law, noise), used)


def run_trajectories(noise: float, seconds: float, seed: int) -> list[dict[str, object]]:
    """Lotka and Volterra's two equations with one seed."""
    rows = []
    for name, (x, y, errors, true_x, true_y) in lotka_volterra(noise, seed).items():
        used = time.process_time()
        given = Weighted(1 / errors**2)
        best = discover(x, y, names=["hares", "lynxes"], noise=given, seconds=seconds, seed=seed).best
        right = best is not None and is_form(best, true_x, true_y)
        rows.append(row(f"Lotka-Volterra, {name}", noise, seed, best, right, used))
    return rows


def row(name: str, noise: float, seed: int, best: Law | None, right: bool, used: float) -> dict[str, object]:
    """What is kept of a run."""
    return {
        "name": name, "noise": noise, "seed": seed, "right": right, "law": best.text() if best else None,
        "verdict": best.verdict if best else None, "processor": round(time.process_time() - used, 2),
    }  # fmt: skip


def kept() -> list[dict[str, object]]:
    """Results so far."""
    return [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()] if KEPT.exists() else []


def summary(rows: list[dict[str, object]]) -> str:
    """How many are right by noise, and the failures."""
    lines = []
    for part, names in (
        ("the eleven", set(LAWS)),
        ("others", {str(row["name"]) for row in rows} - set(LAWS)),
    ):
        for noise in sorted({float(row["noise"]) for row in rows if row["name"] in names}):
            some = [row for row in rows if row["noise"] == noise and row["name"] in names]
            false = [row["name"] for row in some if row["verdict"] == "exact" and not row["right"]]
            lines.append(
                f"{part}, noise {noise}: {sum(bool(row['right']) for row in some)} of {len(some)} right; called exact and "
                f"not: {false or 'none'}; median {np.median([row['processor'] for row in some]):.1f} s of processor time"
            )
            lines += [
                f"  {row['name']}, seed {row['seed']}: {row['law']}" for row in some if not row["right"]
            ]
    return "\n".join(lines)


def main() -> None:
    """Run what is missing, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noise", nargs="+", type=float, default=[0.0, 0.01, 0.03])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", nargs="+", default=[*LAWS, *OTHERS, "Lotka-Volterra"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    KEPT.parent.mkdir(exist_ok=True)
    known = {(row["name"], row["noise"], row["seed"]) for row in kept()}
    jobs = [
        (name, noise, seed)
        for seed in range(given.seeds)
        for name in given.only
        for noise in ([0.0, 0.01] if name in OTHERS else [0.02] if name == "Lotka-Volterra" else given.noise)
        if not {(name, noise, seed), (f"{name}, hares", noise, seed)} & known
    ]
    for name, noise, seed in jobs:
        rows = (
            run_trajectories(noise, given.seconds, seed)
            if name == "Lotka-Volterra"
            else [run(name, noise, given.seconds, seed)]
        )
        with KEPT.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)
        for one in rows:
            print(
                one["name"],
                noise,
                seed,
                "right" if one["right"] else "     ",
                one["processor"],
                one["law"],
                flush=True,
            )
    print(summary(kept()))


if __name__ == "__main__":
    main()
