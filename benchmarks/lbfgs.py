"""Is our L-BFGS at least as good as torch's, in iterations, evaluations, final value and time?

Rosenbrock's valley in 2, 10 and 100 dimensions, and a [2, 5, 1] KAN on exp(sin(pi x) + y^2) from 1,000
samples, float64. Both solvers call the same function of one flat vector, in turn, with a memory of 10 pairs;
medians over the repeats (starts differ). Ours minus the bare evaluations is its own cost.

Then, as `fit` has them: the compiled objective of that KAN, with and without a penalty, under the solver in Python
and under its compiled iterations; CPU time of an iteration against that of the evaluations it made.

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
from edgewise.optim import LBFGS, QuasiNewtonState, Smooth
from edgewise.train import Data, Penalty
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective
from edgewise.train.step.fused import FusedObjective, fused_objective
from edgewise.train.step.parameters import FlatParameters, trainable

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


def samples() -> tuple[Tensor, Tensor]:
    """1,000 samples of exp(sin(pi x) + y^2)."""
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(1000, 2, dtype=torch.float64, generator=generator) - 1
    return x, torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


def small_kan(repeat: int) -> tuple[Function, Tensor]:
    """The mean square error of a small KAN, as a function of its parameters."""
    x, y = samples()
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
    state = LBFGS().minimise(Smooth(function), start, steps=steps)
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


def compiled_kan(width: list[int], lamb: float, repeat: int) -> tuple[FusedObjective, Tensor]:
    """What `fit` minimises on those samples, and a start."""
    model = KAN(width, grid=3, k=3, seed=repeat, dtype=torch.float64)
    flat = FlatParameters(trainable(model))
    objective = fused_objective(Objective(model, as_loss("mse"), Penalty(lamb)), Data(*samples()), flat)
    assert objective is not None, "edgewise was installed without its compiled part"
    return objective, flat.read()


def own_share(width: list[int], lamb: float, repeats: int, steps: int) -> None:
    """An iteration against its evaluations, by CPU time; a line for each place where iterations are made."""
    solver = LBFGS(tolerance_change=-1.0)
    rows: dict[str, list[tuple[float, float, float]]] = {"Python": [], "compiled": []}
    for repeat in range(repeats):
        objective, start = compiled_kan(width, lamb, repeat)

        def function(x: Tensor, objective: FusedObjective = objective) -> tuple[float, Tensor]:
            report, gradient = objective(x)
            return report.objective, gradient

        def compiled(state: QuasiNewtonState, objective: FusedObjective = objective) -> QuasiNewtonState:
            return objective.step(solver, state)[0]

        def python(state: QuasiNewtonState, function: Function = function) -> QuasiNewtonState:
            return solver.step(Smooth(function), state)

        for name, step in (("Python", python), ("compiled", compiled)):
            state = solver.start(Smooth(function), start)
            alone = _cpu(lambda objective=objective, start=start: objective(start), 300)
            began = time.process_time()
            for _ in range(steps):
                state = state if state.status else step(state)
            each = 1e6 * (time.process_time() - began) / state.iterations
            rows[name].append((each, alone, each * state.iterations / (alone * (state.evaluations - 1))))
    for name, row in rows.items():
        each, alone, ratio = (statistics.median(column) for column in zip(*row, strict=True))
        print(
            f"{width!s:10} lamb {lamb:5} {name:9} {each:6.0f} us/iteration, {alone:5.0f} us an evaluation: "
            f"{ratio:.2f} times its evaluations"
        )


def _cpu(call: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        call()
    return 1e6 * (time.process_time() - began) / times


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
    for width in ([2, 5, 1], [2, 1, 1]):
        for lamb in (0.0, 1e-3):
            own_share(width, lamb, settings.repeats, settings.steps)


if __name__ == "__main__":
    main()
