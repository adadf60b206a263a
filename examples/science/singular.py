"""Functions with singularities: logarithms inside a sine, and the distance from the origin.

Run: python examples/science/singular.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import sympy
import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell

from edgewise import KAN, create_dataset, plot
from edgewise.train import GridExtension

TASKS = {  # the function, its range, and pykan's test error
    "sin(2 (log x + log y))": (lambda x: torch.sin(2 * torch.log(x).sum(1)), (0.2, 5.0), 2.75e-7),
    "sqrt(x^2 + y^2)": (lambda x: x.norm(dim=1), (-1.0, 1.0), 5.64e-4),
}


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both functions; a quick run has the first alone."""
    return [one_function(name, seed, 2 if quick else 16) for name in list(TASKS)[: 1 if quick else 2]]


def one_function(name: str, seed: int, starts: int) -> Outcome:
    """Train [2, 1, 1] from the best of some starts, and put formulas in place of its edges."""
    function, ranges, bar = TASKS[name]
    data = create_dataset(function, n_var=2, ranges=ranges, seed=seed, dtype=torch.float64)
    spline = KAN([2, 1, 1], grid=10, seed=seed, dtype=torch.float64, input_names=["x", "y"])
    spline.fit(data, opt="LM", steps=40, grids=GridExtension([10], n_starts=starts, start_steps=20))
    model = spline.symbolify()
    law = model.formula()
    return Outcome(
        name, str(law.expr), law.test_rmse, bar, law.verdict == "exact", (model, data["train_input"], law)
    )


def draw(outcomes: list[Outcome]) -> Figure:
    """Both networks of formulas."""
    figure, axes = panels(len(outcomes), width=4.5)
    for ax, one in zip(axes, outcomes, strict=True):
        model, x, law = one.shown
        plot(model, x, ax=ax, title=f"${sympy.latex(law.expr)}$")
    return figure


if __name__ == "__main__":
    tell("singular", find, draw)
