"""A function on a box, its samples, and what was published about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

TRAIN, TEST = 1000, 1000


class Problem(NamedTuple):
    """A function of several numbers, and the published errors.

    Args:
        name: As in the paper.
        function: From one array to an input, to an array.
        ranges: Lowest and highest value of each input.
        paper: Lowest test error of the paper's KANs and MLPs, whichever is lower.
        paper_mlp: The paper's MLP.
        shape: The paper's shape drawn from the formula, if there is one.
    """

    name: str
    function: Callable[..., np.ndarray]
    ranges: tuple[tuple[float, float], ...]
    paper: float
    paper_mlp: float
    shape: list[int] | None = None


def sampled(problem: Problem, seed: int) -> dict[str, Tensor]:
    """1,000 training and 1,000 test samples of this seed, uniform on the box, in float64.

    Inputs are given as shares of their ranges, from -1 to 1, to every contestant.
    """
    generator = np.random.default_rng(seed)
    low, high = np.array(problem.ranges).T
    parts: dict[str, Tensor] = {}
    for name, count in (("train", TRAIN), ("test", TEST)):
        x = 2 * generator.random((count, len(low))) - 1
        y = problem.function(*(low + (high - low) * (x + 1) / 2).T)
        parts[f"{name}_input"] = torch.from_numpy(x)
        parts[f"{name}_label"] = torch.from_numpy(np.asarray(y, dtype=np.float64))[:, None]
    return parts
