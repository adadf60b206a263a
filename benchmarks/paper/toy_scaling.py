"""Do the errors of small KANs fall as G^-4, where the paper's training let them fall as G^-3 and rise again?

The five functions of the paper's figure 3.1, with its shapes and grids; inputs uniform on [-1, 1], 1,000 test
samples. Two runs to a seed: 1,000 training samples, as in the paper, and 10,000, which determine the
coefficients of fine grids. The ladder goes by `edgewise.train.ladder`; start values are drawn, never chosen.

Run: python -m benchmarks.paper.toy_scaling [--quick] [--seeds 5] [--only exp] [--no-mlp] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from benchmarks.paper.mlp import best_mlp
from benchmarks.paper.report import median, save, slope, table
from torch import Tensor

from edgewise import KAN
from edgewise.train.ladder import ladder

GRIDS = [3, 5, 10, 20, 50, 100, 200, 500, 1000]
FEW, MANY = 1000, 10000


class Toy(NamedTuple):
    """A function, the shape that computes it, the paper's test errors by grid, and where the slope is fitted,
    up to which grid it goes, the paper's best MLP, and how many start values are tried."""

    function: Callable[[Tensor], Tensor]
    width: list[int]
    paper: list[float]
    slope_from: int
    slope_to: int
    most_grid: int
    mlp: float
    starts: int = 8
    start_steps: int = 10


def bessel(x: Tensor) -> Tensor:
    """J0(20 x)."""
    return torch.special.bessel_j0(20 * x)


def exp_sin(x: Tensor) -> Tensor:
    """exp(sin(pi x) + y^2)."""
    return torch.exp(torch.sin(math.pi * x[:, [0]]) + x[:, [1]] ** 2)


def product(x: Tensor) -> Tensor:
    """x y."""
    return x[:, [0]] * x[:, [1]]


def hundred(x: Tensor) -> Tensor:
    """exp of the mean of sin^2(pi x_i / 2) over 100 inputs."""
    return torch.exp(torch.sin(math.pi * x / 2).square().mean(1, keepdim=True))


def four(x: Tensor) -> Tensor:
    """exp((sin(pi (x1^2 + x2^2)) + sin(pi (x3^2 + x4^2))) / 2)."""
    squares = x.square()
    first, second = (torch.sin(math.pi * squares[:, at : at + 2].sum(1, keepdim=True)) for at in (0, 2))
    return torch.exp(0.5 * (first + second))


TOYS = {
    "J0(20x)": Toy(
        bessel, [1, 1], [2.7e-1, 2.7e-1, 2.0e-1, 9e-3, 9.8e-5, 5.2e-6, 3.9e-7], 20, 500, 1000, 1.7e-4
    ),
    "exp(sin(pi x) + y^2)": Toy(
        exp_sin, [2, 1, 1], [1.85e-2, 6.7e-3, 4.6e-4, 5.1e-5, 3.0e-6, 1.36e-6], 10, 200, 1000, 1.6e-4
    ),
    "x y": Toy(product, [2, 2, 1], [1.5e-4, 2.1e-5, 2.4e-6, 2.5e-7, 3.3e-8, 2.4e-8], 3, 20, 200, 3.5e-6),
    "100-d": Toy(
        hundred, [100, 1, 1], [2.05e-3, 5.4e-4, 2.4e-4, 1.46e-4, 1.07e-4], 3, 10, 20, 5e-2, starts=2
    ),
    "4-d": Toy(four, [4, 2, 2, 1], [4.6e-3, 1.5e-3, 1.55e-4, 9.7e-6, 7.0e-7], 10, 50, 100, 6.5e-4, 24, 25),
}


def sampled(toy: Toy, seed: int, count: int) -> dict[str, Tensor]:
    """Training and test samples of this seed; the test samples are the same for any count."""
    parts = {}
    for name, size, stream in (("test", FEW, 2 * seed), ("train", count, 2 * seed + 1)):
        generator = torch.Generator().manual_seed(stream)
        x = 2 * torch.rand(size, toy.width[0], generator=generator, dtype=torch.float64) - 1
        parts |= {f"{name}_input": x, f"{name}_label": toy.function(x)}
    return parts


def climb(toy: Toy, seed: int, count: int, grids: list[int]) -> tuple[dict[int, float], float]:
    """Test error by grid, and the processor time of the whole ladder."""
    model = KAN(toy.width, grid=grids[0], k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    settings = {"starts": toy.starts, "start_steps": toy.start_steps}
    result = ladder(model, sampled(toy, seed, count), grids=grids, seed=seed, **settings)
    errors = {rung.grid: rung.test_loss or math.nan for rung in result.rungs}
    return errors, time.process_time() - began


def compare(name: str, toy: Toy, seeds: int, quick: bool, with_mlp: bool) -> dict:
    """All runs of one function, printed as they come."""
    most = min(toy.most_grid, 50 if quick else 1000)
    grids = [grid for grid in GRIDS if grid <= most]
    runs: dict[int, list] = {}
    for count in (FEW,) if quick else (FEW, MANY):
        runs[count] = [climb(toy, seed, count, grids) for seed in range(seeds)]
    published = dict(zip(GRIDS, toy.paper, strict=False))
    middles = {
        count: {grid: median(errors[grid] for errors, _ in found) for grid in grids}
        for count, found in runs.items()
    }
    rows = [[grid, published.get(grid), *(middles[count][grid] for count in runs)] for grid in grids]
    print(f"\n### {name}, {toy.width}\n")
    print(table(["G", "paper", *(f"ours, {count} samples" for count in runs)], rows))
    slopes = {
        count: slope((g, e) for g, e in found.items() if toy.slope_from <= g <= toy.slope_to)
        for count, found in middles.items()
    }
    seconds = {count: median(took for _, took in found) for count, found in runs.items()}
    for count in runs:
        print(
            f"\n{count} samples: slope {slopes[count]:.2f} over G = {toy.slope_from} to "
            f"{min(toy.slope_to, most)}; the ladder took {seconds[count]:.1f} s (median of {seeds})."
        )
    result = {"errors": middles, "slopes": slopes, "seconds": seconds}
    if with_mlp:
        shapes = [[10], [20, 20]] if quick or toy.width[0] > 10 else [[20], [20, 20], [30, 30], [20, 20, 20]]
        found = best_mlp(sampled(toy, 0, FEW), shapes, steps=100 if quick else 300)
        print(
            f"\nMLP: {found.test_loss:.1e} with {found.parameters} parameters ({found.shape}), best of "
            f"{4 * len(shapes)} by Levenberg-Marquardt in {found.seconds:.0f} s; the paper's best: {toy.mlp:.1e}."
        )
        result["mlp"] = found._asdict()
    print(flush=True)
    return result


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two seeds, 1,000 samples, grids up to 50")
    parser.add_argument("--seeds", type=int, help="runs to a function (5; 2 with --quick)")
    parser.add_argument("--only", default="", help="functions whose name holds this")
    parser.add_argument("--no-mlp", action="store_true", help="leave out the MLP")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (2 if settings.quick else 5)
    chosen = {name: toy for name, toy in TOYS.items() if settings.only in name}
    results = {
        name: compare(name, toy, seeds, settings.quick, not settings.no_mlp) for name, toy in chosen.items()
    }
    save(settings.json, results)


if __name__ == "__main__":
    main()
