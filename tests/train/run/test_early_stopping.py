from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from edgewise.events import Stop, StopReason
from edgewise.train.run.early_stopping import BestWeights, Patience


def set_weight(model: nn.Linear, value: float) -> None:
    with torch.no_grad():
        model.weight.fill_(value)


def best_of(model: nn.Linear, always: bool = True) -> BestWeights:
    return BestWeights(model, lambda: math.nan, always)


def test_the_lowest_is_kept_and_nan_never_is():
    model = nn.Linear(1, 1)
    best = best_of(model)
    for value, loss in ((1.0, 5.0), (2.0, 3.0), (3.0, math.nan), (4.0, math.inf), (5.0, 3.0)):
        set_weight(model, value)
        best.update(loss)
    assert (best.lowest, best.steps_since_best) == (3.0, 3)
    best.end(None, Stop(StopReason.STEPS))
    assert model.weight.item() == 2.0


def test_without_any_loss_the_start_is_kept():
    model = nn.Linear(1, 1)
    set_weight(model, 7.0)
    best = best_of(model)
    set_weight(model, 8.0)
    best.end(None, Stop(StopReason.STEPS))
    assert model.weight.item() == 7.0


@pytest.mark.parametrize("reason", StopReason)
def test_the_last_weights_stay_if_so_asked_but_for_bad_ends(reason):
    model = nn.Linear(1, 1)
    set_weight(model, 7.0)
    best = best_of(model, always=False)
    set_weight(model, 8.0)
    best.end(None, Stop(reason))
    bad = reason in ("interrupted", "cancelled", "non-finite", "patience")
    assert model.weight.item() == (7.0 if bad else 8.0)


def test_an_error_leaves_the_weights_as_they_are():
    model = nn.Linear(1, 1)
    best = best_of(model)
    set_weight(model, 8.0)
    best.end(None, None)
    assert model.weight.item() == 8.0


def test_it_goes_on_from_what_it_said():
    model = nn.Linear(1, 1)
    first, second = best_of(model), best_of(model)
    for loss in (2.0, 3.0):
        first.update(loss)
    second.load_state_dict(first.state_dict())
    assert (second.lowest, second.steps_since_best) == (2.0, 1)


def test_patience_ends_only_after_so_many_steps():
    best = best_of(nn.Linear(1, 1))
    patience, endless = Patience(best, 2), Patience(best, None)
    reasons = []
    for done, loss in enumerate((1.0, 2.0, 2.0), 1):
        best.update(loss)
        reasons.append(patience.after(None, done))
        assert endless.after(None, done) is None
    assert reasons == [None, None, Stop(StopReason.PATIENCE, "after 3 steps")]
