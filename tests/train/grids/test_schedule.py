"""Which grids, when to go on, and what ends it."""

from __future__ import annotations

import pytest

from edgewise.errors import Cancelled, InputError
from edgewise.events import StopReason
from edgewise.network import build
from edgewise.train.grids.schedule import GridSchedule, GridStage, is_improving, run_stages


def run(results, goes_on=lambda losses: True):
    stages = []

    def train(result):
        if isinstance(result, type):
            raise result
        loss, stop = result
        return GridStage(3, 1, 0.0, stop, loss)

    return run_stages(results, train, stages, goes_on), [stage.selection_loss for stage in stages]


STEPS = StopReason.STEPS


def test_all_grids_are_trained_on_unless_one_is_no_better():
    results = [(1.0, STEPS), (0.99, STEPS), (0.1, STEPS)]
    assert run(results) == (StopReason.GRIDS, [1.0, 0.99, 0.1])
    assert run(results, is_improving) == (StopReason.NO_BETTER_GRID, [1.0, 0.99])


@pytest.mark.parametrize(
    "reason", ["non-finite", "interrupted", "cancelled", "callback", "time", "tolerance"]
)
def test_reasons_that_end_all(reason):
    assert run([(1.0, STEPS), (0.5, StopReason(reason)), (0.1, STEPS)]) == (reason, [1.0, 0.5])


@pytest.mark.parametrize("reason", ["converged", "plateau", "patience", "no descent"])
def test_reasons_after_which_a_finer_grid_is_tried(reason):
    assert run([(1.0, StopReason(reason)), (0.1, STEPS)])[1] == [1.0, 0.1]


@pytest.mark.parametrize(("cause", "reason"), [(KeyboardInterrupt, "interrupted"), (Cancelled, "cancelled")])
def test_an_interruption_keeps_what_there_is(cause, reason):
    assert run([(1.0, STEPS), cause, (0.1, STEPS)]) == (reason, [1.0])
    with pytest.raises(cause):
        run([cause, (1.0, STEPS)])


def test_grids_are_given_or_doubled():
    model = build([2, 1], grid=5)
    given, doubled = (GridSchedule.of(grids, model, max_grid=40) for grids in ([4, 9], "auto"))
    assert given == GridSchedule((4, 9)) and given.goes_on([1.0, 2.0])
    assert doubled == GridSchedule((5, 10, 20, 40), until_no_better=True) and not doubled.goes_on([1.0, 2.0])


@pytest.mark.parametrize("grids", [[], [5, 3], [3, 3], [0, 2], "all", [2.5]])
def test_grids_must_rise(grids):
    with pytest.raises(InputError, match="fit: grids must be"):
        GridSchedule.of(grids, build([2, 1]), max_grid=40)
