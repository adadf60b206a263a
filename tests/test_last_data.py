from __future__ import annotations

import copy
import pickle

import pytest
import torch

from edgewise.errors import InputError
from edgewise.last_data import LastData
from edgewise.network import build

X = torch.linspace(-1, 1, 20).reshape(10, 2)


def fit(model, data, **settings):
    return settings


def test_keep_runs_the_fit_and_remembers_the_data():
    seen = LastData()
    assert seen.keep(fit, build([2, 1]), (X, X[:, :1]), steps=3) == {"steps": 3}
    assert torch.equal(seen.inputs(None, "prune"), X)
    last = seen.data(None, "symbolify")
    x, y = last.x, last.y
    assert torch.equal(x, X)
    assert torch.equal(y, X[:, :1])


def test_a_fit_that_fails_is_not_remembered():
    def fails(model, data):
        raise RuntimeError("stopped")

    seen = LastData()
    with pytest.raises(RuntimeError, match="stopped"):
        seen.keep(fails, build([2, 1]), (X, X[:, :1]))
    assert seen.last is None


def test_what_is_given_goes_before_what_is_remembered():
    seen = LastData()
    seen.keep(fit, build([2, 1]), (X, X[:, :1]))
    assert torch.equal(seen.inputs(2 * X, "prune"), 2 * X)
    assert seen.data("mine", "symbolify") == "mine"


def test_without_samples_a_verb_that_needs_some_says_so():
    seen = LastData()
    assert seen.inputs_if_any(None) is None
    with pytest.raises(InputError, match="prune: samples are needed; got none, and the model was not fitted"):
        seen.inputs(None, "prune")
    with pytest.raises(InputError, match="symbolify: samples are needed"):
        seen.data(None, "symbolify")


def test_copies_share_the_data_and_pickles_leave_it_out():
    seen = LastData()
    seen.keep(fit, build([2, 1]), (X, X[:, :1]))
    assert copy.deepcopy(seen).last is seen.last
    assert pickle.loads(pickle.dumps(seen)).last is None
