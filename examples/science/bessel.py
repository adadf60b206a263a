"""exp(J0(20 x) + y^2): a special function that oscillates, found without a hint at its frequency.

J0 is not in the library: it is added as a function of one variable, beside all others. No range for its argument is
given.

Run: python examples/science/bessel.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

from typing import Any

import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor

from edgewise import KAN, LIBRARY, create_dataset, make_function, plot_edge
from edgewise.train import GridExtension


class Bessel(torch.autograd.Function):
    """J0 with its slope, which torch does not have."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        """Values."""
        return torch.special.bessel_j0(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        """Keep what the slope needs."""
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        """The slope of J0 is -J1."""
        return -slope * torch.special.bessel_j1(*ctx.saved_tensors)


J0 = make_function("J0", Bessel.apply, complexity=2)


def find(seed: int, quick: bool) -> list[Outcome]:
    """Train, rank functions for the edge from x, put formulas in place of all edges."""
    data = create_dataset(
        lambda x: torch.exp(torch.special.bessel_j0(20 * x[:, 0]) + x[:, 1] ** 2),
        n_var=2, train_num=1000, seed=seed, dtype=torch.float64,
    )  # fmt: skip
    spline = KAN([2, 1, 1], grid=20, seed=seed, dtype=torch.float64)
    spline.fit(data, opt="LM", steps=40, grids=GridExtension([20], n_starts=8))
    functions = [*LIBRARY.values(), J0]
    first = spline.suggest((0, 0, 0), functions=functions, max_rows=3)[0]
    model = spline.symbolify(functions=functions)
    law = model.formula()
    text = f"first: {first.function}, r2 {first.r2:.6f}; {law.expr}"
    right = first.function == "J0" and first.r2 >= 0.998912 and str(law.expr) == "exp(x_2**2 + J0(20*x_1))"
    return [Outcome("J0(20 x)", text, law.test_rmse, 4.73e-2, right, (spline, model, data["train_input"]))]


def draw(outcomes: list[Outcome]) -> Figure:
    """The edge from x: as a spline, and as J0."""
    spline, model, x = outcomes[0].shown
    figure, axes = panels(2, width=5)
    plot_edge(spline, (0, 0, 0), x, ax=axes[0])
    plot_edge(model, (0, 0, 0), x, ax=axes[1])
    return figure


if __name__ == "__main__":
    tell("bessel", find, draw)
