from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from edgewise.network import build
from edgewise.optim.quasi_newton import NO_DECREASE, SMALL_GRADIENT
from edgewise.train.data.data import Data
from edgewise.train.evaluation import Evaluation
from edgewise.train.grids.updates import GridUpdates
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Report
from edgewise.train.run import loop as module
from edgewise.train.run.loop import Loop
from edgewise.train.run.progress import Progress


class Played:
    """An engine that plays given losses and writes the step's number into the weight."""

    def __init__(self, model: nn.Linear, losses: list[float], endings: dict[int, str] | None = None) -> None:
        self.model, self.losses, self.endings = model, losses, endings or {}
        self.steps = self.evaluations = self.restarts = self.retracts = 0
        self.ending = None
        self.now = Report(10.0, 10.0, None)

    def step(self) -> Report:
        loss = self.losses[self.steps]
        self.steps += 1
        with torch.no_grad():
            next(self.model.parameters()).fill_(self.steps)
        self.ending = self.endings.get(self.steps)
        self.now = Report(loss, loss, None)
        return self.now

    def restart(self) -> Report:
        self.restarts += 1
        return Report(100.0, 100.0, None)

    def retract(self) -> None:
        self.retracts += 1


def loop_of(losses, *, endings=None, model=None, grids=None, **settings) -> Loop:
    model = nn.Linear(1, 1) if model is None else model
    x = torch.zeros(3, 1)
    evaluation = Evaluation(model, Data(x, x), as_loss("mse"), {})
    grids = GridUpdates(0) if grids is None else grids
    engine = Played(model, losses, endings)
    return Loop(model, engine, evaluation, grids, len(losses), Progress(len(losses), False), **settings)


@pytest.mark.parametrize(("best", "weight"), [(True, 2.0), (False, 4.0)])
def test_the_weights_left_are_the_best_or_the_last(best, weight):
    loop = loop_of([3.0, 1.0, 2.0, 5.0], best=best)
    assert loop.run().reason == "steps"
    assert loop.done == 4 and loop.model.weight.item() == weight


def test_patience_counts_steps_without_improvement():
    loop = loop_of([3.0, 1.0, 2.0, 5.0, 4.0, 0.5], patience=3)
    assert loop.run().reason == "patience"
    assert loop.done == 5 and loop.model.weight.item() == 2.0


def test_a_loss_that_is_not_finite_is_not_recorded():
    loop = loop_of([3.0, math.nan, 1.0], best=False)
    stop = loop.run()
    assert (stop.reason, stop.detail) == ("non-finite", "at step 2")
    assert loop.evaluation.history["mse"] == [3.0] and loop.model.weight.item() == 1.0


def test_an_optimiser_that_is_done_ends_the_loop():
    stop = loop_of([3.0, 2.0, 1.0], endings={2: NO_DECREASE}).run()
    assert (stop.reason, stop.detail) == ("converged", NO_DECREASE)


def test_a_stall_waits_for_the_next_grid_but_a_minimum_does_not():
    for ending, done in ((NO_DECREASE, 4), (SMALL_GRADIENT, 1)):
        loop = loop_of([3.0] * 6, endings=dict.fromkeys(range(1, 7), ending), grids=GridUpdates(4, 3, 4))
        loop.model = build([1, 1], seed=0)
        assert loop.run().reason == "converged"
        assert loop.done == done


def test_a_grid_update_that_hurts_is_taken_back(monkeypatch):
    def move(model, x, **settings):
        with torch.no_grad():
            model.weight.fill_(99.0)
        return True

    monkeypatch.setattr(module, "move_grids", move)
    loop = loop_of([3.0, 2.0], grids=GridUpdates(1, 0, 1))
    loop.run()
    assert (loop.engine.restarts, loop.engine.retracts) == (1, 1)
    assert "taken back" in loop.notes[0] and loop.model.weight.item() == 2.0
