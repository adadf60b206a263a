"""Differential equations by KANs: error against the exact or an independent solution, and the time it took.

Burgers' equation is measured against Cole and Hopf's integral, Allen and Cahn's against Fourier series with
2,048 points (converged to 1.5e-6), Lotka-Volterra against SciPy's DOP853 at a tolerance of 1e-12, the
others against their exact solutions; on even meshes, 201 points to a side. Every run is reported by seed.

Run: python -m benchmarks.paper.equations [--seeds 5] [--only burgers] [--pictures DIR] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from benchmarks.paper.report import median, save, table
from scipy.integrate import solve_ivp
from torch import Tensor

from edgewise.pde import Equation, Points, Solution, problems, solve
from edgewise.plots import plot_solution


class Case(NamedTuple):
    """An equation, how it is solved, what was published, and the mesh."""

    equation: Callable[[int], Equation]
    width: list[Any]
    grid: Any
    settings: dict[str, Any]
    published: str = ""
    mesh: int = 201


def reference_orbit(at: Points) -> Tensor:
    """The prey, by another method altogether."""
    found = solve_ivp(
        lambda t, y: [y[0] - y[0] * y[1], y[0] * y[1] - y[1]],
        (0.0, 6.0),
        [2.0, 1.0],
        method="DOP853",
        rtol=1e-12,
        atol=1e-12,
        t_eval=at.t.numpy(),
    )
    return torch.from_numpy(found.y[0])


CASES = {
    "Helmholtz (1, 4)": Case(lambda seed: problems.helmholtz(), [2, 10, 1], (4, 8, 16), {"k": 7}, "1.3e-2"),
    "Burgers, nu = 0.01/pi": Case(
        lambda seed: problems.burgers(),
        [2, 8, 1],
        ((16, 4), (64, 4)),
        {
            "windows": (0.15, 0.25, 0.3, 0.33, 0.36, 0.39, 0.42, 0.46, 0.5, 0.57, 0.65, 0.74, 0.83, 0.92, 1),
            "adapt_knots": True,
            "steps": 40,
            "tolerance": 1e-5,
        },
        "2.9e-2",
    ),
    "Allen-Cahn, D = 1e-4": Case(
        lambda seed: problems.allen_cahn(),
        [2, 6, 1],
        ((16, 4), (40, 4)),
        {"windows": (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1), "adapt_knots": True, "steps": 20},
        "3.6e-2",
    ),
    "heat": Case(lambda seed: problems.heat(), [2, 4, 1], (4, 8), {}),
    "wave": Case(lambda seed: problems.wave(), [2, 8, 1], (4, 8, 16), {}),
    "Kovasznay flow, Re = 20": Case(lambda seed: problems.kovasznay(), [2, 8, 3], (4, 8), {}, mesh=101),
    "Lotka-Volterra": Case(lambda seed: problems.lotka_volterra(), [1, 4, 2], (8, 16, 32), {}),
    "heat, unknown diffusion": Case(lambda seed: problems.unknown_diffusion(seed=seed), [2, 4, 1], (4,), {}),
}


def measured(name: str, case: Case, seed: int, pictures: str | None = None) -> dict[str, Any]:
    """One run; of the first seed a picture where they are asked for."""
    equation = case.equation(seed)
    processor, wall = time.process_time(), time.perf_counter()
    solution = solve(equation, case.width, case.grid, seed=seed, progress=False, **case.settings)
    seconds = {
        "processor_seconds": time.process_time() - processor,
        "wall_seconds": time.perf_counter() - wall,
    }
    if pictures is not None and not seed and len(equation.domain.names) == 2:
        word = name.split()[0].strip(",").lower().replace("-", "_")
        plot_solution(solution).savefig(Path(pictures) / f"{word}.png", dpi=110)
    return {
        "seed": seed,
        **seconds,
        "error": _error(name, solution, case.mesh),
        "parameters": sum(p.numel() for window in solution.windows for p in _trained(window)),
        "residual": solution.stages[-1].residual,
        "stop": str(solution.stop.reason),
        **dict(solution.coefficients),
    }


def _trained(window: Any) -> list[Tensor]:
    return [p for p in window.network.parameters() if p.requires_grad]


def _error(name: str, solution: Solution, mesh: int) -> float:
    return solution.error(reference_orbit if name == "Lotka-Volterra" else None, points=mesh)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="equations whose name holds this, in any case")
    parser.add_argument("--pictures", help="folder for a picture of each solution, of the first seed")
    parser.add_argument("--json", help="file for the results; runs that are in it are not done again")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    old = Path(settings.json) if settings.json else None
    results = json.loads(old.read_text("utf-8")) if old is not None and old.exists() else {}
    rows = []
    for name, case in CASES.items():
        if settings.only.lower() not in name.lower():
            continue
        head = json.loads(json.dumps({**case._asdict(), "equation": name}))
        known = results.get(name, {})
        runs = known["runs"] if {**known, "runs": None} == {**head, "runs": None} else []
        for seed in range(len(runs), settings.seeds):
            runs.append(measured(name, case, seed, settings.pictures))
            print(name, runs[-1], flush=True)
            results[name] = {**head, "runs": runs}
            save(settings.json, results)
        rows.append(_row(name, case, runs))
        save(settings.json, results)
    head = ["equation", "width", "parameters", "relative L2", "worst seed", "seconds", "published"]
    print("\n" + table(head, rows))


def _row(name: str, case: Case, runs: list[dict[str, Any]]) -> list[Any]:
    errors = [run["error"] for run in runs]
    seconds = median(run["processor_seconds"] for run in runs)
    found = f"{name}, {len(runs)} seeds"
    if "diffusion" in runs[0]:
        found += f", found {median(run['diffusion'] for run in runs):.5f} for 0.1"
    width = str(case.width)
    return [found, width, runs[0]["parameters"], median(errors), max(errors), seconds, case.published]


if __name__ == "__main__":
    main()
