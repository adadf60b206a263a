"""How long does `symbolify` take on a trained network [4, 5, 5, 1]?

Cubic splines of five intervals, 1,000 samples, 50 steps of L-BFGS. Each network is turned into formulas as it is
(50 edges) and after a second training with a penalty and pruning.

Run: python benchmarks/symbolify.py [--seeds 0 1 2] [--samples 1000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from edgewise import KAN

LAWS: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {  # and the noise, in deviations of the targets
    "exp((sin(pi*(a^2 + b^2)) + sin(pi*(c^2 + d^2)))/2)": (
        lambda x: (0.5 * (x.square().reshape(-1, 2, 2).sum(2) * torch.pi).sin().sum(1)).exp(),
        0.0,
    ),
    "the same, with noise of 1 %": (
        lambda x: (0.5 * (x.square().reshape(-1, 2, 2).sum(2) * torch.pi).sin().sum(1)).exp(),
        0.01,
    ),
    "a*b + c*exp(d)": (lambda x: x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3].exp(), 0.0),
    "sqrt(a^2 + b^2 + c^2 + d^2)": (lambda x: x.norm(dim=1), 0.0),
}
WIDTH = [4, 5, 5, 1]


def samples(law: Callable[[Tensor], Tensor], noise: float, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Inputs from -1 to 1 and targets."""
    generator = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(count, WIDTH[0], generator=generator, dtype=torch.float64) - 1
    clean = law(x)
    y = clean + noise * clean.std() * torch.randn(count, generator=generator, dtype=torch.float64)
    return x, y[:, None]


def edges(model: KAN) -> int:
    """How many there are."""
    return sum(int(layer.basis.mask.sum()) for layer in model.layers)


@torch.no_grad()
def missed(model: KAN, data: tuple[Tensor, Tensor]) -> float:
    """As a share of the targets' deviation."""
    x, y = data
    return float((model(x) - y).square().mean().sqrt() / y.std())


def report(model: KAN, data: tuple[Tensor, Tensor], label: str) -> None:
    """Print the figures of one network."""
    wall, processor = time.perf_counter(), time.process_time()
    found = model.symbolify(data)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    before, left = missed(model, data), missed(found, data)
    print(
        f"  {label}, {edges(model)} edges: {wall:.1f} s ({processor:.1f} s of processor time); it missed "
        f"{before:.1e} of the deviation, and misses {left:.1e}",
        flush=True,
    )


def main() -> None:
    """Each law and seed, as trained and pruned."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--samples", type=int, default=1000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for text, (law, noise) in LAWS.items():
        for seed in given.seeds:
            print(f"{text}, seed {seed}")
            data = samples(law, noise, given.samples, seed)
            model = KAN(WIDTH, grid=5, seed=seed, dtype=torch.float64)
            model.fit(data, steps=50, progress=False)
            report(model, data, "as trained")
            model.fit(data, steps=50, lamb=1e-3, progress=False)
            small = model.prune(data[0])
            small.fit(data, steps=50, progress=False)
            report(small, data, "pruned")


if __name__ == "__main__":
    main()
