"""Notes on columns of a bad scale."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN, Scaler
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.scaling_warnings import scaling_warnings

X = torch.linspace(-1, 1, 40)[:, None]


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (X, X, None),
        (X, 100 * X, "Targets have a spread"),
        (X, 0.01 * X, "Targets have a spread"),
        (X, X + 100, "Targets have a mean"),
        (1e4 * X, X, "Inputs have a spread"),
        (X - 50, X, "Inputs have a mean"),
        (X, torch.full_like(X, 1e6), None),
        (X[:1], 1e6 * X[:1], None),
    ],
)
def test_what_is_said_of_scales(x, y, said):
    notes = scaling_warnings(KAN([1, 1]), Data(x, y))
    assert [note[: len(said)] for note in notes] == [said] if said else notes == []


def test_a_scaler_silences_the_note():
    model = KAN([1, 1], input_scaler=Scaler.of(1e4 * X), output_scaler=Scaler.of(100 * X))
    assert scaling_warnings(model, Data(1e4 * X, 100 * X)) == []


def test_rare_classes_are_no_matter_of_scale():
    y = torch.zeros(2000, 1).index_fill_(0, torch.tensor([3]), 1.0)
    x = torch.linspace(-1, 1, 2000)[:, None]
    assert "Targets" in scaling_warnings(KAN([1, 1]), Data(x, y))[0]
    assert scaling_warnings(KAN([1, 1]), Data(x, y), as_loss("bce")) == []


def test_the_note_is_in_the_result():
    assert "output_scaler" in KAN([1, 1]).fit((X, 1000 * X), steps=1).notes[0]
