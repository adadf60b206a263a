"""What do the penalty, its entropy, the grid, the degree and the seed do to accuracy and to the pruned shape?

exp(sin(pi x) + y^2), 1,000 training and 1,000 test samples. Shapes: [2, 5, 1] is trained 40 steps of L-BFGS with the
penalty, then pruned; the right answer is one hidden node and three edges. Accuracy: [2, 1, 1] over finer and finer grids.

Run: python -m benchmarks.paper.hyperparameters [--quick] [--seeds 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time

import torch
from benchmarks.paper.report import median, save, table
from benchmarks.paper.toy_scaling import TOYS, sampled
from torch import Tensor

from edgewise import KAN, Penalty, fit, prune
from edgewise.train import GridExtension, extend_grids

LAMBS = [0.0, 1e-4, 1e-3, 1e-2, 1e-1]
ENTROPIES = [0.0, 1.0, 2.0, 5.0, 10.0]
GRIDS = [3, 5, 10, 20, 50]
DEGREES = [1, 2, 3, 4, 5, 7]

Data = dict[str, Tensor]


def shape(
    data: Data, seed: int, *, lamb: float = 1e-3, entropy: float = 2.0, grid: int = 3, k: int = 3
) -> dict[str, float]:
    """Hidden nodes and edges left by pruning, and test errors before it and after 10 more steps."""
    model = KAN([2, 5, 1], grid=grid, k=k, seed=seed, dtype=torch.float64)
    before = fit(model, data, steps=40, penalty=Penalty(lamb, entropy=entropy), progress=False).test_loss
    smaller = prune(model, data["train_input"]).model
    after = fit(smaller, data, steps=10, progress=False).test_loss
    edges = sum(1 for _ in smaller.active_edges())
    hidden = smaller.width[1]
    nodes = hidden if isinstance(hidden, int) else sum(hidden)
    return {"nodes": nodes, "edges": edges, "before": before or math.nan, "after": after or math.nan}


def accuracy(data: Data, seed: int, k: int, grids: list[int]) -> list[float]:
    """Test error by grid of [2, 1, 1] with splines of degree k."""
    model = KAN([2, 1, 1], grid=grids[0], k=k, seed=seed, dtype=torch.float64)
    stages = extend_grids(model, data, GridExtension(grids, n_starts=4), seed=seed).stages
    return [stage.test_loss or math.nan for stage in stages]


def cell(runs: list[dict[str, float]]) -> str:
    """How many seeds came to one node and three edges, and the median error afterwards."""
    right = sum(run["nodes"] == 1 and run["edges"] == 3 for run in runs)
    return f"{right} of {len(runs)}, {median(run['after'] for run in runs):.1e}"


def study(data: Data, seeds: int, name: str, outer: list, inner: list, words: tuple[str, str]) -> list:
    """Shapes over two hyperparameters."""
    began = time.process_time()
    found = [
        [[shape(data, seed, **{words[0]: a, words[1]: b}) for seed in range(seeds)] for b in inner]
        for a in outer
    ]
    rows = [[a, *(cell(runs) for runs in line)] for a, line in zip(outer, found, strict=True)]
    print(f"\n### {name} ({time.process_time() - began:.0f} s)\n")
    print(table([f"{words[0]} \\ {words[1]}", *map(str, inner)], rows), flush=True)
    return found


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 seeds, fewer values")
    parser.add_argument("--seeds", type=int, help="seeds to a setting (10; 2 with --quick)")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    quick = settings.quick
    seeds = settings.seeds or (2 if quick else 10)
    data = sampled(TOYS["exp(sin(pi x) + y^2)"], 0, 1000)
    lambs, entropies = (LAMBS[1:4], ENTROPIES[:3:2]) if quick else (LAMBS, ENTROPIES)
    grids, degrees = (GRIDS[:3], [2, 3]) if quick else (GRIDS, DEGREES)
    penalty = study(data, seeds, "One node and three edges left", lambs, entropies, ("lamb", "entropy"))
    splines = study(data, seeds, "The same by grid and degree", grids[:4], degrees[:4], ("grid", "k"))
    few = min(seeds, 3)
    errors = [[accuracy(data, seed, k, grids) for seed in range(few)] for k in degrees]
    middles = [[median(column) for column in zip(*runs, strict=True)] for runs in errors]
    print(f"\n### Test RMSE of [2, 1, 1], medians of {few} seeds\n")
    print(
        table(["k \\ grid", *map(str, grids)], [[k, *line] for k, line in zip(degrees, middles, strict=True)])
    )
    results = {
        "lambs": lambs, "entropies": entropies, "penalty": penalty, "grids": grids, "degrees": degrees,
        "splines": splines, "errors": errors,
    }  # fmt: skip
    save(settings.json, results)


if __name__ == "__main__":
    main()
