"""One rule for all functions of a set: shapes in order, grid and shape chosen by samples set aside, then all samples.

150 of the training samples are set aside. The grids of every shape are extended: 4, 8, 16 and so on, as long as
its splines have fewer coefficients than there are samples; on the first from the best of several start values.
The lowest error on the samples set aside decides; that network is trained a little more on all training
samples. A shape is the last to be tried where it left less than a share `enough` of the targets' deviation.
Test samples are looked at once.
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
from edgewise.train import Data, GridExtension, extend_grids
from edgewise.train.multi_start import init_candidate, run_candidate
from edgewise.train.objective.residuals import ROUGHNESS_WEIGHT

FIRST_GRID = 4
DEGREE = 5
ASIDE = 150

Shape = list[Any]


class Rule(NamedTuple):
    """How long and by what all functions of a set are trained.

    Args:
        hidden: Shapes between inputs and output, tried in this order after the paper's own if there is one.
        starts: Start values on the first grid.
        start_steps: Iterations that each is given.
        steps: Iterations to a grid.
        last_steps: Iterations on all training samples.
        most_grid: No finer grid is tried.
        solver: Settings of Levenberg-Marquardt.
        absolute: Whether the mean absolute error on the samples set aside decides, or the mean square: of
            small squares, one sample in a corner may be nearly all.
    """

    hidden: list[Shape]
    starts: int
    start_steps: int
    steps: int
    last_steps: int
    most_grid: int
    solver: LevenbergMarquardt
    absolute: bool


BENT = LevenbergMarquardt(
    solver="cholesky", geodesic_acceleration=0.75, monotone_scaling=False, min_relative_scale=1e-6
)
SHORT = Rule([[4, 4]], 4, 10, 40, 8, 16, BENT, absolute=False)
LONG = Rule([[[0, 2]], [5, 5], [[0, 6]]], 3, 50, 100, 60, 64, BENT, absolute=True)


class Climbed(NamedTuple):
    """The network that was chosen, and what it came to.

    Args:
        shape: Its width; [sums, products] where a level has products.
        grid: Its grid.
        count: Edges times grid, as the paper counts.
        parameters: All numbers that are trained.
        test_loss: Root mean square on the test samples.
        validation_loss: Error on the samples set aside, before the last steps, as the rule measures it.
        seconds: Processor time of everything, all shapes included.
    """

    shape: Shape
    grid: int
    count: int
    parameters: int
    test_loss: float
    validation_loss: float
    seconds: float


def trained_over_grids(
    data: dict[str, Tensor], shapes: list[Shape], seed: int, *, enough: float, rule: Rule
) -> Climbed:
    """The outcome for one function and seed.

    Args:
        data: Training and test samples, inputs from -1 to 1.
        shapes: Tried in this order.
        seed: Of start values and of the samples set aside.
        enough: Share of the targets' deviation at which no further shape is tried.
        rule: How they are trained.
    """
    began = time.process_time()
    training = set_aside(data["train_input"], data["train_label"], seed)
    spread = float(data["train_label"].std())
    best: tuple[float, int, Shape, Network] | None = None
    for shape in shapes:
        model = KAN(shape, grid=FIRST_GRID, k=DEGREE, seed=seed, dtype=torch.float64)
        grids = grids_of(model, training.samples, rule.most_grid)
        extension = GridExtension(grids, n_starts=rule.starts, start_steps=rule.start_steps)
        result = extend_grids(model, training, extension, steps=rule.steps, solver=rule.solver, seed=seed)
        for stage in result.stages:
            loss = _left(stage.model, training, rule.absolute)
            if best is None or loss < best[0]:
                best = loss, stage.grid, shape, stage.model
        assert best is not None
        if best[0] < enough * spread:
            break
    assert best is not None
    loss, grid, shape, chosen = best
    finished = on_all(chosen, data["train_input"], data["train_label"], rule)
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


def grids_of(model: Network, samples: int, most: int) -> list[int]:
    """Twice as many each time, as long as the splines have fewer coefficients than there are samples."""
    grids = [FIRST_GRID]
    while 2 * grids[-1] <= most and _edges(model) * (2 * grids[-1] + DEGREE) < samples:
        grids.append(2 * grids[-1])
    return grids


def set_aside(x: Tensor, y: Tensor, seed: int) -> Data:
    """Samples to train on, and `ASIDE` drawn to choose by."""
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    aside, kept = order[:ASIDE], order[ASIDE:]
    return Data(x[kept], y[kept], validation_x=x[aside], validation_y=y[aside])


def on_all(model: Network, x: Tensor, y: Tensor, rule: Rule) -> Network:
    """A little more training, now on all samples."""
    candidate = init_candidate(copy.deepcopy(model), x, y, None, rule.solver, ROUGHNESS_WEIGHT)
    run_candidate(candidate, rule.last_steps, x=x, plateau_tol=1e-3)
    return candidate.model


@torch.no_grad()
def _left(model: Network, data: Data, absolute: bool) -> float:
    errors = model(data.validation_x) - data.validation_y
    return float(errors.abs().mean() if absolute else errors.square().mean().sqrt())


def _edges(model: Network) -> int:
    return sum(layer.basis.in_features * layer.basis.out_features for layer in model.layers)
