from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from edgewise.network import build, refine
from edgewise.network.surgery import with_layers
from edgewise.testing import check_verb


def samples() -> torch.Tensor:
    return torch.linspace(-1, 1, 40).reshape(20, 2)


def test_a_pure_verb_passes_whatever_form_its_result_has():
    model = build([2, 3, 1])
    check_verb(lambda model, x: copy.deepcopy(model), model, samples())
    check_verb(lambda model, x: refine(model, 6), model, samples())


def in_place(model, x):
    model.layers[0].basis.coef.data.add_(1)
    return copy.deepcopy(model)


def aliasing(model, x):
    new = copy.deepcopy(model)
    new.layers[1] = model.layers[1]
    return new


def random_change(model, x):
    new = copy.deepcopy(model)
    random_change.calls += 1
    new.layers[0].basis.coef.data.add_(random_change.calls)
    return new


random_change.calls = 0


def littering(model, x):
    Path("history.txt").write_text("refine")
    return copy.deepcopy(model)


def scaling_samples(model, x):
    x.mul_(2)
    return copy.deepcopy(model)


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        (in_place, "the model must stay as it was"),
        (aliasing, "shares memory in layers.1"),
        (random_change, "two calls must give the same bits"),
        (littering, "write no file"),
        (scaling_samples, "samples must stay"),
        (lambda model, x: None, "must give a network"),
    ],
)
def test_a_verb_with_side_effects_is_told(verb, message):
    with pytest.raises(AssertionError, match=message):
        check_verb(verb, build([2, 3, 1]), samples())


def test_replaced_keeps_nothing_of_the_stages_it_is_given():
    check_verb(lambda model, x: with_layers(model, model.layers), build([2, 3, 1]), samples())
