from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import threading
from pathlib import Path

import pytest

import edgewise
from edgewise.errors import Cancelled, EdgewiseError
from edgewise.events import Event, Stop, StopReason, check_cancelled, emit, listen, listening, reason_of


@pytest.mark.parametrize("reason", StopReason)
def test_every_reason_has_advice_in_a_sentence(reason):
    assert reason.advice.endswith(".") and reason.advice[0].isalpha()
    assert str(Stop(reason, "why")) == f"{reason.value} (why): {reason.advice}"


@pytest.mark.parametrize("reason", StopReason)
def test_a_reason_equals_its_word(reason):
    word = reason.value
    assert reason == word and {reason: 1}[word] == 1 and reason in (word,)
    assert str(reason) == f"{reason}" == f"{reason:s}" == word
    assert StopReason(word) is reason
    assert pickle.loads(pickle.dumps(reason)) is copy.deepcopy(reason) is reason


def test_words_differ_and_unknown_ones_are_refused():
    assert len({reason.value for reason in StopReason}) == len(StopReason)
    with pytest.raises(ValueError, match="tired"):
        StopReason("tired")


def test_stops_are_values():
    stop = Stop(StopReason.STEPS)
    assert stop == Stop(StopReason.STEPS) != Stop(StopReason.STEPS, "three")
    assert str(stop) == f"steps: {StopReason.STEPS.advice}" and stop.advice == StopReason.STEPS.advice
    with pytest.raises(dataclasses.FrozenInstanceError):
        stop.detail = "other"


def test_events_arrive_as_they_were_told():
    heard: list[Event] = []
    values = {"loss": 1.0}
    with listen(heard.append):
        assert listening()
        emit("step", "fit", step=2, total=5, values=values)
        emit("message", "prune", text="two edges left")
        emit("version", "fit")
    values["loss"] = 2.0
    assert heard[0] == Event("step", "fit", 2, 5, {"loss": 1.0})
    assert heard[1] == Event("message", "prune", text="two edges left")
    assert heard[2] == Event("version", "fit")
    with pytest.raises(dataclasses.FrozenInstanceError):
        heard[0].step = 3
    with pytest.raises(TypeError):
        heard[0].values["loss"] = 3.0


def test_nobody_hears_outside_of_the_block():
    heard: list[Event] = []
    with pytest.raises(KeyError), listen(heard.append):
        raise KeyError
    assert emit("message", "fit") is False and heard == [] and not listening()


def test_nested_listeners_all_hear_the_inner_one_first():
    order: list[str] = []
    with listen(lambda event: order.append("outer")):
        with listen(lambda event: order.append("inner")):
            emit("message", "fit")
        emit("message", "fit")
    assert order == ["inner", "outer", "outer"]


def test_what_a_handler_raises_is_not_swallowed():
    def handler(event: Event) -> None:
        raise RuntimeError("full disk")

    with listen(handler), pytest.raises(RuntimeError, match="full disk"):
        emit("message", "fit")


def test_a_set_event_cancels_even_from_outside():
    cancel = threading.Event()
    with listen(print, cancel), listen(lambda event: None):
        check_cancelled("prune")
        cancel.set()
        with pytest.raises(Cancelled, match="^prune: "):
            check_cancelled("prune")
    check_cancelled("prune")
    with listen(lambda event: cancel.set(), cancel):
        assert emit("step", "fit", step=1)
    assert issubclass(Cancelled, EdgewiseError)


def test_what_broke_a_run_off_is_told_apart():
    assert [reason_of(KeyboardInterrupt()), reason_of(Cancelled())] == ["interrupted", "cancelled"]


def test_another_thread_does_not_listen():
    heard: list[Event] = []
    with listen(heard.append):
        other = threading.Thread(target=emit, args=("message", "fit"))
        other.start()
        other.join()
    assert heard == []


SOURCE = {
    path: path.read_text("utf-8")
    for path in sorted(Path(edgewise.__file__).parent.rglob("*.py"))
    if path.name != "events.py"
}


@pytest.mark.parametrize("reason", StopReason)
def test_every_reason_ends_something(reason):
    assert any(f"StopReason.{reason.name}" in text for text in SOURCE.values())


def test_no_run_ends_with_a_word_of_its_own():
    words = "|".join(re.escape(reason.value) for reason in StopReason)
    own = re.compile(rf"""(?:stop|status|reason)(?:: str)? = ["'](?:{words})["']|Stop\(["']""")
    found = [f"{path}: {line}" for path, text in SOURCE.items() for line in own.findall(text)]
    assert not found, "pass a member of StopReason\n" + "\n".join(found)
