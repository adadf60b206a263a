from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading

import numpy as np
import pytest
import torch
from sympy.core.parameters import global_parameters

from edgewise.discovery import deadline
from edgewise.discovery.deadline import TimeUpError, noticing_interrupts, within


def forever():
    while True:
        pass


def test_work_in_python_is_broken_off():
    with pytest.raises(TimeUpError):
        within(0.02, forever)


def test_nothing_comes_after_the_block():
    broken = 0
    for time in range(60):
        try:
            within(0.0002 * (time % 5), lambda: sum(range(5000)))
        except TimeUpError:
            broken += 1
    for _ in range(200_000):
        pass
    assert broken > 0


def test_the_inner_of_two_ends_first():
    def inner():
        with pytest.raises(TimeUpError):
            within(0.02, forever)
        return "on"

    assert within(30, inner) == "on"
    with pytest.raises(TimeUpError):
        within(0.02, lambda: within(30, forever))


def test_an_inner_one_that_was_left_unclosed_stays_silent(monkeypatch):
    closings = []

    def broken_off(guard):  # as an exception of the outer one would, on the way to closing the inner one
        closings.append(guard)

    monkeypatch.setattr(deadline, "_closed", broken_off)
    assert within(0.05, lambda: "done") == "done"
    monkeypatch.undo()
    closings[0]._thread.join(5)
    assert not closings[0]._thread.is_alive()
    for _ in range(100_000):
        pass


def test_an_outer_end_while_the_inner_one_closes_is_not_lost(monkeypatch):
    class Outer(deadline._TimeUp):
        pass

    class Guard:
        signal, times = type("_TimeUp", (deadline._TimeUp,), {}), 0

        def close(self):
            self.times += 1
            if self.times < 3:
                raise (Outer, self.signal)[self.times - 1]

    guard = Guard()
    with pytest.raises(Outer):
        deadline._closed(guard)
    assert guard.times == 3


def test_an_end_that_strikes_a_callback_is_not_told(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: told.append(args.exc_type))

    class Dying:
        def __init__(self, error):
            self.error = error

        def __del__(self):
            raise self.error

    def work():
        Dying(deadline._TimeUp())
        Dying(ValueError())

    before = sys.unraisablehook
    within(30, work)
    assert told == [ValueError]
    assert sys.unraisablehook is before


def test_an_import_is_not_broken_off(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "long_to_import.py").write_text("total = sum(range(20_000_000))\nready = True\n")

    def work():
        importlib.import_module("long_to_import")
        forever()

    with pytest.raises(TimeUpError):
        within(0.1, work)
    assert sys.modules.pop("long_to_import").ready


def test_work_is_broken_off_in_a_module_that_is_being_imported(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "calls_within.py").write_text(
        "from edgewise.discovery.deadline import TimeUpError, within\n"
        "try:\n    within(0.02, lambda: [n for n in iter(int, 1)])\n"
        "except TimeUpError:\n    ended = True\n"
    )
    assert importlib.import_module("calls_within").ended
    del sys.modules["calls_within"]


def test_settings_are_put_back_where_a_block_is_broken_off_while_it_ends():
    def work():
        torch.set_grad_enabled(False)
        np.seterr(all="raise")
        global_parameters.distribute = False
        forever()

    before = np.geterr()
    with pytest.raises(TimeUpError):
        within(0.02, work)
    assert torch.is_grad_enabled() and np.geterr() == before and global_parameters.distribute


def test_errors_pass_and_other_threads_work():
    with pytest.raises(ZeroDivisionError):
        within(30, lambda: 1 / 0)
    seen = []

    def work():
        try:
            within(0.02, forever)
        except TimeUpError:
            seen.append("up")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert seen == ["up"]


def test_an_interrupt_is_noticed_even_where_it_is_swallowed():
    noticed = []
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a job in the background ignores Ctrl-C
    try:
        with noticing_interrupts(lambda: noticed.append(1)), contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            forever()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert noticed == [1]


def test_interrupts_that_are_ignored_stay_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with noticing_interrupts(lambda: None):
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
