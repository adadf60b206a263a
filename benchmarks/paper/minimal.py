"""Do the smallest networks train from every seed? Those on which pykan 0.2.8 succeeded for 4/8, 6/8, 4/6, 0/6 seeds.

Criteria and samples as there: pykan's tutorials 1, 9, 10 and 3; a seed succeeds if the test RMSE on the first grid is
below the bound. The samples are the same for all seeds. Three ways: `fit` by L-BFGS from one start, the ladder from
one start, and the ladder with restarts; the time of restarts counts. Processor seconds, one thread.

Run: python -m benchmarks.paper.minimal [--quick] [--seeds 20] [--only deep] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import exp_sin, four
from torch import Tensor

from edgewise import KAN, create_dataset, fit
from edgewise.train.ladder import ladder


class Task(NamedTuple):
    """A function, its smallest network, and when a run counts as a success."""

    function: Callable[[Tensor], Tensor]
    width: list[int]
    grid: int
    bound: float
    reach: float
    samples: int
    pykan: str


TASKS = {
    "exp(sin(pi x) + y^2)": Task(exp_sin, [2, 1, 1], 3, 2e-2, 1.0, 1000, "4 of 8"),
    "sqrt(x^2 + y^2)": Task(lambda x: x.norm(dim=1, keepdim=True), [2, 1, 1], 5, 1e-2, 1.0, 1000, "6 of 8"),
    "(u + v) / (1 + u v)": Task(
        lambda x: x.sum(1, keepdim=True) / (1 + x.prod(1, keepdim=True)),
        [2, 1, 1],
        10,
        1e-2,
        0.9,
        1000,
        "4 of 6",
    ),
    "deep: exp((sin + sin) / 2)": Task(four, [4, 2, 1, 1], 3, 5e-2, 1.0, 3000, "0 of 6"),
}


def sampled(task: Task) -> dict[str, Tensor]:
    """The samples, of seed 0 as pykan's tutorials have it."""
    return create_dataset(
        task.function,
        n_var=task.width[0],
        ranges=(-task.reach, task.reach),
        train_num=task.samples,
        test_num=1000,
        dtype=torch.float64,
        seed=0,
    )


def attempt(task: Task, data: dict[str, Tensor], seed: int, starts: int) -> tuple[float, float]:
    """Test error and processor seconds; `starts=0` is `fit`."""
    model = KAN(task.width, grid=task.grid, k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    if starts == 0:
        error = fit(model, data, steps=20, progress=False).test_loss
    else:
        error = ladder(model, data, grids=[task.grid], starts=starts, seed=seed).rungs[-1].test_loss
    return (math.inf if error is None else error), time.process_time() - began


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="4 seeds")
    parser.add_argument("--seeds", type=int, help="seeds to a task (20; 4 with --quick)")
    parser.add_argument("--starts", type=int, default=8, help="start values of the restarted ladder")
    parser.add_argument("--only", default="", help="tasks whose name holds this")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (4 if settings.quick else 20)
    rows, results = [], {}
    for name, task in TASKS.items():
        if settings.only not in name:
            continue
        data = sampled(task)
        results[name] = {"width": task.width, "bound": task.bound, "pykan": task.pykan, "runs": {}}
        for starts in (0, 1, settings.starts):
            runs = [attempt(task, data, seed, starts) for seed in range(seeds)]
            errors, seconds = zip(*runs, strict=True)
            way = "fit" if starts == 0 else f"ladder, {starts} start{'s' * (starts > 1)}"
            good = f"{sum(error < task.bound for error in errors)} of {seeds}"
            rows.append(
                [name, str(task.width), task.pykan, way, good, median(errors), max(errors), median(seconds)]
            )
            results[name]["runs"][way] = runs
            print(rows[-1], flush=True)
    head = ["function", "network", "pykan", "way", "succeeded", "median", "worst", "seconds"]
    print(table(head, rows))
    save(settings.json, results)


if __name__ == "__main__":
    main()
