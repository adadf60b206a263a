"""The multi-layer perceptron beside which a KAN is measured."""

from __future__ import annotations

from itertools import pairwise

from torch import nn


def mlp(width: tuple[int, ...]) -> nn.Sequential:
    """Linear layers with SiLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(width):
        layers += [nn.Linear(inputs, outputs), nn.SiLU()]
    return nn.Sequential(*layers[:-1])


def parameters(width: tuple[int, ...]) -> int:
    """Weights and biases of an MLP."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(width))


def widened(width: tuple[int, ...], at_least: int) -> tuple[int, ...]:
    """The smallest width of as many layers with at least so many parameters.

    All hidden levels are multiplied by one factor and rounded.
    """
    first, *hidden, last = width
    steps = hidden[0]
    while True:
        wide = (first, *(round(nodes * steps / hidden[0]) for nodes in hidden), last)
        if parameters(wide) >= at_least:
            return wide
        steps += 1
