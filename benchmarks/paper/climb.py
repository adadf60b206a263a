"""One rule for all functions: shapes tried in order, grid and shape chosen by samples set aside, then all samples.

150 of the training samples are set aside. Every shape climbs a ladder of grids: 4, 8, 16 and so on, to 64 at
most and as long as its splines have fewer coefficients than there are samples; on the first from the best of
`STARTS` start values, each trained for `START_STEPS` iterations of Levenberg-Marquardt with steps that bend.
The lowest mean absolute error on the samples set aside decides (of squares, one sample in a corner may be
nearly all); that network is trained a little more on all training samples. A shape is the last to be tried
where it left less than a share `enough` of the targets' deviation. Test samples are looked at once.
"""

from __future__ import annotations

import copy
import time
from typing import Any, NamedTuple

import torch
from torch import Tensor

from edgewise import KAN
from edgewise.network import Network
from edgewise.optim import LevenbergMarquardt
from edgewise.train.data import Data
from edgewise.train.ladder import ladder
from edgewise.train.residuals import SMOOTH
from edgewise.train.starts import advance, begin

FIRST_GRID, MOST_GRID = 4, 64
DEGREE = 5
STARTS, START_STEPS = 3, 50
STEPS, LAST_STEPS = 100, 60
ASIDE = 150
SOLVER = LevenbergMarquardt(solver="cholesky", bend=0.75, keep_scale=False, least_scale=1e-6)

Shape = list[Any]


class Climbed(NamedTuple):
    """The network that was chosen, and what it came to.

    Args:
        shape: Its width; [sums, products] where a level has products.
        grid: Its grid.
        count: Edges times grid, as the paper counts.
        parameters: All numbers that are trained.
        test_loss: Root mean square on the test samples.
        validation_loss: Mean absolute error on the samples set aside, before the last steps.
        seconds: Processor time of everything, all shapes included.
    """

    shape: Shape
    grid: int
    count: int
    parameters: int
    test_loss: float
    validation_loss: float
    seconds: float


def climbed(
    data: dict[str, Tensor],
    shapes: list[Shape],
    seed: int,
    *,
    enough: float,
    degree: int = DEGREE,
    steps: int = STEPS,
) -> Climbed:
    """The outcome for one function and seed.

    Args:
        data: Training and test samples, inputs from -1 to 1.
        shapes: Tried in this order.
        seed: Of start values and of the samples set aside.
        enough: Share of the targets' deviation at which no further shape is tried.
        degree: Of the splines.
        steps: Iterations to a grid.
    """
    began = time.process_time()
    training = set_aside(data["train_input"], data["train_label"], seed)
    spread = float(data["train_label"].std())
    best: tuple[float, int, Shape, Network] | None = None
    for shape in shapes:
        model = KAN(shape, grid=FIRST_GRID, k=degree, seed=seed, dtype=torch.float64)
        result = ladder(
            model,
            training,
            grids=grids_of(model, training.samples),
            starts=STARTS,
            start_steps=START_STEPS,
            steps=steps,
            solver=SOLVER,
            seed=seed,
        )
        for rung in result.rungs:
            loss = _left(rung.model, training)
            if best is None or loss < best[0]:
                best = loss, rung.grid, shape, rung.model
        assert best is not None
        if best[0] < enough * spread:
            break
    assert best is not None
    loss, grid, shape, chosen = best
    finished = on_all(chosen, data["train_input"], data["train_label"])
    with torch.no_grad():
        left = finished(data["test_input"]) - data["test_label"]
    return Climbed(
        shape,
        grid,
        grid * _edges(finished),
        sum(parameter.numel() for parameter in finished.parameters() if parameter.requires_grad),
        float(left.square().mean().sqrt()),
        loss,
        time.process_time() - began,
    )


def grids_of(model: Network, samples: int) -> list[int]:
    """Twice as many each time, as long as the splines have fewer coefficients than there are samples."""
    grids = [FIRST_GRID]
    while 2 * grids[-1] <= MOST_GRID and _edges(model) * (2 * grids[-1] + model.stages[0].spline.k) < samples:
        grids.append(2 * grids[-1])
    return grids


def set_aside(x: Tensor, y: Tensor, seed: int) -> Data:
    """Samples to train on, and `ASIDE` drawn to choose by."""
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    aside, kept = order[:ASIDE], order[ASIDE:]
    return Data(x[kept], y[kept], validation_x=x[aside], validation_y=y[aside])


def on_all(model: Network, x: Tensor, y: Tensor) -> Network:
    """A little more training, now on all samples."""
    candidate = begin(copy.deepcopy(model), x, y, None, SOLVER, SMOOTH)
    advance(candidate, SOLVER, LAST_STEPS, x=x, stall=1e-3)
    return candidate.model


def _left(model: Network, data: Data) -> float:
    with torch.no_grad():
        return float((model(data.validation_x) - data.validation_y).abs().mean())


def _edges(model: Network) -> int:
    return sum(stage.spline.in_features * stage.spline.out_features for stage in model.stages)
