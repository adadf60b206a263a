from __future__ import annotations

import math

import pytest

from edgewise.events import Stop, StopReason
from edgewise.optim.loop import Loop, Observer
from edgewise.optim.status import LINE_SEARCH_FAILED, NOT_FINITE, SMALL_CHANGE, SMALL_GRADIENT


class Played:
    """A process that plays values, and statuses by the step."""

    def __init__(self, values, statuses=None) -> None:
        self.values, self.statuses, self.steps = values, statuses or {}, 0

    @property
    def value(self) -> float:
        return self.values[self.steps - 1]

    @property
    def status(self) -> Stop | None:
        return self.statuses.get(self.steps)

    def step(self) -> None:
        self.steps += 1


class Notes(Observer):
    """Notes what it is asked, and may stop, restart or raise."""

    def __init__(self, notes, name="", stop_at=None, restarts=0, error=None) -> None:
        self.notes, self.name, self.stop_at = notes, name, stop_at
        self.restarts, self.error = restarts, error

    def start(self, process, done):
        self.notes.append(f"{self.name}start {done}")

    def before(self, process, done):
        self.notes.append(f"{self.name}before {done}")

    def after(self, process, done):
        self.notes.append(f"{self.name}after {done}")
        if self.error is not None:
            raise self.error
        return Stop(StopReason.CALLBACK) if done == self.stop_at else None

    def will_restart(self, done):
        return done < self.restarts

    def end(self, process, stop):
        self.notes.append(f"{self.name}end {stop and stop.reason}")


def test_observers_are_asked_in_order_and_end_in_the_opposite_one():
    notes = []
    stop = Loop(Played([1.0] * 5), 2, [Notes(notes, "a "), Notes(notes, "b ")]).run()
    assert stop == Stop(StopReason.STEPS)
    one = ["a before {0}", "b before {0}", "a after {1}", "b after {1}"]
    steps = [line.format(done, done + 1) for done in (0, 1) for line in one]
    assert notes == ["a start 0", "b start 0", *steps, "b end steps", "a end steps"]


def test_the_first_observer_with_a_reason_ends_the_loop():
    notes = []
    loop = Loop(Played([1.0] * 5), 5, [Notes(notes, "a ", stop_at=2), Notes(notes, "b ")])
    assert loop.run().reason == "callback" and loop.done == 2
    assert "b after 1" in notes and "b after 2" not in notes


def test_a_loop_goes_on_where_an_earlier_one_stopped():
    process = Played([1.0] * 5)
    loop = Loop(process, 5, done=3)
    assert loop.run().reason == "steps" and process.steps == 2 and loop.done == 5


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_step_without_a_finite_value_ends_it_and_does_not_count(value):
    notes = []
    loop = Loop(Played([1.0, value, 1.0]), 3, [Notes(notes)])
    assert loop.run() == Stop(StopReason.NON_FINITE, "at step 2")
    assert loop.done == 1 and "after 2" not in notes


@pytest.mark.parametrize(
    ("status", "done"), [(SMALL_CHANGE, 3), (LINE_SEARCH_FAILED, 3), (SMALL_GRADIENT, 1), (NOT_FINITE, 1)]
)
def test_a_process_at_its_end_goes_on_only_if_it_will_be_restarted(status, done):
    loop = Loop(Played([1.0] * 6, dict.fromkeys(range(1, 7), status)), 6, [Notes([], restarts=3)])
    assert loop.run() == status and loop.done == done


def test_ctrl_c_is_a_reason_only_where_that_was_asked():
    notes = []
    observers = [Notes(notes, error=KeyboardInterrupt())]
    assert Loop(Played([1.0]), 3, observers, interruptible=True).run() == Stop(
        StopReason.INTERRUPTED, "after 1 steps"
    )
    with pytest.raises(KeyboardInterrupt):
        Loop(Played([1.0]), 3, observers).run()
    assert notes[-4:] == ["start 0", "before 0", "after 1", "end None"]
