"""The plain arguments of `fit` are checked before anything happens."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise import GridUpdates, Penalty
from edgewise._checks import check_callable, check_int, is_int, is_number
from edgewise.errors import InputError
from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train import fit

X = torch.linspace(-1, 1, 40)[:, None]
Y = (3 * X).sin()

NUMBERS = (
    "steps", "lr", "batch", "lamb", "validation", "patience", "seed",
)  # fmt: skip


def refused(**settings) -> str:
    model = build([1, 1], seed=0)
    before = state_bits(model)
    with pytest.raises(InputError) as caught:
        fit(model, (X, Y), opt="Adam", **{"steps": 1, **settings})
    assert state_bits(model) == before
    return str(caught.value)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False, "3", [1]])
def test_what_is_no_number_is_refused_by_name(name, value):
    assert refused(**{name: value}).startswith(f"fit: {name} must be ")


@pytest.mark.parametrize("value", [True, False, "3", [1]])
def test_what_is_no_number_is_refused_where_settings_are_grouped(value):
    for kind, names in ((Penalty, "l1 entropy coef coefdiff"), (GridUpdates, "num start stop")):
        for name in names.split():
            with pytest.raises(InputError, match=f"^{kind.__name__}: {name} must be "):
                kind(**{name: value})


@pytest.mark.parametrize("seed", [-1, 0.5, None, 2**64, torch.Generator()])
def test_a_seed_is_a_whole_number(seed):
    assert refused(seed=seed).startswith(f"fit: seed must be a whole number from 0 to {2**64 - 1}; got ")


@pytest.mark.parametrize("callback", [3, True, "print"])
def test_a_callback_is_a_function(callback):
    assert refused(callback=callback).startswith("fit: callback must be a function")


@pytest.mark.parametrize("cast", [np.int64, np.int32, np.uint8])
def test_whole_numbers_of_numpy_count(cast):
    ends = []
    for to in (int, cast):
        model = build([1, 1], seed=0)
        settings = {"batch": to(8), "seed": to(3), "patience": to(5), "update_grid": GridUpdates(to(2))}
        fit(model, (X, Y), opt="Adam", steps=to(3), validation=0.25, **settings)
        ends.append(state_bits(model))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_numbers_of_numpy_count(opt):
    ends = []
    for to in (float, np.float32):
        model = build([1, 1], seed=0)
        penalty = Penalty(to(0.5), to(0.5), coef=to(0.5), coefdiff=to(0.5))
        settings = {"lr": to(0.5), "penalty": penalty}
        fit(model, (X, Y), opt=opt, steps=2, validation=to(0.25), **settings)
        ends.append(state_bits(model))
    assert ends[0] == ends[1]


def test_numbers_and_whole_numbers():
    assert [is_number(value) for value in (1, 0.5, np.float32(1), True, np.True_, "1", None)] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert [is_int(value) for value in (1, np.int8(1), 1.0, True, np.True_)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_bounds_and_functions():
    check_int("steps", 0, 0)
    check_callable("callback", print, "callback(step, values)")
    with pytest.raises(InputError, match=r"^fit: patience must be a whole number of at least 1; got 0\. "):
        check_int("patience", 0, 1)
