"""Is our L-BFGS at least as good as torch's, in iterations, evaluations, final value and time?

Rosenbrock's valley in 2, 10 and 100 dimensions, and a [2, 5, 1] KAN on exp(sin(pi x) + y^2) from 1,000
samples, float64. Both solvers call the same function of one flat vector, in turn, with a memory of 10 pairs;
medians over the repeats (starts differ). Ours minus the bare evaluations is its own cost.

Run: python benchmarks/lbfgs.py [--repeats 5] [--steps 50]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from edgewise import KAN
from edgewise.optim import LBFGS
from edgewise.train.parameters import FlatParameters, trainable

Function = Callable[[Tensor], "tuple[float, Tensor]"]


class Run(NamedTuple):
    """What one solver needed and reached; the time of an iteration is in microseconds."""

    iterations: float
    evaluations: float
    value: float
    microseconds: float


def rosenbrock(size: int, repeat: int) -> tuple[Function, Tensor]:
    """The valley in `size` dimensions, and a start near the usual one."""

    def function(x: Tensor) -> tuple[float, Tensor]:
        low, high = x[:-1], x[1:]
        miss = high - low**2
        gradient = torch.zeros_like(x)
        gradient[:-1] = -400 * low * miss - 2 * (1 - low)
        gradient[1:] += 200 * miss
        return float((100 * miss**2 + (1 - low) ** 2).sum()), gradient

    start = torch.ones(size, dtype=torch.float64)
    start[::2] = -1.2
    generator = torch.Generator().manual_seed(repeat)
    return function, start + 0.01 * torch.randn(size, dtype=torch.float64, generator=generator)


def small_kan(repeat: int) -> tuple[Function, Tensor]:
    """The mean square error of a small KAN, as a function of its parameters."""
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(1000, 2, dtype=torch.float64, generator=generator) - 1
    y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
    model = KAN([2, 5, 1], grid=3, k=3, seed=repeat, dtype=torch.float64)
    flat = FlatParameters(trainable(model))

    def function(parameters: Tensor) -> tuple[float, Tensor]:
        flat.write(parameters)
        loss = torch.nn.functional.mse_loss(model(x), y)
        return loss.item(), flat.gradient(loss)

    return function, flat.read()


def ours(function: Function, start: Tensor, steps: int) -> Run:
    """Our solver, until it ends."""
    began = time.perf_counter()
    state = LBFGS().minimise(function, start, steps=steps)
    seconds = time.perf_counter() - began
    return Run(state.iterations, state.evaluations, state.value, 1e6 * seconds / state.iterations)


def torchs(function: Function, start: Tensor, steps: int) -> Run:
    """torch's solver, until it no longer moves; the lowest value it saw at the end of a step."""
    parameter = torch.nn.Parameter(start.clone())
    solver = torch.optim.LBFGS(
        [parameter],
        lr=1,
        history_size=10,
        line_search_fn="strong_wolfe",
        tolerance_grad=1e-32,
        tolerance_change=1e-32,
    )
    evaluations = 0

    def closure() -> Tensor:
        nonlocal evaluations
        evaluations += 1
        value, parameter.grad = function(parameter.detach())
        return torch.tensor(value, dtype=start.dtype)

    began = time.perf_counter()
    for _ in range(steps):
        before = parameter.detach().clone()
        solver.step(closure)
        if torch.equal(before, parameter.detach()):
            break
    seconds = time.perf_counter() - began
    iterations = solver.state[parameter]["n_iter"]
    return Run(iterations, evaluations, function(parameter.detach())[0], 1e6 * seconds / iterations)


def bare(function: Function, start: Tensor, repeats: int = 200) -> float:
    """Microseconds of one evaluation by itself."""
    began = time.perf_counter()
    for _ in range(repeats):
        function(start)
    return 1e6 * (time.perf_counter() - began) / repeats


def compare(name: str, problem: Callable[[int], tuple[Function, Tensor]], repeats: int, steps: int) -> None:
    """Both solvers in turn, a line each."""
    runs: dict[str, list[Run]] = {"ours": [], "torch": []}
    single = []
    for repeat in range(repeats):
        function, start = problem(repeat)
        single.append(bare(function, start))
        pair = [("ours", ours), ("torch", torchs)]
        for label, solver in pair if repeat % 2 == 0 else pair[::-1]:
            runs[label].append(solver(function, start, steps))
    for label, rows in runs.items():
        middle = Run(*(statistics.median(column) for column in zip(*rows, strict=True)))
        own = middle.microseconds - statistics.median(single) * middle.evaluations / middle.iterations
        print(
            f"{name:16} {label:6} {middle.iterations:7.0f} iterations {middle.evaluations:7.0f} evaluations "
            f"value {middle.value:9.2e} {middle.microseconds:8.0f} us/iteration, of it its own {own:6.0f}"
        )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="starts for each problem")
    parser.add_argument("--steps", type=int, default=50, help="steps of up to 20 iterations")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    for size in (2, 10, 100):
        compare(
            f"Rosenbrock {size}",
            lambda repeat, n=size: rosenbrock(n, repeat),
            settings.repeats,
            settings.steps,
        )
    compare("KAN [2,5,1]", small_kan, settings.repeats, settings.steps)


if __name__ == "__main__":
    main()
