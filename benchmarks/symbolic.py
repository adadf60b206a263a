"""How long does the symbolic search take on a wide network?

[17, 5, 14] with cubic splines of three intervals, 155 edges, 1,000 samples. Each edge is given the curve of
a library function as its splines can show it, and every function of the library is fitted to every edge.
Prints seconds of the search by itself (for one edge, for all at once), seconds of `symbolify` without the joint refit, and on how many edges
the function is among the best three suggestions. With --refit also seconds of the whole `symbolify`.

Run: python benchmarks/symbolic.py [--samples 1000] [--repeats 3] [--refit]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch

from edgewise import KAN
from edgewise.explain import suggest, suggest_all
from edgewise.functions import LIBRARY, Function
from edgewise.spline import basis, domain

WIDTH = [17, 5, 14]
TWINS = {"cos": "sin", "arccos": "arcsin", "sigmoid": "tanh"}  # the same curve up to constants


def curve(function: Function, generator: torch.Generator) -> Callable[[torch.Tensor], torch.Tensor]:
    """A random part of a function, of deviation 1, over inputs from -1 to 1."""
    low, high = function.domain[-1]
    low, high = max(low, -3.0), min(high, 4.0)
    start, size = torch.rand(2, generator=generator, dtype=torch.float64).tolist()
    length = (high - low) * (0.4 + 0.5 * size)
    start = low + 0.02 + (high - low - length - 0.04) * start

    def values(x: torch.Tensor) -> torch.Tensor:
        y = function.fn(start + length * (x + 1) / 2)
        return (y - y.mean()) / y.std()

    return values


def network(dtype: torch.dtype) -> tuple[KAN, dict[tuple[int, int, int], str]]:
    """A network whose edges are library functions seen through splines; the function of each edge."""
    model = KAN(WIDTH, grid=3, k=3, seed=0, dtype=dtype)
    generator = torch.Generator().manual_seed(0)
    functions = [function for name, function in LIBRARY.items() if name not in ("0", "sgn")]
    chosen = {}
    for l, layer in enumerate(model.layers):
        spline = layer.basis
        low, high = domain(spline.knots.double(), spline.k)
        for i in range(spline.in_features):
            x = torch.linspace(0, 1, 200, dtype=torch.float64)[:, None] * (high[i] - low[i]) + low[i]
            rows = basis(x, spline.knots[i : i + 1].double(), spline.k)[:, 0]
            for j in range(spline.out_features):
                function = functions[len(chosen) % len(functions)]
                chosen[l, i, j] = function.name
                y = curve(function, generator)(torch.linspace(-1, 1, 200, dtype=torch.float64))
                coef = torch.linalg.lstsq(rows, y[:, None]).solution[:, 0]
                with torch.no_grad():
                    spline.coef[i, :, j] = coef.to(dtype) / spline.in_features**0.5
                    spline.scale_base[i, j] = 0.0
    return model, chosen


def seconds(repeats: int, run: Callable[[], object]) -> float:
    """Least time of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def report(dtype: torch.dtype, samples: int, repeats: int, refit: bool) -> None:
    """Print the figures for one dtype."""
    model, chosen = network(dtype)
    generator = torch.Generator().manual_seed(1)
    x = 2 * torch.rand(samples, WIDTH[0], generator=generator, dtype=dtype) - 1
    found = suggest_all(model, x, max_rows=3)
    named = 0
    for edge, name in chosen.items():
        names = [TWINS.get(row.function, row.function) for row in found[edge]]
        named += TWINS.get(name, name) in names
    print(f"{str(dtype).removeprefix('torch.')}: {len(chosen)} edges, {samples} samples")
    print(f"  suggest for one edge        {seconds(repeats, lambda: suggest(model, (0, 0, 0), x)):6.2f} s")
    print(f"  suggest_all                 {seconds(repeats, lambda: suggest_all(model, x)):6.2f} s")
    print(f"  symbolify(refit=False)      {seconds(repeats, lambda: model.symbolify(x, refit=False)):6.2f} s")
    if refit:
        print(f"  symbolify                   {seconds(1, lambda: model.symbolify(x)):6.2f} s")
    print(f"  among the best three: {named} of {len(chosen)}", flush=True)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3, help="the least time of so many runs is printed")
    parser.add_argument("--refit", action="store_true", help="time symbolify with the joint refit too")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    for dtype in (torch.float32, torch.float64):
        report(dtype, settings.samples, settings.repeats, settings.refit)


if __name__ == "__main__":
    main()
