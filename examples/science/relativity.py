"""Relativity: velocities add as rapidities, and mass grows with speed.

The sum of two velocities is learned by two edges into one: each edge turns out to be an inverse hyperbolic tangent, the
last one its inverse. The moving mass has three variables and is found without a network.

Run: python examples/science/relativity.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import sympy
import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell

from edgewise import KAN, create_dataset, discover, plot
from edgewise.train import GridExtension


def find(seed: int, quick: bool) -> list[Outcome]:
    """Both laws."""
    return [velocities(seed, 300 if quick else 1000), mass(seed, 300 if quick else 1000)]


def velocities(seed: int, count: int) -> Outcome:
    """(u + v) / (1 + u v), in units of the speed of light."""
    data = create_dataset(
        lambda x: (x[:, 0] + x[:, 1]) / (1 + x[:, 0] * x[:, 1]),
        n_var=2, ranges=(-0.9, 0.9), train_num=count, seed=seed, dtype=torch.float64,
    )  # fmt: skip
    spline = KAN([2, 1, 1], grid=10, seed=seed, dtype=torch.float64, input_names=["u", "v"])
    spline.fit(data, opt="LM", steps=40, grids=GridExtension([10], n_starts=4))
    model = spline.symbolify()
    law = model.formula()
    u, v = sympy.symbols("u v")
    right = (
        sympy.simplify(
            law.expr.rewrite(sympy.log) - sympy.tanh(sympy.atanh(u) + sympy.atanh(v)).rewrite(sympy.log)
        )
        == 0
    )
    return Outcome(
        "velocities", str(law.expr), law.test_rmse, 2.06e-6, right, (spline, model, data["train_input"])
    )


def mass(seed: int, count: int) -> Outcome:
    """m / sqrt(1 - v^2 / c^2)."""
    data = create_dataset(
        lambda x: x[:, 0] / torch.sqrt(1 - x[:, 1] ** 2 / x[:, 2] ** 2),
        n_var=3, ranges=[(0, 1), (0, 0.9), (1, 2)], train_num=count, seed=seed, dtype=torch.float64,
    )  # fmt: skip
    found = discover(data["train_input"], data["train_label"], names=["m", "v", "c"], seed=seed)
    missed = torch.from_numpy(found.predict(data["test_input"])) - data["test_label"][:, 0]
    return Outcome(
        "mass",
        str(found.best.expression),
        float(missed.square().mean().sqrt()),
        1.99e-5,
        found.best.verdict == "exact",
    )


def draw(outcomes: list[Outcome]) -> Figure:
    """The network of splines, and of formulas."""
    spline, model, x = outcomes[0].shown
    figure, axes = panels(2, width=4.5)
    plot(spline, x, ax=axes[0], title="splines")
    plot(model, x, ax=axes[1], title=f"${sympy.latex(sympy.sympify(outcomes[0].found))}$")
    return figure


if __name__ == "__main__":
    tell("relativity", find, draw)
