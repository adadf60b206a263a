"""Which start values train best? One table: test error by initialisation, network and grid.

Each network learns a smooth function of its inputs from 1,000 uniform samples, by Adam and by L-BFGS,
with the grid fixed. Prints the median over seeds of RMSE / standard deviation of the target, and the
geometric mean over all rows. Run: python benchmarks/init.py [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from edgewise import KAN

NETWORKS = ([2, 5, 1], [2, 5, 5, 1], [4, 10, 10, 1], [8, 32, 32, 32, 1])
GRIDS = (3, 5, 10, 20)
SCHEMES = ("power", "glorot", "paper")


def target(x: torch.Tensor) -> torch.Tensor:
    """A sum of sines and squares, through an exponential, of any number of inputs."""
    inner = torch.sin(torch.pi * x[:, ::2]).sum(1) + x[:, 1::2].square().sum(1)
    return torch.exp(inner / x.shape[1] * 2)[:, None]


def relative_error(model: KAN, optimiser: str, steps: int, seed: int) -> float:
    """Train one model and give its test error relative to the spread of the target."""
    generator = torch.Generator().manual_seed(1000 + seed)
    x = 2 * torch.rand(2000, model.n_columns, generator=generator) - 1
    y = target(x)
    settings = {"lr": 1e-2} if optimiser == "Adam" else {}
    model.fit((x[:1000], y[:1000]), opt=optimiser, steps=steps, update_grid=False, **settings)
    with torch.no_grad():
        return float((model(x[1000:]) - y[1000:]).square().mean().sqrt() / y.std())


def main() -> None:
    """Run the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, fewer steps")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    seeds = range(1 if quick else 3)
    logs: dict[str, list[float]] = {scheme: [] for scheme in SCHEMES}
    print(f"{'network':18} {'G':>3} {'optimiser':10}" + "".join(f"{scheme:>12}" for scheme in SCHEMES))
    for width in NETWORKS:
        for grid in GRIDS:
            for optimiser, steps in (("Adam", 100 if quick else 300), ("LBFGS", 3 if quick else 10)):
                row = []
                for scheme in SCHEMES:
                    errors = []
                    for seed in seeds:
                        model = KAN(width, grid=grid, init=scheme, seed=seed)
                        errors.append(relative_error(model, optimiser, steps, seed))
                    row.append(statistics.median(errors))
                    logs[scheme].append(max(row[-1], 1e-12))
                print(
                    f"{width!s:18} {grid:3} {optimiser:10}" + "".join(f"{value:12.2e}" for value in row),
                    flush=True,
                )
    means = [statistics.geometric_mean(logs[scheme]) for scheme in SCHEMES]
    print(f"{'geometric mean':33}" + "".join(f"{value:12.2e}" for value in means))


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s, 1 thread, torch {torch.__version__}")
