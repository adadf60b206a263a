from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.train.data import data as module
from edgewise.train.data.data import Data, as_data, pair_of

X = np.arange(10.0)[:, None]


def test_tensors_that_fit_are_not_copied():
    x, y = torch.zeros(3, 2), torch.zeros(3, 1)
    ready = as_data((x, y), build([2, 1]))
    assert ready.x.data_ptr() == x.data_ptr() and ready.y.data_ptr() == y.data_ptr()


def test_validation_rows_are_taken_out_and_keep_together():
    ready = as_data((X, 2 * X), validation=0.3, seed=4)
    assert len(ready.validation_x) == 3 and ready.samples == 7
    both = torch.cat([ready.x, ready.validation_x])[:, 0]
    assert sorted(both.tolist()) == list(range(10))
    assert torch.equal(ready.y, 2 * ready.x) and torch.equal(ready.validation_y, 2 * ready.validation_x)


def test_a_validation_set_that_is_given_stays():
    given = Data(X, X, validation_x=X[:2], validation_y=X[:2])
    assert len(as_data(given, validation=0.5).x) == 10


def test_weights_go_with_their_rows():
    ready = as_data(Data(X, X, weights=X[:, 0] + 1), validation=0.2)
    assert torch.equal(ready.weights, ready.x[:, 0] + 1)
    for weights in (-X, X[:3], 0 * X):
        with pytest.raises(InputError, match="weights must be"):
            as_data(Data(X, X, weights=weights))


def test_a_long_stream_is_held_in_part(monkeypatch):
    monkeypatch.setattr(module, "_HEAD_ROWS", 4)
    loader = DataLoader(TensorDataset(torch.from_numpy(X), torch.from_numpy(X)), batch_size=3)
    part, whole = as_data(loader), as_data(loader, whole=True)
    assert (part.samples, part.complete) == (6, False)
    assert (whole.samples, whole.complete) == (10, True)


def test_looking_into_a_shuffled_loader_leaves_the_global_generator(no_side_effects):
    as_data(DataLoader(TensorDataset(torch.zeros(9, 1), torch.zeros(9, 1)), shuffle=True))
    no_side_effects.check()


def test_missing_keys_and_targets_are_named():
    with pytest.raises(InputError, match="Add train_label"):
        as_data({"train_input": X})
    with pytest.raises(InputError, match="Add test_label"):
        as_data({"train_input": X, "train_label": X, "test_input": X})
    with pytest.raises(InputError, match="y must be given"):
        as_data((X, None))
    with pytest.raises(InputError, match="pairs"):
        pair_of(torch.zeros(3))
