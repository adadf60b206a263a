from __future__ import annotations

import math
import threading

import pytest
import torch
from torch import nn

from edgewise.events import Stop, listen
from edgewise.network import build
from edgewise.optim.status import LINE_SEARCH_FAILED, SMALL_CHANGE, SMALL_GRADIENT
from edgewise.train.data.data import Data
from edgewise.train.evaluation import Evaluation
from edgewise.train.grids.updates import GridUpdates
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Report
from edgewise.train.run import observers as module
from edgewise.train.run.progress import Progress
from edgewise.train.run.training_run import TrainingRun


class Played:
    """An engine that plays given losses and writes the step's number into the weight."""

    def __init__(
        self, model: nn.Linear, losses: list[float], statuses: dict[int, Stop] | None = None
    ) -> None:
        self.model, self.losses, self.statuses = model, losses, statuses or {}
        self.steps = self.evaluations = self.restarts = self.undone = 0
        self.status = None
        self.current = Report(10.0, 10.0, None)

    @property
    def value(self) -> float:
        return self.current.objective

    def step(self) -> Report:
        loss = self.losses[self.steps]
        self.steps += 1
        with torch.no_grad():
            next(self.model.parameters()).fill_(self.steps)
        self.status = self.statuses.get(self.steps)
        self.current = Report(loss, loss, None)
        return self.current

    def restart(self) -> Report:
        self.restarts += 1
        return Report(100.0, 100.0, None)

    def undo_restart(self) -> None:
        self.undone += 1


def run_of(losses, *, statuses=None, grids=None, moved=None, **settings) -> TrainingRun:
    model = nn.Linear(1, 1)
    x = torch.zeros(3, 1)
    evaluation = Evaluation(model, Data(x, x), as_loss("mse"), {})
    grids = GridUpdates(0) if grids is None else grids
    engine = Played(model, losses, statuses)
    return TrainingRun(
        moved or model, engine, evaluation, grids, len(losses), Progress(len(losses), False), **settings
    )


@pytest.mark.parametrize(("best", "weight"), [(True, 2.0), (False, 4.0)])
def test_the_weights_left_are_the_best_or_the_last(best, weight):
    run = run_of([3.0, 1.0, 2.0, 5.0], best=best)
    assert run.run().reason == "steps"
    assert run.done == 4 and run.model.weight.item() == weight


def test_patience_counts_steps_without_improvement():
    run = run_of([3.0, 1.0, 2.0, 5.0, 4.0, 0.5], patience=3)
    assert run.run().reason == "patience"
    assert run.done == 5 and run.model.weight.item() == 2.0


def test_a_loss_that_is_not_finite_is_not_recorded():
    run = run_of([3.0, math.nan, 1.0], best=False)
    stop = run.run()
    assert (stop.reason, stop.detail) == ("non-finite", "at step 2")
    assert run.evaluation.history["mse"] == [3.0] and run.model.weight.item() == 1.0


def test_an_optimiser_that_is_done_ends_the_loop():
    stop = run_of([3.0, 2.0, 1.0], statuses={2: SMALL_CHANGE}).run()
    assert stop == SMALL_CHANGE and stop.reason == "converged"


def test_a_failed_line_search_is_not_called_converged():
    assert run_of([3.0, 2.0], statuses={1: LINE_SEARCH_FAILED}).run().reason == "no descent"


def test_whoever_listens_hears_each_step_and_may_cancel():
    heard, cancel = [], threading.Event()

    def handler(event):
        heard.append(event)
        if event.step == 3:
            cancel.set()

    run = run_of([3.0, 1.0, 2.0, 5.0], best=False)
    with listen(handler, cancel):
        stop = run.run()
    assert (stop.reason, stop.detail, run.done) == ("cancelled", "after 3 steps", 3)
    assert [(event.kind, event.verb, event.step, event.total) for event in heard] == [
        ("step", "fit", step, 4) for step in (1, 2, 3)
    ]
    assert heard[1].values["mse"] == 1.0 and run.model.weight.item() == 2.0


def test_a_stall_waits_for_the_next_grid_but_a_minimum_does_not():
    for status, done in ((SMALL_CHANGE, 4), (SMALL_GRADIENT, 1)):
        run = run_of(
            [3.0] * 6,
            statuses=dict.fromkeys(range(1, 7), status),
            grids=GridUpdates(4, 3, 4),
            moved=build([1, 1], seed=0),
        )
        assert run.run().reason == "converged"
        assert run.done == done


def test_a_grid_update_that_hurts_is_taken_back(monkeypatch):
    def move(model, x, **settings):
        with torch.no_grad():
            model.weight.fill_(99.0)
        return True

    monkeypatch.setattr(module, "move_grids", move)
    run = run_of([3.0, 2.0], grids=GridUpdates(1, 0, 1))
    run.run()
    assert (run.engine.restarts, run.engine.undone) == (1, 1)
    assert "taken back" in run.notes[0] and run.model.weight.item() == 2.0
