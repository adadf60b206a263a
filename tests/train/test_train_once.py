from __future__ import annotations

import torch
from torch import nn

from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train import fit
from edgewise.train.settings import FitSettings
from edgewise.train.train_once import train_once

X = torch.linspace(-1, 1, 40)[:, None]


def test_it_is_what_fit_does_on_one_grid():
    models = [build([1, 1], seed=0) for _ in range(2)]
    results = [
        fit(models[0], (X, X.sin()), steps=3, lamb=1e-3),
        train_once(models[1], (X, X.sin()), FitSettings(steps=3, lamb=1e-3)),
    ]
    assert results[0].history == results[1].history
    assert state_bits(models[0]) == state_bits(models[1])


def test_modes_are_left_as_they_were_and_gradients_are_gone():
    model = nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.1), nn.Linear(4, 1))
    model[1].eval()
    train_once(model, (X, X.sin()), FitSettings(opt="Adam", steps=2))
    assert [module.training for module in model] == [True, False, True]
    assert all(parameter.grad is None for parameter in model.parameters())
