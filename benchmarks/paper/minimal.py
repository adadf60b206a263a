"""Do the smallest networks train from every seed? Those on which pykan 0.2.8 succeeded for 4/8, 6/8, 4/6, 0/6 seeds.

Criteria and samples as there: pykan's tutorials 1, 9, 10 and 3; a seed succeeds if the test RMSE on the first grid is
below the bound. The samples are the same for all seeds. Four ways: `fit` by L-BFGS from one start; Levenberg-Marquardt
(the first stage) from one start; from the best of 8 after ten iterations each, in rounds; and from the best
of 6 trained out. The time of restarts counts. Processor seconds, one thread.

Run: python -m benchmarks.paper.minimal [--quick] [--seeds 20] [--only deep] [--way out] [--json FILE]
What a file holds of other functions and ways stays in it.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import exp_sin, four
from torch import Tensor

from edgewise import KAN, create_dataset, fit
from edgewise.train import GridExtension, extend_grids


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


WAYS = {
    "fit": (0, 0),
    "LM, 1 start": (1, 10),
    "LM, best of 8 after 10 iterations": (8, 10),
    "LM, best of 6 trained out": (6, 80),
}
"""Start values, and iterations that each is given; none is `fit`."""


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


def attempt(task: Task, data: dict[str, Tensor], seed: int, starts: int, steps: int) -> tuple[float, float]:
    """Test error and processor seconds."""
    model = KAN(task.width, grid=task.grid, k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    if starts == 0:
        error = fit(model, data, steps=20, progress=False).test_loss
    else:
        extension = GridExtension([task.grid], n_starts=starts, start_steps=steps)
        stages = extend_grids(model, data, extension, seed=seed).stages
        error = stages[-1].test_loss
    return (math.inf if error is None else error), time.process_time() - began


def row(name: str, way: str, runs: list[tuple[float, float]]) -> list:
    """A line of the table."""
    task = TASKS[name]
    errors, seconds = zip(*runs, strict=True)
    good = f"{sum(error < task.bound for error in errors)} of {len(runs)}"
    return [name, str(task.width), task.pykan, way, good, median(errors), max(errors), median(seconds)]


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="4 seeds")
    parser.add_argument("--seeds", type=int, help="seeds to a task (20; 4 with --quick)")
    parser.add_argument("--only", default="", help="functions whose name holds this")
    parser.add_argument("--way", default="", help="ways whose name holds this")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (4 if settings.quick else 20)
    known = settings.json is not None and Path(settings.json).exists()
    results = json.loads(Path(settings.json).read_text("utf-8")) if known else {}
    for name, task in TASKS.items():
        data = sampled(task)
        found = results.setdefault(name, {})
        for way, (starts, steps) in WAYS.items():
            if settings.only in name and settings.way in way:
                found[way] = [attempt(task, data, seed, starts, steps) for seed in range(seeds)]
                print(row(name, way, found[way]), flush=True)
    head = ["function", "network", "pykan", "way", "succeeded", "median", "worst", "seconds"]
    print(table(head, [row(name, way, runs) for name, ways in results.items() for way, runs in ways.items()]))
    save(settings.json, results)


if __name__ == "__main__":
    main()
