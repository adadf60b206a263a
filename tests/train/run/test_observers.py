from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise.errors import FileError
from edgewise.events import Stop, StopReason
from edgewise.network import build
from edgewise.train.run.observers import CheckpointWriter, LearningRate, UpdateGrids, check_knots


class Notebook:
    """A checkpoint that notes what is written, and the run that is kept in it."""

    def __init__(self, every: int) -> None:
        self.every, self.written = every, []

    def due(self, done: int) -> bool:
        return done % self.every == 0

    def write(self, state: object) -> None:
        self.written.append(state)

    def state_dict(self, stop: Stop | None = None) -> object:
        return stop or "going on"


def test_a_checkpoint_is_written_where_due_and_once():
    book = Notebook(every=2)
    writer = CheckpointWriter(book, book)
    writer.start(None, 4)
    for done in (4, 5, 6, 7):
        writer.before(None, done)
    assert book.written == ["going on"]


@pytest.mark.parametrize("reason", StopReason)
def test_an_end_is_written_unless_the_run_is_to_be_gone_on_with(reason):
    book = Notebook(every=2)
    CheckpointWriter(book, book).end(None, Stop(reason))
    assert book.written == ([] if reason in ("interrupted", "cancelled") else [Stop(reason)])
    CheckpointWriter(book, book).end(None, None)
    assert len(book.written) < 2


def test_the_learning_rate_moves_by_the_monitored_loss():
    class Schedule:
        def __init__(self) -> None:
            self.seen: list[float] = []

        def step(self, monitored: float) -> None:
            self.seen.append(monitored)

    schedule = Schedule()
    LearningRate(schedule, lambda: 0.5).after(None, 1)
    assert schedule.seen == [0.5]


def test_grids_that_are_not_due_stay(monkeypatch):
    class Never:
        def due(self, step: int) -> bool:
            return False

        def remains(self, step: int, steps: int) -> bool:
            return step < 3

    updates = UpdateGrids(nn.Linear(1, 1), torch.zeros(2, 1), Never(), 5, [])
    updates.before(None, 0)
    assert [updates.will_restart(done) for done in (2, 3)] == [True, False]


def test_knots_that_cannot_be_are_refused():
    model = build([1, 1], seed=0)
    check_knots(model)
    check_knots(nn.Linear(1, 1))
    with torch.no_grad():
        model.layers[0].basis.knots.fill_(1.0)
    with pytest.raises(FileError, match="knots"):
        check_knots(model)
