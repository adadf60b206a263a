"""Does a KAN forget what it learned before? In one dimension, as the paper shows, and in two.

One dimension: five Gaussian peaks exp(-300 (x - c)^2) on [-1, 1], 500 samples in a row, shown in five phases of
100; only the present phase is trained on. KAN [1, 1], grid 200, no base, scales frozen, no move of the grid; the
paper's degree 3, and 7, as a cubic spline on this grid comes no nearer than 4e-6. Two dimensions: four peaks, one
to a quadrant, quadrant after quadrant.

"with memory": the triangle R of the Gauss-Newton matrix of earlier phases is kept, as large as the network's
parameters squared, and |R (p - p before)|^2 is added to the mean square; no old sample is. For [1, 1] this is
recursive least squares, for others its linearisation. "50 old samples": of each earlier phase, trained on along
with the present one. The MLP is given the same.

Run: python -m benchmarks.paper.continual [--quick] [--seeds 3] [--json FILE]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from benchmarks.paper.mlp import mlp
from benchmarks.paper.report import median, save, table
from torch import Tensor, nn

from edgewise import KAN, fit
from edgewise.optim import LeastSquares, LevenbergMarquardt
from edgewise.train.objective.jacobian import module_jacobian
from edgewise.train.step.parameters import FlatParameters, trainable

CENTRES = [-0.8, -0.4, 0.0, 0.4, 0.8]
CORNERS = [(-0.5, -0.4), (0.4, -0.6), (-0.3, 0.5), (0.6, 0.3)]
HEAD = [
    "contestant", "parameters", "worst phase RMSE", "change of earlier phases, max", "at their peaks, max",
    "RMSE on all at the end", "seconds",
]  # fmt: skip


@dataclass(frozen=True)
class Phase:
    """Samples of one phase, and which of them lie at its peak."""

    x: Tensor
    y: Tensor
    peak: Tensor


def line() -> list[Phase]:
    """Five phases of 100 samples from left to right; a peak is what is nearer than 0.1 to its centre."""
    x = torch.linspace(-1, 1, 500, dtype=torch.float64)[:, None]
    y = sum(torch.exp(-300 * (x - centre).square()) for centre in CENTRES)
    parts = zip(x.chunk(5), y.chunk(5), CENTRES, strict=True)
    return [Phase(a, b, (a - centre).abs()[:, 0] < 0.1) for a, b, centre in parts]


def plane(count: int = 500) -> list[Phase]:
    """Four phases, a quadrant each; a peak is what is nearer than 0.2 to its centre."""
    generator = torch.Generator().manual_seed(0)
    phases = []
    for corner in CORNERS:
        centre = torch.tensor(corner, dtype=torch.float64)
        x = torch.rand(count, 2, generator=generator, dtype=torch.float64) * centre.sign()
        y = sum(
            torch.exp(-20 * (x - torch.tensor(other, dtype=torch.float64)).square().sum(1))
            for other in CORNERS
        )
        phases.append(Phase(x, y[:, None], (x - centre).norm(dim=1) < 0.2))
    return phases


def plain(model: nn.Module, phases: list[Phase], opt: str, steps: int) -> Callable[[Phase], None]:
    """Train on a phase by `fit`, with nothing kept from the ones before."""

    def learn(phase: Phase) -> None:
        fit(model, (phase.x, phase.y), opt=opt, steps=steps, update_grid=False, progress=False)

    return learn


def remembering(model: nn.Module, phases: list[Phase], opt: str, steps: int) -> Callable[[Phase], None]:
    """Train on a phase by Levenberg-Marquardt, and hold on to what earlier phases determined."""
    flat = FlatParameters(trainable(model))
    kept = [torch.zeros(0, flat.read().numel(), dtype=torch.float64)]

    def learn(phase: Phase) -> None:
        before, share = flat.read(), len(phase.x) ** -0.5

        def residual(parameters: Tensor) -> Tensor:
            flat.write(parameters)
            with torch.no_grad():
                errors = share * (model(phase.x) - phase.y).flatten()
            return torch.cat([errors, kept[0] @ (parameters - before)])

        def slopes(parameters: Tensor) -> Tensor:
            flat.write(parameters)
            found = module_jacobian(model, phase.x, flat.parameters)[1]
            return share * (found.matrix if hasattr(found, "matrix") else found.dense())

        problem = LeastSquares(residual, lambda parameters: torch.cat([slopes(parameters), kept[0]]))
        solver = LevenbergMarquardt(solver="qr")
        flat.write(solver.minimise(problem, before, steps=steps).x)
        kept[0] = torch.linalg.qr(torch.cat([kept[0], slopes(flat.read())]), mode="r")[1]

    return learn


def rehearsing(model: nn.Module, phases: list[Phase], opt: str, steps: int) -> Callable[[Phase], None]:
    """Train on a phase together with 50 samples of each one before."""
    old: list[tuple[Tensor, Tensor]] = []

    def learn(phase: Phase) -> None:
        x, y = (torch.cat(parts) for parts in zip(*old, (phase.x, phase.y), strict=True))
        fit(model, (x, y), opt=opt, steps=steps, update_grid=False, progress=False)
        old.append((phase.x[:50], phase.y[:50]))

    return learn


def course(model: nn.Module, phases: list[Phase], way: Callable, opt: str, steps: int) -> list[float]:
    """All phases in turn; the figures of the table."""
    learn, began = way(model, phases, opt, steps), time.process_time()
    worst, after = 0.0, []
    for phase in phases:
        learn(phase)
        with torch.no_grad():
            after.append(model(phase.x))
        worst = max(worst, _rms(after[-1] - phase.y))
    seconds = time.process_time() - began
    with torch.no_grad():
        moved = [(model(phase.x) - then).abs() for phase, then in zip(phases, after, strict=True)]
        everything = torch.cat([model(phase.x) - phase.y for phase in phases])
    peaks = max(float(change[phase.peak].max()) for change, phase in zip(moved, phases, strict=True))
    count = sum(parameter.numel() for parameter in trainable(model))
    return [count, worst, max(float(change.max()) for change in moved), peaks, _rms(everything), seconds]


def _rms(errors: Tensor) -> float:
    return float(errors.square().mean().sqrt())


def spline(width: list[int], grid: int, k: int, base: str = "silu") -> Callable[[int], nn.Module]:
    """A KAN from its seed."""
    return lambda seed: KAN(width, grid=grid, k=k, base=base, seed=seed, dtype=torch.float64)


def dense(widths: list[int]) -> Callable[[int], nn.Module]:
    """An MLP from its seed."""
    return lambda seed: mlp(widths, nn.Tanh, seed)


LINE = {
    "KAN [1, 1], k=3 (the paper's: 4.0e-6 a phase)": (spline([1, 1], 200, 3, "zero"), plain, "LBFGS", 100),
    "KAN [1, 1], k=7": (spline([1, 1], 200, 7, "zero"), plain, "LBFGS", 100),
    "KAN [1, 1], k=3, with memory": (spline([1, 1], 200, 3, "zero"), remembering, "LM", 30),
    "KAN [1, 1], k=7, with memory": (spline([1, 1], 200, 7, "zero"), remembering, "LM", 30),
    "MLP [1, 12, 12, 1] tanh": (dense([1, 12, 12, 1]), plain, "LM", 40),
    "MLP [1, 12, 12, 1] tanh, with memory": (dense([1, 12, 12, 1]), remembering, "LM", 40),
}
PLANE = {
    "KAN [2, 5, 1], G=10": (spline([2, 5, 1], 10, 3), plain, "LBFGS", 30),
    "KAN [2, 5, 1], G=10, with memory": (spline([2, 5, 1], 10, 3), remembering, "LM", 40),
    "KAN [2, 5, 1], G=10, 50 old samples a phase": (spline([2, 5, 1], 10, 3), rehearsing, "LBFGS", 30),
    "MLP [2, 12, 12, 1] tanh": (dense([2, 12, 12, 1]), plain, "LM", 40),
    "MLP [2, 12, 12, 1] tanh, with memory": (dense([2, 12, 12, 1]), remembering, "LM", 40),
    "MLP [2, 12, 12, 1] tanh, 50 old samples a phase": (dense([2, 12, 12, 1]), rehearsing, "LM", 40),
}


def curves(name: str, points: int = 250) -> list[list[float]]:
    """Outputs on [-1, 1] after each phase, for a picture."""
    build, way, opt, steps = LINE[name]
    model, phases = build(0), line()
    learn, x, found = way(model, phases, opt, steps), torch.linspace(-1, 1, points, dtype=torch.float64), []
    for phase in phases:
        learn(phase)
        with torch.no_grad():
            found.append([round(value, 4) for value in model(x[:, None])[:, 0].tolist()])
    return found


def contest(title: str, phases: list[Phase], contestants: dict, seeds: int) -> dict:
    """Medians over the seeds, printed as a table."""
    results, rows = {}, []
    for name, (build, way, opt, steps) in contestants.items():
        runs = [course(build(seed), phases, way, opt, steps) for seed in range(seeds)]
        results[name] = runs
        rows.append([name, *(median(column) for column in zip(*runs, strict=True))])
        print(rows[-1], flush=True)
    print(f"\n### {title}, medians of {seeds} seeds\n\n{table(HEAD, rows)}\n")
    return results


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--seeds", type=int, help="runs to a contestant (3; 1 with --quick)")
    parser.add_argument("--json", help="file for the results")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    seeds = settings.seeds or (1 if settings.quick else 3)
    results = {
        "head": HEAD,
        "line": contest("One dimension", line(), LINE, seeds),
        "plane": contest("Two dimensions", plane(), PLANE, seeds),
        "curves": {
            name: curves(name) for name in ("KAN [1, 1], k=7, with memory", "MLP [1, 12, 12, 1] tanh")
        },
    }
    save(settings.json, results)


if __name__ == "__main__":
    main()
