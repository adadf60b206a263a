"""How much faster is Levenberg-Marquardt in compiled code than in Python, on networks and on formulas' constants?

Networks: [2, 5, 1] with a grid of 5 on exp(sin(pi x) + y^2), from 100 and 1,000 samples, in float64, without and with
geodesic acceleration: iterations from the same start, and whole fits of five times as many steps. Formulas: the
constants of a few expressions, from 300 samples and starts off by half: in compiled code, by the same programs in
NumPy, and by sympy's derivatives. All on one thread; the sides take turns; a time is the median over the repeats, in
processor time.

Run: python benchmarks/least_squares.py [--repeats 7] [--steps 20]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import sympy
import torch
from torch import Tensor

from edgewise import KAN
from edgewise.discovery import compiled_fits, polish
from edgewise.discovery.polish import constants_of, fitted
from edgewise.edges import native
from edgewise.optim import LeastSquares, LevenbergMarquardt
from edgewise.train.objective.residuals import FitResiduals

_WIDTH, _GRID = [2, 5, 1], 5
_COLUMNS = sympy.symbols("a b c")


def samples(count: int) -> tuple[Tensor, Tensor]:
    """Of exp(sin(pi x) + y^2)."""
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(count, 2, dtype=torch.float64, generator=generator) - 1
    return x, torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)


def by_turns(sides: dict[str, Callable[[int], None]], repeats: int) -> dict[str, float]:
    """Median processor time of each side in seconds; the order of the sides changes from repeat to repeat."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for repeat in range(-1, repeats):  # the first one warms up
        order = list(sides.items())
        for name, run in order if repeat % 2 else order[::-1]:
            began = time.process_time()
            run(max(repeat, 0))
            if repeat >= 0:
                seconds[name].append(time.process_time() - began)
    return {name: statistics.median(row) for name, row in seconds.items()}


def report(name: str, times: dict[str, float], per: int, first: str = "compiled") -> None:
    """A line: milliseconds of each side, and how many times the first one's."""
    parts = [f"{side} {1e3 * t / per:8.3f} ms" for side, t in times.items()]
    ratios = [f"{t / times[first]:6.1f}x {side}" for side, t in times.items() if side != first]
    print(f"{name:44} {', '.join(parts)}: {', '.join(ratios)}", flush=True)


def network_iterations(count: int, geodesic: float, repeats: int, steps: int) -> None:
    """Iterations from the start values of a network."""
    x, y = samples(count)
    errors = [
        FitResiduals(KAN(_WIDTH, grid=_GRID, seed=seed, dtype=torch.float64), x, y) for seed in range(repeats)
    ]
    solver = LevenbergMarquardt(geodesic_acceleration=geodesic)
    starts = [one.read_from_model() for one in errors]

    def run(problem: LeastSquares, start: Tensor) -> None:
        state = solver.start(problem, start)
        for _ in range(steps):
            state = solver.step(problem, state)

    sides = {
        "compiled": lambda n: run(errors[n].problem, starts[n]),
        "Python": lambda n: run(replace(errors[n].problem, compiled=None), starts[n]),
    }
    name = f"iteration, {count} samples" + (", accelerated" if geodesic else "")
    report(name, by_turns(sides, repeats), steps)


def network_fits(count: int, update_grid: bool, repeats: int, steps: int) -> None:
    """Whole fits."""
    data = samples(count)

    def run(seed: int, available: bool) -> None:
        model = KAN(_WIDTH, grid=_GRID, seed=seed, dtype=torch.float64)
        with compiled_steps(available):
            model.fit(data, opt="LM", steps=steps, update_grid=update_grid)

    sides = {"compiled": lambda n: run(n, True), "Python": lambda n: run(n, False)}
    name = f"step of fit, {count} samples" + ("" if update_grid else ", grids left alone")
    report(name, by_turns(sides, repeats), steps)


@contextmanager
def compiled_steps(available: bool) -> Iterator[None]:
    """With or without compiled steps, all else compiled as ever."""
    own = FitResiduals._compiled_step
    if not available:
        FitResiduals._compiled_step = lambda self, solver, state: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        FitResiduals._compiled_step = own  # type: ignore[method-assign]


def formulas() -> list[sympy.Expr]:
    """Expressions of several kinds, with the constants that made the targets."""
    a, b, c = _COLUMNS
    return [
        2.3 * sympy.exp(-1.7 * a / b) + 0.6,
        1.9 * a / (0.8 + b) + 0.31 * c,
        3.1 * a**1.7 * b**-0.6 * c**2.3,
        1.4 * a * sympy.exp(-(((b - 1.6) / 0.9) ** 2)) + 0.22,
        1.7 * a * sympy.cos(4.1 * b) * sympy.exp(-0.6 * a),
        (1.2 * a + 0.5 * b) ** 1.8 / (c + 0.9),
    ]


def formula_fits(repeats: int) -> None:
    """Constants of each expression, from starts that are off by half."""
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 3, (300, 3))
    problems = []
    for form in formulas():
        y = sympy.lambdify(_COLUMNS, form, "numpy")(*x.T)
        start = {n: sympy.Float(float(n) * random.uniform(0.6, 1.5)) for n in constants_of(form)}
        problems.append((form.xreplace(start), y))

    def run(program: bool, compiled: bool) -> None:
        plain, compiled_fits.AVAILABLE = compiled_fits.AVAILABLE, compiled
        own = polish.program_of
        if not program:
            polish.program_of = lambda *_: None
        try:
            for form, y in problems:
                fitted(form, _COLUMNS, x, y)
        finally:
            compiled_fits.AVAILABLE, polish.program_of = plain, own

    sides = {
        "compiled": lambda _: run(True, True),
        "NumPy": lambda _: run(True, False),
        "sympy": lambda _: run(False, False),
    }
    report("constants of a formula, 300 samples", by_turns(sides, repeats), len(problems))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="start values, and repeats")
    parser.add_argument("--steps", type=int, default=20, help="iterations")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    assert native.AVAILABLE, "edgewise was installed without its compiled part"
    for count in (100, 1000):
        for geodesic in (0.0, 0.75):
            network_iterations(count, geodesic, settings.repeats, settings.steps)
        for update_grid in (False, True):
            network_fits(count, update_grid, settings.repeats, 5 * settings.steps)
    formula_fits(settings.repeats)


if __name__ == "__main__":
    main()
