"""Do the errors of small KANs fall as G^-4, where the paper's training let them fall as G^-3 and rise again?

The five functions of the paper's figure 3.1, with its shapes and grids; inputs uniform on [-1, 1], 1,000 test
samples. Two runs to a seed: 1,000 training samples, as in the paper, and 10,000, which determine the
coefficients of fine grids. Start values are drawn, never chosen: the best by training error on the first 1,000
samples is trained up the grids by `edgewise.train.grids.extension`. A run of some functions or seeds is merged into the
file, which is written after each.

Run: python -m benchmarks.paper.toy_scaling [--quick] [--seeds 5] [--only exp] [--no-mlp] [--only-mlp] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from benchmarks.paper.mlp import best_mlp
from benchmarks.paper.report import median, save, slope, table
from torch import Tensor

from edgewise import KAN
from edgewise.optim import LevenbergMarquardt
from edgewise.spline import basis
from edgewise.spline.knots import uniform_knots
from edgewise.train import GridExtension, extend_grids

GRIDS = [3, 5, 10, 20, 50, 100, 200, 500, 1000]
FEW, MANY = 1000, 10000
EASE = 0.1
ROUNDING = 1e-13


class Toy(NamedTuple):
    """A function and how it is learnt.

    Its shape, the paper's test errors by grid, where the slope is fitted, up to which grid it goes, the paper's
    best MLP; start values, iterations to each, and the roughness they pay for; iterations to a grid at most, how
    often a grid is begun anew (the best by training error is kept), and from which grid on by conjugate gradients.
    """

    function: Callable[[Tensor], Tensor]
    width: list[int]
    paper: list[float]
    slope_from: int
    slope_to: int
    most_grid: int
    mlp: float
    starts: int = 8
    start_steps: int = 10
    start_smooth: float = 1e-8
    steps: int = 60
    rounds: int = 1
    gradients_from: int = 10_000


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
    "x y": Toy(
        product,
        [2, 2, 1],
        [1.5e-4, 2.1e-5, 2.4e-6, 2.5e-7, 3.3e-8, 2.4e-8],
        3,
        20,
        200,
        3.5e-6,
        start_steps=80,
    ),
    "100-d": Toy(
        hundred,
        [100, 1, 1],
        [2.05e-3, 5.4e-4, 2.4e-4, 1.46e-4, 1.07e-4],
        3,
        50,
        50,
        5e-2,
        starts=4,
        start_steps=20,
        start_smooth=1e-2,
        steps=6,
        gradients_from=20,
    ),
    "4-d": Toy(
        four,
        [4, 2, 2, 1],
        [4.6e-3, 1.5e-3, 1.55e-4, 9.7e-6, 7.0e-7],
        10,
        50,
        50,
        6.5e-4,
        starts=16,
        start_steps=80,
        rounds=2,
    ),
}


def sampled(toy: Toy, seed: int, count: int) -> dict[str, Tensor]:
    """Training and test samples of this seed; the test samples are the same for any count."""
    parts: dict[str, Tensor] = {}
    for name, size, stream in (("test", FEW, 2 * seed), ("train", count, 2 * seed + 1)):
        generator = torch.Generator().manual_seed(stream)
        x = 2 * torch.rand(size, toy.width[0], generator=generator, dtype=torch.float64) - 1
        parts |= {f"{name}_input": x, f"{name}_label": toy.function(x)}
    return parts


def over_grids(toy: Toy, seed: int, count: int, grids: list[int]) -> dict[str, Any]:
    """Test and training errors by grid, and the processor time of all grids, starts included."""
    data = sampled(toy, seed, count)
    few = data | {name: data[name][:FEW] for name in ("train_input", "train_label")}
    model: Any = KAN(toy.width, grid=grids[0], k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    if toy.starts > 1:
        extension = GridExtension(
            grids[:1], n_starts=toy.starts, start_steps=toy.start_steps, roughness_weight=toy.start_smooth
        )
        solver = LevenbergMarquardt(damping_decrease=EASE)
        model = extend_grids(model, few, extension, solver=solver, seed=seed).model
    test, train = {}, {}
    for grid in grids:
        way = "cg" if grid >= toy.gradients_from else "cholesky"
        found = []
        for _ in range(toy.rounds):
            solver = LevenbergMarquardt(solver=way, damping_decrease=EASE)
            found.append(
                extend_grids(model, data, GridExtension([grid]), steps=toy.steps, solver=solver).stages[-1]
            )
            model = found[-1].model
        best = min(found, key=lambda stage: stage.train_loss)
        model = best.model
        test[str(grid)], train[str(grid)] = best.test_loss, best.train_loss
    return {"test": test, "train": train, "seconds": time.process_time() - began}


def nearest(toy: Toy, grid: int) -> float:
    """The least error that a single edge of this grid can have, by linear least squares on 20,000 points."""
    x = torch.linspace(-1, 1, 20_001, dtype=torch.float64)[:, None]
    knots = uniform_knots(torch.tensor([-1.0]).double(), torch.tensor([1.0]).double(), grid, 3)
    features = torch.cat([basis(x, knots, 3)[:, 0], torch.nn.functional.silu(x)], 1)
    best = torch.linalg.lstsq(features, toy.function(x), driver="gelsd").solution
    return float((features @ best - toy.function(x)).square().mean().sqrt())


def middles(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Medians over the seeds, by number of samples and grid."""
    return {
        count: {
            grid: median(run["test"][grid] for run in runs.values())
            for grid in next(iter(runs.values()))["test"]
        }
        for count, runs in found["runs"].items()
    }


def slopes(toy: Toy, found: dict[str, Any]) -> dict[str, float]:
    """Of the medians, where they are not rounding."""
    return {
        count: slope(
            (int(grid), error)
            for grid, error in errors.items()
            if toy.slope_from <= int(grid) <= toy.slope_to and error > ROUNDING
        )
        for count, errors in middles(found).items()
    }


def compare(toy: Toy, found: dict[str, Any]) -> str:
    """One function's table and its slopes, in words."""
    medians, published = middles(found), dict(zip(map(str, GRIDS), toy.paper, strict=False))
    head, grids = ["G", "paper"], list(next(iter(medians.values())))
    worst = {
        count: {g: max(run["test"][g] for run in runs.values()) for g in grids}
        for count, runs in found["runs"].items()
    }
    for count in medians:
        head += [f"ours, {count} samples", "worst seed"]
    if "nearest" in found:
        head.append("the nearest spline")
    rows = [
        [
            grid,
            published.get(grid),
            *(part[count][grid] for count in medians for part in (medians, worst)),
            *([found["nearest"].get(grid)] if "nearest" in found else []),
        ]
        for grid in grids
    ]
    words = [table(head, rows), ""]
    for count, value in slopes(toy, found).items():
        runs = found["runs"][count].values()
        longest = max(run["seconds"] for run in runs)
        fitted = (
            "all at rounding"
            if math.isnan(value)
            else f"slope {value:.2f} from G = {toy.slope_from} to {toy.slope_to}"
        )
        words.append(
            f"{count} samples: {fitted}; all grids took {median(run['seconds'] for run in runs):.0f} s "
            f"(median of {len(runs)} seeds), {longest:.0f} s at most."
        )
    if "mlp" in found:
        best = found["mlp"]
        words.append(
            f"MLP: {best['test_loss']:.1e} with {best['parameters']} parameters ({best['shape']}), the best by "
            f"Levenberg-Marquardt in {best['seconds']:.0f} s; the paper's best: {toy.mlp:.1e}."
        )
    return "\n".join(words)


def mlp(toy: Toy, quick: bool) -> dict[str, Any]:
    """The best of several MLPs on the 1,000 samples of seed 0."""
    shapes = [[10], [20]] if quick or toy.width[0] > 10 else [[20], [20, 20], [30, 30]]
    return best_mlp(sampled(toy, 0, FEW), shapes, starts=1, steps=100 if quick else 200)._asdict()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two seeds, 1,000 samples, grids up to 50")
    parser.add_argument("--seeds", type=int, help="runs to a function (5; 2 with --quick)")
    parser.add_argument("--only", default="", help="functions whose name holds this")
    parser.add_argument("--no-mlp", action="store_true", help="leave out the MLP")
    parser.add_argument("--only-mlp", action="store_true", help="the MLP alone")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (2 if settings.quick else 5)
    chosen = {name: toy for name, toy in TOYS.items() if settings.only in name}
    path = settings.json and Path(settings.json)
    results = json.loads(path.read_text("utf-8")) if path and path.exists() else {}
    for seed in range(0 if settings.only_mlp else seeds):
        for name, toy in chosen.items():
            grids = [grid for grid in GRIDS if grid <= min(toy.most_grid, 50 if settings.quick else 1000)]
            own = results.setdefault(name, {"runs": {}})
            for count in (FEW,) if settings.quick else (FEW, MANY):
                run = over_grids(toy, seed, count, grids)
                own["runs"].setdefault(str(count), {})[str(seed)] = run
                print(
                    f"{name}, seed {seed}, {count} samples, {run['seconds']:.0f} s: {run['test']}", flush=True
                )
            save(settings.json, results)
    for name, toy in chosen.items():
        own = results.setdefault(name, {"runs": {}})
        if toy.width == [1, 1]:
            own["nearest"] = {str(grid): nearest(toy, grid) for grid in GRIDS if grid <= 200}
        if not settings.no_mlp:
            own["mlp"] = mlp(toy, settings.quick)
        save(settings.json, results)
        if own["runs"]:
            print(f"\n### {name}, {toy.width}\n\n{compare(toy, own)}", flush=True)


if __name__ == "__main__":
    main()
