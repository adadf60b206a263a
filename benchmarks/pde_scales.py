"""Does a solution depend on the units of its equation? Relative L2 errors over lengths, times, sizes and factors.

Each problem is written in other units by `edgewise.pde.rescaled` and solved by the same network from the same seed.
Entries are relative errors as multiples of that in the first column, and the reason to stop where it is another.
The last table has time in its own unit, so that the equation itself changes: there is a layer that no grid resolves.

Run: python benchmarks/pde_scales.py [--page docs/pde.md]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from edgewise.pde import Box, Equation, Solution, dirichlet, dirichlet_ansatz, problems, rescaled, solve

MARK = "<!-- what follows is written by benchmarks/pde_scales.py -->"
LENGTHS = [1e-6, 1e-3, 1e3, 1e6]
SIZES = [1e-9, 1e-3, 1e3, 1e9]


def heat(length: float = 1.0, time: float = 1.0) -> Equation:
    """u_t = u_xx on (0, length), all values by one condition."""
    box = Box(x=(0, length), t=(0, time))

    def exact(at: Any) -> torch.Tensor:
        return torch.sin(math.pi * at.x / length) * torch.exp(-((math.pi / length) ** 2) * at.t)

    return Equation(box, lambda u, at: u.t - u.xx, [dirichlet(exact)], exact=exact, name="heat, by rows")


def logistic() -> Equation:
    """Growth to a limit, u_t = u (1 - u)."""
    box = Box(t=(0, 2))
    start = {"u": dirichlet_ansatz(box, 0.1, on="t.low")}
    return Equation(
        box,
        lambda u, at: u.t - u.value * (1 - u.value),
        hard=start,
        exact=lambda at: 1 / (1 + 9 * torch.exp(-at.t)),
        name="logistic growth",
    )


CASES: list[tuple[Equation, list[int], Any]] = [
    (problems.pykan_poisson(), [2, 5, 1], (4, 8, 16)),
    (problems.pykan_poisson(soft=True), [2, 5, 1], (4, 8, 16)),
    (heat(time=0.2), [2, 5, 1], (4, 8, 16)),
    (problems.burgers(0.1), [2, 6, 1], (8, 16, 32)),
    (logistic(), [1, 2, 1], (4, 8)),
    (problems.unknown_diffusion(), [2, 4, 1], 4),
]


def in_lengths(equation: Equation, scale: float) -> Equation:
    """Lengths times a number, times as the equation of heat has them: by its square."""
    return rescaled(equation, {name: scale**2 if name == "t" else scale for name in equation.domain.names})


def in_sizes(equation: Equation, scale: float) -> Equation:
    """The first unknown times a number, the next ones divided by it, in turn; the equation times its square."""
    values = {name: scale ** (1 - 2 * (at % 2)) for at, name in enumerate(equation.unknowns)}
    return rescaled(equation, None, values, scale**2)


def row(
    equation: Equation,
    width: list[int],
    grid: Any,
    change: Callable[[Equation, float], Equation],
    scales: list[float],
) -> str:
    """One problem over the scales."""
    plain = solve(equation, width, grid, progress=False)
    name = equation.name + (", by rows" if "Poisson" in equation.name and equation.conditions else "")
    cells = [name, f"{plain.error():.1e} ({plain.stop.reason})"]
    for scale in scales:
        found = solve(change(equation, scale), width, grid, progress=False)
        cells.append(_entry(found, plain))
    print(*cells, flush=True)
    return f"| {' | '.join(cells)} |"


def _entry(found: Solution, plain: Solution) -> str:
    ratio = f"{found.error() / plain.error():.3g}"
    return ratio if found.stop.reason == plain.stop.reason else f"{ratio} ({found.stop.reason})"


def table(title: str, change: Callable[[Equation, float], Equation], scales: list[float]) -> str:
    """All problems over the scales."""
    head = [title, "scale 1", *(f"{scale:g}" for scale in scales)]
    rows = [row(*case, change, scales) for case in CASES]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *rows])


def layers() -> str:
    """The equation of heat to time 1, whatever the length."""
    rows = ["| length | relative error | largest residual at fresh points | stop |", "|---|---|---|---|"]
    for length in (1e-6, 1e-3, 1.0, 1e3, 1e6):
        found = solve(heat(length), [2, 5, 1], 4, progress=False)
        reason = f"{found.stop.reason}{', large residual' if found.stop.reason == 'steps' and found.stop.detail else ''}"
        rows.append(f"| {length:g} | {found.error():.1e} | {found.relative_residual:.1e} | {reason} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", help="page to write the tables to, below its mark")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    tables = [
        table("lengths times", in_lengths, LENGTHS),
        table("unknowns times", in_sizes, SIZES),
        "The equation of heat to time 1, on (0, length), is another equation for each length:\n\n" + layers(),
    ]
    if settings.page:
        page = Path(settings.page)
        before = page.read_text("utf-8").split(MARK)[0]
        page.write_text(f"{before}{MARK}\n\n" + "\n\n".join(tables) + "\n", "utf-8")


if __name__ == "__main__":
    main()
