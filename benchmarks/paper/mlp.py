"""An MLP trained as well as we can: Levenberg-Marquardt, several widths and starts, tanh and SiLU."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from edgewise.train import fit


class Trained(NamedTuple):
    """The best of several MLPs on the test samples."""

    test_loss: float
    parameters: int
    shape: str
    seconds: float


def mlp(widths: list[int], activation: type[nn.Module], seed: int) -> nn.Sequential:
    """Linear layers with an activation between them, float64, torch's own start values."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        parts: list[nn.Module] = []
        for before, after in pairwise(widths):
            parts += [nn.Linear(before, after), activation()]
        return nn.Sequential(*parts[:-1]).double()


def best_mlp(
    data: dict[str, Tensor], hidden: list[list[int]], *, starts: int = 2, steps: int = 200, opt: Any = "LM"
) -> Trained:
    """The lowest test error of all shapes, activations and starts: chosen by the test samples, in its favour."""
    inputs, outputs = data["train_input"].shape[1], data["train_label"].shape[1]
    found, began = [], time.perf_counter()
    for layers in hidden:
        for activation in (nn.Tanh, nn.SiLU):
            for seed in range(starts):
                model = mlp([inputs, *layers, outputs], activation, seed)
                result = fit(model, data, opt=opt, steps=steps, progress=False)
                count = sum(parameter.numel() for parameter in model.parameters())
                shape = f"{[inputs, *layers, outputs]} {activation.__name__.lower()}"
                found.append((result.test_loss or float("inf"), count, shape))
    loss, count, shape = min(found)
    return Trained(loss, count, shape, time.perf_counter() - began)
