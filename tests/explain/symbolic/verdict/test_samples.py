"""Samples of a formula come in every form that a fit takes, with targets only where they can be compared."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.explain.symbolic.verdict import formula_samples
from edgewise.network import build
from edgewise.train import Data

MODEL = build([2, 1], dtype=torch.float64)
X = torch.rand(30, 2, dtype=torch.float64)
Y = X.sum(1, keepdim=True)


@pytest.mark.parametrize(
    "data",
    [
        (X, Y),
        (X.numpy(), Y.numpy()[:, 0]),
        {"train_input": X, "train_label": Y},
        Data(X, Y),
        (X.tolist(), Y.tolist()),
    ],
)
def test_pairs_dicts_and_data(data):
    found = formula_samples(data, MODEL)
    assert torch.equal(found.x, X) and torch.equal(found.y, Y)
    assert found.test_x is None and found.precision == torch.float64


def test_held_out_samples():
    for data in (
        {"train_input": X, "train_label": Y, "test_input": X[:5], "test_label": Y[:5]},
        Data(X, Y, test_x=X[:5], test_y=Y[:5]),
        Data(X, Y, validation_x=X[:5], validation_y=Y[:5]),
    ):
        found = formula_samples(data, MODEL)
        assert torch.equal(found.test_x, X[:5]) and torch.equal(found.test_y, Y[:5])


def test_inputs_alone_and_nothing():
    assert formula_samples(X, MODEL).y is None
    assert len(formula_samples(None, MODEL).x) == 1000


def test_targets_that_are_no_values_of_the_outputs_are_left_out():
    classes = build([2, 3], dtype=torch.float64)
    assert formula_samples((X, torch.zeros(30, dtype=torch.int64)), classes).y is None


def test_the_type_of_the_targets_is_known():
    assert formula_samples((X, Y.float()), MODEL).precision == torch.float32
    assert formula_samples((X, np.ones(30, dtype=int)), MODEL).precision == torch.float64


def test_gaps_and_wrong_lengths_are_refused():
    with pytest.raises(InputError, match="1 of 30 rows"):
        formula_samples((X, Y.index_fill(0, torch.tensor([3]), torch.nan)), MODEL)
    with pytest.raises(InputError, match="finite"):
        formula_samples((X * torch.nan, Y), MODEL)
    with pytest.raises(ShapeError, match="one row for each of the 30"):
        formula_samples((X, Y[:7]), MODEL)
