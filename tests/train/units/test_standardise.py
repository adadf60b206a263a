"""Scalers that a network is given before its first fit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise import KAN, KANLayer, Scaler, fit
from edgewise.errors import InputError
from edgewise.testing import state_bits
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.units.standardise import standardise

X = torch.linspace(-1, 1, 40)[:, None]
MSE = as_loss("mse")


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (X, X, []),
        (2 * X + 1, X, []),
        (X, 100 * X, ["Targets"]),
        (X, 0.01 * X, ["Targets"]),
        (X, X + 100, ["Targets"]),
        (1e4 * X, X, ["Inputs"]),
        (X - 50, X, ["Inputs"]),
        (X - 50, 1e-30 * X, ["Inputs", "Targets"]),
        (X, torch.full_like(X, 1e6), ["Targets"]),
        (X, torch.zeros_like(X), []),
        (X[:1], 1e6 * X[:1], []),
    ],
)
def test_columns_far_from_size_one_get_a_scaler(x, y, said):
    model = KAN([1, 1])
    notes = standardise(model, Data(x, y), MSE).notes
    assert [note.split()[0] for note in notes] == said
    assert (model.input_scaler is not None) == ("Inputs" in said)
    assert (model.output_scaler is not None) == ("Targets" in said)


def test_evenly_distributed_columns_fill_the_start_grid():
    model = KAN([2, 1])
    standardise(model, Data(torch.cat([1e-9 * X + 5, X], 1), X), MSE)
    scaled = model.prepare_inputs(torch.cat([1e-9 * X.double() + 5, X.double()], 1).float())
    assert float(scaled[:, 0].abs().max()) == pytest.approx(0.0, abs=1.1)
    assert torch.equal(scaled[:, 1:], X)


def test_a_grid_made_for_the_columns_keeps_its_places():
    model = KAN([1, 1], grid_range=(1950, 2025))
    x = torch.linspace(1950, 2025, 50)[:, None]
    done = standardise(model, Data(x, x.sin()), MSE)
    low, high = model.layers[0].basis.interval()
    assert torch.allclose(model.input_scaler.inverse(torch.stack([low, high])), x[[0, -1]], rtol=1e-5)
    done.undo()
    assert state_bits(model) == state_bits(KAN([1, 1], grid_range=(1950, 2025)))


def test_what_was_given_or_learnt_stays():
    far = Data(1e4 * X, 100 * X.sin())
    scaled = KAN([1, 1], input_scaler=Scaler.of(far.x), output_scaler=Scaler.of(far.y))
    assert standardise(scaled, far, MSE).notes == [] and float(scaled.input_scaler.scale) == pytest.approx(
        5916, rel=1e-3
    )
    trained = KAN([1, 1], seed=0)
    trained.fit((X, X), steps=1)
    formula = KAN([1, 1]).set_formula((0, 0, 0), "sin")
    for model in (trained, formula):
        notes = standardise(model, far, MSE).notes
        assert model.input_scaler is None and "input_scaler=Scaler.of(x)" in notes[0]
    assert standardise(nn.Linear(1, 1), far, MSE).notes == []
    (note,) = standardise(nn.Sequential(KANLayer(1, 1), nn.Tanh()), far, MSE).notes
    assert "Scaler.of(x) before the first layer" in note


def test_what_a_loop_of_the_users_own_has_learnt_is_kept():
    x, y = 10 * X.double(), 30 * X.double()
    model = KAN([1, 1], base="identity", dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.zero_()
        model.layers[0].basis.scale_base.fill_(3.0)
    standardise(model, Data(x, y), MSE)
    assert model.input_scaler is None and model.output_scaler is None


@pytest.mark.parametrize("loss", ["bce", "cross_entropy", lambda a, b: (a - b).abs().mean()])
def test_targets_of_other_losses_stay(loss):
    model = KAN([1, 2 if loss == "cross_entropy" else 1])
    y = (X > 0.9).long()[:, 0] if loss == "cross_entropy" else (X > 0.9).float()
    standardise(model, Data(100 * X, y), as_loss(loss))
    assert model.input_scaler is not None and model.output_scaler is None


def test_an_error_leaves_the_model_as_it_was():
    model = KAN([1, 1], seed=0)
    before = state_bits(model)
    with pytest.raises(ValueError, match="lr"):
        fit(model, (1e4 * X, 100 * X), opt="Adam", lr=-1.0)
    assert state_bits(model) == before and model.input_scaler is None and not model.is_trained


def test_a_network_of_loaded_values_counts_as_trained():
    model = KAN([1, 1])
    model.load_state_dict(KAN([1, 1], seed=3).state_dict())
    assert model.is_trained and not KAN([1, 1]).is_trained


def test_the_note_is_in_the_result():
    assert "output_scaler" in KAN([1, 1]).fit((X, 1000 * X), steps=1).notes[0]


def test_a_period_stays_the_users():
    x = torch.linspace(0, 60, 400, dtype=torch.float64)[:, None]
    model = KAN(
        [1, 1], grid=12, grid_range=(0, 6), extrapolation="periodic", base="zero", dtype=torch.float64
    )
    fit(model, (x, (x * torch.pi / 3).sin()), steps=20, update_grid=False)
    beyond = x + 6000
    with torch.no_grad():
        assert float((model(beyond) - (beyond * torch.pi / 3).sin()).abs().max()) < 1e-2


def test_a_grid_that_refuses_what_lies_outside_still_does():
    x = torch.linspace(1950, 2025, 50, dtype=torch.float64)[:, None]
    settings = {"base": "zero", "extrapolation": "error", "dtype": torch.float64}
    with pytest.raises(InputError, match="inside the grid"):
        fit(KAN([1, 1], **settings), (x, x.sin()), steps=1)
    assert (
        fit(KAN([1, 1], grid=9, grid_range=(1950, 2025), **settings), (x, (x / 10).sin()), steps=9).loss
        < 1e-4
    )


def test_outputs_that_hardly_count_are_named():
    y = torch.cat([X.sin(), 1e-9 * X.cos(), 0.1 * X, torch.ones_like(X)], 1)
    notes = fit(KAN([1, 4]), (X, y), steps=1).notes
    assert notes[0].startswith("Outputs [1] hardly count")
    assert standardise(KAN([1, 2]), Data(X, torch.cat([X, 9 * X], 1)), MSE).notes[0].startswith("Targets")
