"""Does training depend on the seed? Every seed of [2, 5, 1], and of a deep network, from one start value and more.

exp(sin(pi x) + y^2), 1,000 training and 1,000 test samples, inputs uniform on [-1, 1]. Grids are extended with
`starts=1` (the model's own start values and no other) and with its default of 8, to G = 20; the deep one to
G = 10, with 4 starts for the second time. Seconds are processor time, starts included.

Run: python -m benchmarks.paper.robustness [--quick] [--seeds 20] [--deep-seeds 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import TOYS, sampled

from edgewise import KAN
from edgewise.train import GridExtension, extend_grids

GRIDS = [3, 5, 10, 20]
SHALLOW, DEEP = [2, 5, 1], [2, 5, 5, 5, 1]


def run(width: list[int], seed: int, starts: int, grids: list[int]) -> tuple[float, float, float]:
    """Training error, test error and seconds; the samples are the same for all seeds."""
    data = sampled(TOYS["exp(sin(pi x) + y^2)"], 0, 1000)
    model = KAN(width, grid=grids[0], k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    last = extend_grids(model, data, GridExtension(grids, n_starts=starts), seed=seed).stages[-1]
    return last.train_loss, last.test_loss or math.nan, time.process_time() - began


def within(errors: list[float]) -> str:
    """How many are within a factor 10 of the best."""
    return f"{sum(error <= 10 * min(errors) for error in errors)} of {len(errors)}"


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="4 seeds, 2 deep ones")
    parser.add_argument("--seeds", type=int, help="seeds of [2, 5, 1] (20; 4 with --quick)")
    parser.add_argument("--deep-seeds", type=int, help="seeds of [2, 5, 5, 5, 1] (10; 2 with --quick)")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (4 if settings.quick else 20)
    deep = settings.deep_seeds or (2 if settings.quick else 10)
    cases = [
        (SHALLOW, seeds, 1, GRIDS),
        (SHALLOW, seeds, 8, GRIDS),
        (DEEP, deep, 1, GRIDS[:3]),
        (DEEP, deep, 4, GRIDS[:3]),
    ]
    rows, results = [], []
    for width, count, starts, grids in cases:
        found = [run(width, seed, starts, grids) for seed in range(count)]
        train, test, seconds = (list(column) for column in zip(*found, strict=True))
        spread = [min(test), median(test), max(test)]
        rows.append(
            [f"{width}, G={grids[-1]}", starts, within(train), within(test), *spread, median(seconds)]
        )
        results.append({"width": width, "starts": starts, "runs": found})
        print(rows[-1], flush=True)
        save(settings.json, results)
    head = ["network", "starts", "train within 10x", "test within 10x", "best", "median", "worst", "seconds"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
