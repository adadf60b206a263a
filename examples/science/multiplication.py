"""A product node finds x y.

A network with product nodes, more of them than it needs, is trained with a penalty, pruned, and read off. A network of
sums alone, trained as long, approximates.

Run: python examples/science/multiplication.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell

from edgewise import KAN, create_dataset, plot


def find(seed: int, quick: bool) -> list[Outcome]:
    """Train, prune, read off."""
    data = create_dataset(
        lambda x: x[:, 0] * x[:, 1], n_var=2, train_num=300 if quick else 1000, seed=seed, dtype=torch.float64
    )
    sums = KAN([2, 5, 1], grid=3, seed=seed, dtype=torch.float64)
    plain = sums.fit(data, steps=20, lamb=1e-3).test_loss

    model = KAN([2, (2, 2), 1], grid=3, seed=seed, dtype=torch.float64)
    for _ in range(2):
        model.fit(data, steps=40, lamb=1e-3)
        model = model.prune()
    model = model.symbolify()
    law = model.formula()
    text = f"{law.expr} (sums alone: {plain:.1e})"
    shown = (sums, model, data["train_input"])
    return [Outcome("x y", text, law.test_rmse, 1.28e-16, str(law.expr) == "x_1*x_2", shown)]


def draw(outcomes: list[Outcome]) -> Figure:
    """The network of sums, and the one that was found."""
    sums, model, x = outcomes[0].shown
    figure, axes = panels(2, width=4.5)
    plot(sums, x, ax=axes[0], title="sums alone")
    plot(model, x, ax=axes[1], title="with a product node")
    return figure


if __name__ == "__main__":
    tell("multiplication", find, draw)
