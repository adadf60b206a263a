"""Poisson's equation of the KAN paper and of pykan's example, boundary values kept exactly and by rows.

The network of the paper, [2, 10, 1], goes by `edgewise.pde.solve`; beside it tanh MLPs by the same
Levenberg-Marquardt on the same residual, boundary values kept exactly. Errors on a mesh of 201 x 201 points.

Run: python -m benchmarks.paper.poisson [--seeds 5] [--only MLP] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from benchmarks.paper.mlp import mlp
from benchmarks.paper.report import median, save, table
from torch import Tensor, nn
from torch.func import functional_call, grad, hessian, jacrev, vmap

from edgewise.optim import LeastSquares, LevenbergMarquardt
from edgewise.pde import Equation, Points, solve
from edgewise.pde.problems import poisson, pykan_poisson

PAPER = "5.4e-4 (mean square 5.3e-8)"
PYKAN = "mean square 6.7e-5 to 1.7e-4"

Run = tuple[str, Equation, list[int], dict[str, Any], str]
RUNS: list[Run] = [
    ("paper's, exact boundary", poisson(), [2, 10, 1], {"grid": (4, 8, 16, 32)}, PAPER),
    (
        "paper's, boundary rows",
        poisson(soft=True),
        [2, 10, 1],
        {"grid": (4, 8, 16, 32), "k": 7, "condition_weight": 1e3},
        PAPER,
    ),
    ("pykan's, exact boundary", pykan_poisson(), [2, 5, 1], {"grid": (4, 8, 16)}, PYKAN),
]


def measured(equation: Equation, width: list[int], seed: int, settings: dict[str, Any]) -> dict[str, float]:
    """One run: relative L2, squared L2 (mean square) and seconds of one thread."""
    began = time.process_time()
    solution = solve(equation, width, seed=seed, progress=False, **settings)
    seconds = time.process_time() - began
    exact = equation.exact_by_name["u"]
    x = equation.domain.mesh(201)
    size = exact(Points(x, equation.domain.names)).square().mean()
    error = solution.error()
    return {
        "error": error,
        "mean_square": float(error**2 * size),
        "seconds": seconds,
        "parameters": solution.stages[-1].parameters,
    }


def by_mlp(equation: Equation, widths: list[int], seed: int, steps: int = 150) -> dict[str, float]:
    """A tanh MLP times (1 - x^2)(1 - y^2), by Levenberg-Marquardt on the residual at four points a parameter."""
    began = time.process_time()
    model = mlp(widths, nn.Tanh, seed)
    names, parameters = zip(*model.named_parameters(), strict=True)
    sizes = [p.numel() for p in parameters]
    start = torch.cat([p.detach().flatten() for p in parameters])
    points = equation.domain.sample(4 * len(start), seed)
    laplacian = _source(equation, points)

    def u(vector: Tensor, x: Tensor) -> Tensor:
        parts = [part.view_as(p) for part, p in zip(vector.split(sizes), parameters, strict=True)]
        value = functional_call(model, dict(zip(names, parts, strict=True)), (x,))
        return (1 - x[..., 0] ** 2) * (1 - x[..., 1] ** 2) * value[..., 0]

    def left(vector: Tensor, x: Tensor, wanted: Tensor) -> Tensor:
        return hessian(u, argnums=1)(vector, x).diagonal().sum() - wanted

    scale = len(points) ** -0.5
    slopes = vmap(grad(left), (None, 0, 0), chunk_size=512)
    values = vmap(left, (None, 0, 0))
    problem = LeastSquares(
        lambda vector: scale * values(vector, points, laplacian).detach(),
        lambda vector: scale * slopes(vector, points, laplacian).detach(),
    )
    state = LevenbergMarquardt(solver="qr").minimise(problem, start, steps=steps)
    mesh = equation.domain.mesh(201)
    exact = equation.exact_by_name["u"](Points(mesh, equation.domain.names))
    error = float((u(state.x, mesh).detach() - exact).norm() / exact.norm())
    return {"error": error, "seconds": time.process_time() - began, "parameters": len(start)}


def _source(equation: Equation, x: Tensor) -> Tensor:
    """Laplacian of the exact solution."""
    exact = equation.exact_by_name["u"]

    def at(point: Tensor) -> Tensor:
        return exact(Points(point[None], equation.domain.names))[0]

    return torch.stack([jacrev(jacrev(at))(point).diagonal().sum() for point in x])


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose name holds this, such as MLP")
    parser.add_argument("--json", help="file for the results; other rows in it are kept")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    old = Path(settings.json) if settings.json else None
    results: dict[str, Any] = json.loads(old.read_text("utf-8")) if old is not None and old.exists() else {}
    rows = []
    for name, equation, width, given, published in RUNS:
        if settings.only in name:
            runs = [measured(equation, width, seed, given) for seed in range(settings.seeds)]
            results[name] = {"width": width, **{k: str(v) for k, v in given.items()}, "runs": runs}
            rows.append([name, str(width), *_row(runs), published])
            save(settings.json, results)
    for hidden in ([20], [20, 20]):
        name = f"paper's, exact boundary, MLP {[2, *hidden, 1]}"
        if settings.only in name:
            runs = [by_mlp(poisson(), [2, *hidden, 1], seed) for seed in range(settings.seeds)]
            results[name] = {"width": [2, *hidden, 1], "runs": runs}
            rows.append([name, str([2, *hidden, 1]), *_row(runs), "1.4e-3 to 3.3e-3"])
            save(settings.json, results)
    head = [
        "problem",
        "width",
        "parameters",
        "relative L2",
        "worst seed",
        "mean square",
        "seconds",
        "published",
    ]
    print("\n" + table(head, rows))


def _row(runs: list[dict[str, float]]) -> list[Any]:
    squares = [run["mean_square"] for run in runs if "mean_square" in run]
    return [
        int(runs[0]["parameters"]),
        median(run["error"] for run in runs),
        max(run["error"] for run in runs),
        median(squares) if squares else None,
        median(run["seconds"] for run in runs),
    ]


if __name__ == "__main__":
    main()
