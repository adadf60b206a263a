from __future__ import annotations

import math
import threading
from types import SimpleNamespace

import pytest

from edgewise.events import Stop, StopReason, listen
from edgewise.optim import Callback, EarlyStopping, Listener, Plateau, Stall, Tolerance


def stopped_at(observer, values):
    process = SimpleNamespace(value=values[0])
    observer.start(process, 0)
    for done, value in enumerate(values[1:], 1):
        process.value = value
        stop = observer.after(process, done)
        if stop is not None:
            return done, stop.reason
    return None


def test_a_plateau_is_a_window_that_gains_too_little():
    falling = [2.0**-k for k in range(20)]
    assert stopped_at(Plateau(3, 0.1), falling) is None
    assert stopped_at(Plateau(3, 0.1), [4.0, 2.0, 1.0, 0.99, 0.98, 0.97, 0.96]) == (5, "plateau")
    assert stopped_at(Plateau(3, 0.0), [1.0] * 9) is None


def test_a_stall_is_so_many_small_steps_in_a_row():
    assert stopped_at(Stall(2, 0.1), [8.0, 7.9, 4.0, 3.9, 2.0, 1.99, 1.98, 1.0]) == (6, "plateau")
    assert stopped_at(Stall(2, 0.1), [2.0**-k for k in range(9)]) is None


def test_a_value_small_enough_is_a_reason():
    assert stopped_at(Tolerance(0.5), [4.0, 1.0, 0.5, 0.1]) == (2, "tolerance")


def test_a_plateau_begins_anew_with_another_problem():
    plateau = Plateau(2, 0.1)
    process = SimpleNamespace(value=1.0)
    plateau.start(process, 0)
    assert plateau.after(process, 1) is None
    plateau.restart(1.0)
    assert plateau.after(process, 2) is None and plateau.after(process, 3).reason == "plateau"


@pytest.mark.parametrize(("patience", "expected"), [(2, (4, "patience")), (3, None)])
def test_early_stopping_keeps_the_best_and_loses_patience(patience, expected):
    losses, taken = iter([3.0, math.nan, 1.0, 2.0, 1.5, 0.5]), []
    stopping = EarlyStopping(lambda: next(losses), lambda: taken.append(True), patience)
    assert stopped_at(stopping, [0.0] * 6) == expected
    assert len(taken) == (3 if expected is None else 2)
    assert stopping.lowest == (0.5 if expected is None else 1.0)


def test_a_run_that_goes_on_is_not_measured_before_its_first_step():
    stopping = EarlyStopping(lambda: 1 / 0, lambda: None)
    stopping.start(None, 3)


def test_a_true_answer_of_a_callback_is_a_reason():
    seen = []
    callback = Callback(lambda done, value: seen.append((done, value)) or done == 2, lambda: "all")
    assert stopped_at(callback, [0.0] * 5) == (2, "callback")
    assert seen == [(1, "all"), (2, "all")]


def test_nobody_listening_costs_no_values():
    assert Listener("fit", 3, lambda: 1 / 0).after(None, 1) is None


def test_whoever_listens_may_cancel():
    heard, cancel = [], threading.Event()
    listener = Listener("solve", None, lambda: {"residual": 2.0})
    with listen(heard.append, cancel):
        assert listener.after(None, 1) is None
        cancel.set()
        assert listener.after(None, 2) == Stop(StopReason.CANCELLED, "after 2 steps")
    assert [(event.verb, event.step, event.total, dict(event.values)) for event in heard] == [
        ("solve", step, None, {"residual": 2.0}) for step in (1, 2)
    ]
