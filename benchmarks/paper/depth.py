"""Does a network of the function's own depth beat a wider one of less depth, at the same number of parameters?

exp((sin(pi (x1^2 + x2^2)) + sin(pi (x3^2 + x4^2))) / 2), which three layers [4, 2, 2, 1] can compute and two cannot;
1,000 training and 1,000 test samples. Two-layer networks beside it: the paper's [4, 9, 1], and a narrower one.
"Parameters" are edges times (G + k), as trained; the paper counts edges times G.

Run: python -m benchmarks.paper.depth [--quick] [--seeds 5] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from itertools import pairwise

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import TOYS, sampled

from edgewise import KAN
from edgewise.train import GridExtension, extend_grids

GRIDS = {"[4, 2, 2, 1]": [3, 5, 10, 20, 50], "[4, 5, 1]": [3, 5, 10, 20], "[4, 9, 1]": [3, 5, 10, 20]}
WIDTHS = {"[4, 2, 2, 1]": [4, 2, 2, 1], "[4, 5, 1]": [4, 5, 1], "[4, 9, 1]": [4, 9, 1]}
PAPER = {
    "[4, 2, 2, 1]": {3: 4.6e-3, 5: 1.5e-3, 10: 1.55e-4, 20: 9.7e-6, 50: 7.0e-7},
    "[4, 9, 1]": {3: 3.4e-2, 5: 1.6e-2, 10: 4e-3, 20: 3e-3},
}


def over_grids(name: str, seed: int, grids: list[int]) -> tuple[dict[int, float], float]:
    """Test error by grid, and processor seconds."""
    model = KAN(WIDTHS[name], grid=grids[0], k=3, seed=seed, dtype=torch.float64)
    began = time.process_time()
    extension = GridExtension(grids, n_starts=8, start_steps=80)
    stages = extend_grids(model, sampled(TOYS["4-d"], seed, 1000), extension, seed=seed).stages
    return {stage.grid: stage.test_loss or math.nan for stage in stages}, time.process_time() - began


def edges(width: list[int]) -> int:
    """Edges of a network."""
    return sum(before * after for before, after in pairwise(width))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, grids up to 10")
    parser.add_argument("--seeds", type=int, help="runs to a network (5; 1 with --quick)")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (1 if settings.quick else 5)
    rows, results = [], {}
    for name, grids in GRIDS.items():
        chosen = [grid for grid in grids if grid <= (10 if settings.quick else 50)]
        runs = [over_grids(name, seed, chosen) for seed in range(seeds)]
        seconds = median(took for _, took in runs)
        results[name] = {
            "edges": edges(WIDTHS[name]),
            "seconds": seconds,
            "errors": {},
            "paper": PAPER.get(name),
        }
        for grid in chosen:
            found = [errors[grid] for errors, _ in runs]
            results[name]["errors"][grid] = found
            count = edges(WIDTHS[name]) * (grid + 3)
            rows.append([name, grid, count, PAPER.get(name, {}).get(grid), median(found), max(found)])
        print(f"{name}: {seconds:.1f} s for all grids", flush=True)
    print(table(["network", "G", "parameters", "the paper", "ours, median", "ours, worst"], rows))
    save(settings.json, results)


if __name__ == "__main__":
    main()
