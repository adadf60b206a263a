"""Do sparse training and pruning find the shapes that the paper shows for its supervised toys, and from every seed?

Figure 4.1 of the paper. Every toy and seed goes the same way: two start values and two penalties (lamb 1e-3, 1e-2),
each 40 steps of L-BFGS, prune, twice, and 10 steps without penalty; of these four the one with the fewest edges whose
training error is within twice the lowest; then over finer and finer grids as far as validation says. 1,000 training and
1,000 test samples, inputs on [-1, 1] ([0.2, 2] for x / y). "At most" counts the networks with no more nodes than the
paper's in any layer.
For the first decimal digit of x in [0, 1], [1, 1, 10] is trained by cross-entropy alone; the figure is the share right.

Run: python -m benchmarks.paper.supervised [--quick] [--seeds 5] [--only tanh] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import bessel
from torch import Tensor

from edgewise import KAN, create_dataset, fit, prune
from edgewise.train import GridExtension, extend_grids


class Toy(NamedTuple):
    """A function, where training starts, the paper's shape, and its range of inputs."""

    function: Callable[[Tensor], Tensor]
    start: list[int]
    paper: list[int]
    grid: int = 3
    low: float = -1.0
    high: float = 1.0


def distance(x: Tensor) -> Tensor:
    """Distance of the points (x1, x3) and (x2, x4)."""
    return ((x[:, [0]] - x[:, [1]]).square() + (x[:, [2]] - x[:, [3]]).square()).sqrt()


TOYS = {
    "x y": Toy(lambda x: x[:, [0]] * x[:, [1]], [2, 5, 1], [2, 2, 1]),
    "x / y": Toy(lambda x: x[:, [0]] / x[:, [1]], [2, 5, 1], [2, 1, 1], 3, 0.2, 2.0),
    "exp(J0(20x) + y^2)": Toy(
        lambda x: torch.exp(bessel(x[:, [0]]) + x[:, [1]] ** 2), [2, 5, 1], [2, 1, 1], 20
    ),
    "tanh(5 (x1^4 + x2^4 + x3^4 - 1))": Toy(
        lambda x: torch.tanh(5 * (x.pow(4).sum(1, keepdim=True) - 1)), [3, 5, 1], [3, 1, 1]
    ),
    "sqrt((x1 - x2)^2 + (x3 - x4)^2)": Toy(distance, [4, 3, 3, 1], [4, 2, 1, 1]),
}


class Outcome(NamedTuple):
    """The shape reached, its test error before and after grid extension, the best grid, and processor seconds."""

    shape: list[int]
    pruned: float
    error: float
    grid: int
    seconds: float


def plain(width: tuple) -> list[int]:
    """Nodes of each level."""
    return [entry if isinstance(entry, int) else sum(entry) for entry in width]


def sparse(toy: Toy, data: dict[str, Tensor], seed: int, lamb: float) -> tuple[float, float, KAN]:
    """A pruned network, with its training and test error."""
    model = KAN(toy.start, grid=toy.grid, k=3, seed=seed, dtype=torch.float64)
    for _ in range(2):
        fit(model, data, steps=40, lamb=lamb, progress=False)
        model = prune(model, data["train_input"]).model
    result = fit(model, data, steps=10, progress=False)
    return result.train_loss, result.test_loss or math.nan, model


def learn(toy: Toy, seed: int) -> Outcome:
    """The smallest of four good networks, refined."""
    data = create_dataset(
        toy.function, n_var=toy.start[0], ranges=(toy.low, toy.high), dtype=torch.float64, seed=seed
    )
    began = time.process_time()
    tried = [sparse(toy, data, seed + start, lamb) for start in (0, 1000) for lamb in (1e-3, 1e-2)]
    lowest = min(train for train, _, _ in tried)
    good = [one for one in tried if one[0] <= 2 * lowest]
    _, pruned, model = min(good, key=lambda one: (sum(1 for _ in one[2].active_edges()), one[0]))
    found = extend_grids(model, data, GridExtension("auto", max_grid=48), seed=seed)
    best = found.stages[found.best]
    seconds = time.process_time() - began
    return Outcome(plain(model.width), pruned, best.test_loss or math.nan, best.grid, seconds)


def digit(seed: int, grid: int = 40) -> tuple[float, float]:
    """Share of test samples whose first decimal digit is told right, and processor seconds."""
    data = create_dataset(lambda x: x, n_var=1, ranges=(0.0, 1.0), dtype=torch.float64, seed=seed)
    x, test = data["train_input"], data["test_input"]
    began = time.process_time()
    model = KAN([1, 1, 10], grid=grid, k=3, seed=seed, dtype=torch.float64)
    fit(model, (x, (10 * x[:, 0]).long()), loss="cross_entropy", steps=30, progress=False)
    with torch.no_grad():
        right = model(test).argmax(1) == (10 * test[:, 0]).long()
    return float(right.double().mean()), time.process_time() - began


def at_most(shape: list[int], paper: list[int]) -> bool:
    """Whether no layer has more nodes than the paper's."""
    return len(shape) == len(paper) and all(a <= b for a, b in zip(shape, paper, strict=True))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 seeds")
    parser.add_argument("--seeds", type=int, help="seeds to a toy (5; 2 with --quick)")
    parser.add_argument("--only", default="", help="toys whose name holds this")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (2 if settings.quick else 5)
    rows, results = [], {}
    for name, toy in TOYS.items():
        if settings.only not in name:
            continue
        runs = [learn(toy, seed) for seed in range(seeds)]
        results[name] = {"start": toy.start, "paper": toy.paper, "runs": runs}
        shapes = Counter(str(run.shape) for run in runs).most_common()
        good = f"{sum(at_most(run.shape, toy.paper) for run in runs)} of {seeds}"
        said = ", ".join(f"{count} x {shape}" for shape, count in shapes)
        spread = [
            median(run.pruned for run in runs), median(run.error for run in runs), max(run.error for run in runs)
        ]  # fmt: skip
        rows.append(
            [name, str(toy.start), str(toy.paper), good, said, *spread, median(r.seconds for r in runs)]
        )
        print(rows[-1], flush=True)
    head = [
        "function",
        "start",
        "the paper's",
        "at most",
        "reached",
        "RMSE pruned",
        "RMSE refined",
        "worst",
        "seconds",
    ]
    print(table(head, rows))
    if settings.only in "digit":
        digits = [digit(seed) for seed in range(seeds)]
        shares = [share for share, _ in digits]
        print(f"\nFirst decimal digit, [1, 1, 10]: {median(shares):.1%} right, worst {min(shares):.1%}.")
        results["digit"] = digits
    save(settings.json, results)


if __name__ == "__main__":
    main()
