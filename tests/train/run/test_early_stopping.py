from __future__ import annotations

import math

import torch
from torch import nn

from edgewise.train.run.early_stopping import EarlyStopping


def set_weight(model: nn.Linear, value: float) -> None:
    with torch.no_grad():
        model.weight.fill_(value)


def test_the_lowest_is_kept_and_nan_never_is():
    model = nn.Linear(1, 1)
    watch = EarlyStopping(model)
    for value, loss in ((1.0, 5.0), (2.0, 3.0), (3.0, math.nan), (4.0, math.inf), (5.0, 3.0)):
        set_weight(model, value)
        watch.offer(loss)
    assert (watch.lowest, watch.since) == (3.0, 3)
    watch.restore()
    assert model.weight.item() == 2.0


def test_without_any_offer_the_start_is_kept():
    model = nn.Linear(1, 1)
    set_weight(model, 7.0)
    watch = EarlyStopping(model)
    set_weight(model, 8.0)
    watch.restore()
    assert model.weight.item() == 7.0
