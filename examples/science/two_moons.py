"""Two moons: from points of two classes to a formula that tells them apart.

A sum of two edges is trained by cross-entropy: it is the logarithm of the odds. The classes can be separated, so that
the odds would grow without end; targets of 1 % and 99 % keep them finite.

Run: python examples/science/two_moons.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import numpy as np
import sympy
import torch
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from study import Outcome, panels, tell

from edgewise import KAN, plot

SURE = 0.99


def find(seed: int, quick: bool) -> list[Outcome]:
    """Train, fix a formula on each edge, and count what it gets wrong among 1,000 new points."""
    points, classes = (
        torch.from_numpy(one).double() for one in make_moons(2000, noise=0.1, random_state=seed)
    )
    odds = torch.where(classes > 0, SURE, 1 - SURE)
    data = (points[:1000], odds[:1000])
    model = KAN(
        [2, 1], grid=3, seed=seed, dtype=torch.float64, input_names=["x", "y"], grid_range=(-1.5, 2.5)
    )
    model.fit(data, steps=20, loss="bce")
    spline = model.copy()
    for edge in spline.active_edges():
        table = spline.suggest(edge, max_rows=20)
        model = model.fix(edge, next(row.function for row in table if row.r2 > 0.9))  # the simplest of these
    model.fit(data, steps=20, loss="bce")
    wrong = [
        float(((one(points)[:, 0] > 0) != (classes > 0))[1000:].double().mean()) for one in (spline, model)
    ]
    law = model.formula(digits=3)
    text = f"log odds = {law.expr} (splines: {1 - wrong[0]:.1%}, formula: {1 - wrong[1]:.1%})"
    return [Outcome("two moons", text, wrong[1], 0.003, True, (points[:1000], classes[:1000], model, law))]


def draw(outcomes: list[Outcome]) -> Figure:
    """The network of formulas, and the line where the odds are even."""
    points, classes, model, law = outcomes[0].shown
    figure, axes = panels(2, width=4.8)
    plot(model, points, ax=axes[0])
    x, y = np.meshgrid(np.linspace(-1.6, 2.6, 200), np.linspace(-1.2, 1.7, 200))
    odds = model(torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1))).detach().numpy().reshape(x.shape)
    axes[1].scatter(*points.T, c=classes, cmap="coolwarm", s=4)
    axes[1].contour(x, y, odds, [0], colors="black")
    axes[1].set(xlabel="x", ylabel="y", title=f"${sympy.latex(law.expr)} = 0$")
    return figure


if __name__ == "__main__":
    tell("two_moons", find, draw)
