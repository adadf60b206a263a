from __future__ import annotations

import dataclasses

import pytest

from edgewise.events import Stop, StopReason
from edgewise.train.run.result import FitResult


def made(**changes) -> FitResult:
    values = {
        "train_loss": 0.5, "test_loss": None, "validation_loss": None, "loss": 0.25, "loss_name": "mse",
        "history": {"train_loss": [1.0, 0.5], "mse": [1.0, 0.25]}, "stop": Stop(StopReason.STEPS), "steps": 2,
        "evaluations": 7, "seconds": 0.1,
    }  # fmt: skip
    return FitResult(**(values | changes))


def test_reads_like_a_dict_of_histories():
    result = made()
    assert result["train_loss"] == [1.0, 0.5]
    assert list(result) == result.keys() == ["train_loss", "mse"] and len(result) == 2
    assert "mse" in result and "test_loss" not in result
    assert dict(result) == result.history
    with pytest.raises(KeyError):
        result["test_loss"]


def test_repr_says_what_there_is():
    assert "test_loss" not in repr(made())
    text = repr(made(test_loss=0.75, notes=tuple("abcdefgh")))
    assert "test_loss=0.75" in text and "mse=0.25" in text
    assert len(text.splitlines()) == 6


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        made().loss = 1.0
