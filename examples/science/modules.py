"""Modular structure: a majority of three majorities, from all 512 patterns of nine bits.

Networks with twenty hidden nodes are trained with a penalty and pruned. What is left is three modules: groups of bits that meet
in nodes of their own before they meet each other.

Run: python examples/science/modules.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor

from edgewise import KAN, plot

TRUE = [{0, 1, 2}, {3, 4, 5}, {6, 7, 8}]
BAR = 2.4e-2  # pykan's error


def patterns() -> tuple[Tensor, Tensor]:
    """All patterns of nine signs, and the majority of the majorities of three."""
    bits = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=torch.float64)] * 9)
    return bits, bits.reshape(-1, 3, 3).sum(2).sign().sum(1).sign()[:, None]


def modules(model: KAN) -> list[set[int]]:
    """The inputs of each node of the first level."""
    inputs: dict[int, set[int]] = {}
    for layer, source, target in model.active_edges():
        if layer == 0:
            inputs.setdefault(target, set()).add(source)
    return sorted(inputs.values(), key=min)


def sparse(x: Tensor, y: Tensor, seed: int) -> tuple[int, float, KAN]:
    """A pruned network: how many edges it has, its error, and itself."""
    model = KAN([9, 10, 10, 1], grid=3, seed=seed, dtype=torch.float64, grid_range=(-1.5, 1.5))
    for _ in range(3):
        model.fit((x, y), steps=30, lamb=1e-3)
        model = model.prune()
    error = model.fit((x, y), steps=10).train_loss
    return len(list(model.active_edges())), error, model


def find(seed: int, quick: bool) -> list[Outcome]:
    """The smallest of the networks that are right, from a few starts."""
    x, y = patterns()
    tried = [sparse(x, y, 100 * start + seed) for start in range(2 if quick else 4)]
    _, error, model = min((one for one in tried if one[1] < BAR), key=lambda one: one[0])
    accuracy = float((model(x).sign() == y).double().mean())
    found = modules(model)
    text = f"modules {[sorted(bit + 1 for bit in group) for group in found]}, accuracy {accuracy:.1%}"
    return [Outcome("majorities", text, error, BAR, found == TRUE and accuracy == 1, (model, x))]


def draw(outcomes: list[Outcome]) -> Figure:
    """The pruned network."""
    model, x = outcomes[0].shown
    figure, axes = panels(1, width=8, height=4.5)
    plot(model, x, ax=axes[0], title="a majority of majorities")
    return figure


if __name__ == "__main__":
    tell("modules", find, draw)
