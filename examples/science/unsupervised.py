"""Which columns of a table depend on each other, and how? Six columns, two hidden relations, no target.

A network [6, 1, 1] whose last function is held as a Gaussian tells the data from a copy with shuffled columns. Sets of
columns that can be shuffled as a whole without its noticing are closed: the smallest ones are the groups that belong
together. Within each group a sparse network finds the law of one column in the others.

Run: python examples/science/unsupervised.py [--seeds 5] [--quick] [--out demo-output]
"""

from __future__ import annotations

import math
from itertools import combinations

import torch
from matplotlib.figure import Figure
from study import Outcome, panels, tell
from torch import Tensor

from edgewise import KAN

NAMES = [f"x_{number}" for number in range(1, 7)]
GROUPS = [(0, 1, 2), (3, 4), (5,)]
STAYS = 0.8  # of the network's output on the data


def measured(seed: int, count: int) -> Tensor:
    """x_3 = exp(sin(pi x_1) + x_2^2), x_5 = x_4^3, and x_6 by itself."""
    random = torch.Generator().manual_seed(seed)
    a, b, c, d = (2 * torch.rand(count, 4, generator=random, dtype=torch.float64) - 1).unbind(1)
    return torch.stack([a, b, torch.exp(torch.sin(math.pi * a) + b**2), c, c**3, d], 1)


def shuffled(x: Tensor, columns: tuple[int, ...], random: torch.Generator) -> Tensor:
    """The samples with these columns moved together to other samples."""
    new, order = x.clone(), torch.randperm(len(x), generator=random)
    new[:, columns] = x[order][:, columns]
    return new


def trained(x: Tensor, seed: int) -> tuple[KAN, float]:
    """A network that is 1 on the data and 0 on shuffled columns, and its error on half the samples."""
    random = torch.Generator().manual_seed(seed)
    negative = x
    for column in range(6):
        negative = shuffled(negative, (column,), random)
    both = torch.cat([x, negative])
    labels = torch.cat([torch.ones(len(x), 1), torch.zeros(len(x), 1)]).double()
    model = KAN([6, 1, 1], grid=5, seed=seed, dtype=torch.float64, grid_range=(-3.0, 3.0))
    model = model.fix((1, 0, 0), "gaussian", a=1.0, b=0.0, c=1.0, d=0.0, hold=("a", "b", "c", "d"))
    data = {
        "train_input": both[::2],
        "train_label": labels[::2],
        "test_input": both[1::2],
        "test_label": labels[1::2],
    }
    return model, model.fit(data, steps=50).test_loss


def closed_sets(model: KAN, x: Tensor, seed: int) -> list[tuple[int, ...]]:
    """The smallest sets of columns that can be shuffled as a whole."""
    random, usual, groups = torch.Generator().manual_seed(seed), float(model(x).mean()), []
    for size in range(1, 7):
        for columns in combinations(range(6), size):
            new = not any(set(group) & set(columns) for group in groups)
            if new and float(model(shuffled(x, columns, random)).mean()) >= STAYS * usual:
                groups.append(columns)
    return groups


def relation(x: Tensor, group: tuple[int, ...], seed: int) -> str:
    """An exact law of one column in the others, read off a sparse network; empty if there is none."""
    for target in reversed(group):
        others = [column for column in group if column != target]
        model = KAN(
            [len(others), 5, 1], seed=seed, dtype=torch.float64, input_names=[NAMES[c] for c in others]
        )
        for _ in range(2):
            model.fit((x[:, others], x[:, target]), steps=40, lamb=1e-3)
            model = model.prune()
        model = model.refine(10)
        model.fit((x[:, others], x[:, target]), steps=10)
        law = model.symbolify().formula(splines="named")
        if law.verdict == "exact":
            return f"{NAMES[target]} = {law.expr}"
    return ""


def find(seed: int, quick: bool) -> list[Outcome]:
    """Groups and their relations; the table and the network for the picture."""
    x = measured(seed, 2000)
    standard = (x - x.mean(0)) / x.std(0)
    model, error = min(
        (trained(standard, 100 * start + seed) for start in range(1 if quick else 3)), key=lambda one: one[1]
    )
    model.requires_grad_(False)
    groups = closed_sets(model, standard, seed)
    laws = [] if quick else [relation(x, group, seed) for group in groups if len(group) > 1]
    right = sorted(groups) == GROUPS and all(laws)
    text = f"groups {[tuple(c + 1 for c in group) for group in groups]}; {', '.join(laws)}"
    return [Outcome("two relations", text, error, 1.78e-1, right, (model, standard, x))]


def draw(outcomes: list[Outcome]) -> Figure:
    """How far the output falls when two columns are shuffled one by one, and the second relation."""
    model, standard, x = outcomes[0].shown
    random, falls = torch.Generator().manual_seed(0), torch.zeros(6, 6)
    for i in range(6):
        for j in range(6):
            together = shuffled(standard, (i, j) if i != j else (i,), random)
            falls[i, j] = 1 - float(model(together).mean() / model(standard).mean())
    figure, axes = panels(2)
    image = axes[0].imshow(falls.numpy(), cmap="Blues", vmin=0)
    axes[0].set(
        xticks=range(6),
        yticks=range(6),
        xticklabels=NAMES,
        yticklabels=NAMES,
        title="output lost when shuffled together",
    )
    figure.colorbar(image, ax=axes[0])
    axes[1].plot(x[:, 3].numpy(), x[:, 4].numpy(), ".", markersize=2)
    axes[1].set(xlabel="x_4", ylabel="x_5", title="x_5 = x_4^3")
    return figure


if __name__ == "__main__":
    tell("unsupervised", find, draw)
