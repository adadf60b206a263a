"""Which variables depend on each other? The paper's unsupervised toy, over seeds.

Six columns, 1,000 samples: x3 = exp(sin(pi x1) + x2^2), x5 = x4^3, x6 by itself. As in the paper, [6, 1, 1] with a
Gaussian as last function tells the data from a copy whose columns are shuffled one by one.

"sparse": with a penalty, as the paper does; a seed succeeds if the inputs that score more than 3% of the largest are
one group and no other. "closed sets": without penalty, the best of three starts; then each set of columns is shuffled
as a whole, and where the output stays (at least 0.8 of what it was), no relation was torn: the smallest such sets are
the groups. A seed succeeds if these are {x1, x2, x3}, {x4, x5} and {x6}.

Run: python -m benchmarks.paper.unsupervised [--quick] [--seeds 20] [--json FILE]
"""

from __future__ import annotations

import argparse
import math
import time
from itertools import combinations

import torch
from benchmarks.paper.report import median, save, table
from torch import Tensor

from edgewise import KAN, attribute, fit, fix

GROUPS = [(0, 1, 2), (3, 4), (5,)]
STAYS = 0.8


def measured(seed: int, count: int = 1000) -> Tensor:
    """The data, columns of mean 0 and deviation 1."""
    generator = torch.Generator().manual_seed(seed)
    a, b, c, d = (2 * torch.rand(count, 4, generator=generator, dtype=torch.float64) - 1).unbind(1)
    x = torch.stack([a, b, torch.exp(torch.sin(math.pi * a) + b**2), c, c**3, d], 1)
    return (x - x.mean(0)) / x.std(0)


def shuffled(x: Tensor, columns: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """The samples with these columns moved together to other samples."""
    new, order = x.clone(), torch.randperm(len(x), generator=generator)
    for column in columns:
        new[:, column] = x[order, column]
    return new


def trained(x: Tensor, seed: int, lamb: float) -> tuple[KAN, float]:
    """A network that tells the samples from shuffled ones, and its root mean square error."""
    generator = torch.Generator().manual_seed(seed)
    negative = x
    for column in range(x.shape[1]):
        negative = shuffled(negative, (column,), generator)
    labels = torch.cat([torch.ones(len(x), 1), torch.zeros(len(x), 1)]).double()
    low, high = float(x.min()), float(x.max())
    model = KAN([x.shape[1], 1, 1], grid=5, k=3, seed=seed, dtype=torch.float64, grid_range=(low, high))
    model = fix(model, (1, 0, 0), "gaussian", a=1.0, b=0.0, c=1.0, d=0.0)
    model.layers[1].formula.affine.requires_grad_(False)
    result = fit(model, (torch.cat([x, negative]), labels), steps=50, lamb=lamb, progress=False)
    return model, result.train_loss


def sparse(seed: int, lamb: float = 1e-2) -> tuple[list[list[int]], float]:
    """The inputs of a sparse network as one group."""
    x = measured(seed)
    model, error = trained(x, seed, lamb)
    scores = attribute(model, x).nodes[0]
    return [torch.nonzero(scores > 0.03 * scores.max())[:, 0].tolist()], error


def closed_sets(seed: int) -> tuple[list[list[int]], float]:
    """The smallest sets of columns that can be shuffled as a whole without the network taking notice."""
    x = measured(seed)
    tried = [trained(x, 1000 * start + seed, 0.0) for start in range(3)]
    model, error = min(tried, key=lambda one: one[1])
    model.requires_grad_(False)
    generator, usual = torch.Generator().manual_seed(seed), float(model(x).mean())
    groups: list[tuple[int, ...]] = []
    for size in range(1, x.shape[1] + 1):
        for columns in combinations(range(x.shape[1]), size):
            if any(set(group) & set(columns) for group in groups):
                continue
            if float(model(shuffled(x, columns, generator)).mean()) >= STAYS * usual:
                groups.append(columns)
    return [list(group) for group in groups], error


def right(way: str, groups: list[list[int]]) -> bool:
    """Whether the outcome is what it should be."""
    found = [tuple(group) for group in groups]
    return sorted(found) == GROUPS if way == "closed sets" else found[0] in GROUPS[:2]


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 seeds")
    parser.add_argument("--seeds", type=int, help="seeds (20; 3 with --quick); half as many for 'sparse'")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (3 if settings.quick else 20)
    rows, results = [], {}
    for way, find, count in (("closed sets", closed_sets, seeds), ("sparse", sparse, (seeds + 1) // 2)):
        began = time.process_time()
        runs = [find(seed) for seed in range(count)]
        seconds = (time.process_time() - began) / count
        good = sum(right(way, groups) for groups, _ in runs)
        rows.append([way, f"{good} of {count}", median(error for _, error in runs), seconds])
        results[way] = runs
        print(rows[-1], flush=True)
    print(table(["way", "right", "RMSE, median", "seconds"], rows))
    save(settings.json, results)


if __name__ == "__main__":
    main()
