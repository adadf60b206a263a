"""Units in which the objective has size 1."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise import KAN, Scaler
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective, report
from edgewise.train.objective.penalty import Penalty
from edgewise.train.objective.working_units import PLAIN, WorkingUnits, working_units

X = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "log_cosh"])
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("lamb", [0.0, 1e-2])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_reports_are_in_the_users_units(loss, scaled, lamb, unit):
    y = unit * (3 + torch.cat([X.sin(), 100 * X], 1))
    model = KAN([1, 2], seed=0, dtype=torch.float64, output_scaler=Scaler.of(y) if scaled else None)
    loss, penalty = as_loss(loss), Penalty(lamb)
    units = working_units(model, Data(X, y), loss)
    found = report(Objective(model, loss, penalty, units)(X, y)).in_units_of(units.factor)
    plain = report(Objective(model, loss, penalty)(X, y))
    for got, want in zip(found, plain, strict=True):
        assert got == want or got == pytest.approx(want, rel=1e-6)


def test_the_objective_has_size_one_in_them():
    for unit in (1e-30, 1e-9, 1e9, 1e30):
        y = unit * X.sin()
        for model in (nn.Linear(1, 1).double(), KAN([1, 1], dtype=torch.float64, output_scaler=Scaler.of(y))):
            units = working_units(model, Data(X, y), as_loss("mse"))
            assert 0.1 < float(units.targets(y).square().mean()) < 10


def test_targets_near_size_one_and_losses_of_other_kinds_keep_their_units():
    assert working_units(nn.Linear(1, 1), Data(X, 3 * X), as_loss("mse")) == WorkingUnits(power=2)
    assert working_units(nn.Linear(1, 1), Data(X, 1e9 * X), as_loss(lambda a, b: (a - b).sum())) == PLAIN
    labels = torch.zeros(40, dtype=torch.long)
    assert working_units(nn.Linear(1, 2), Data(X, labels), as_loss("cross_entropy")) == PLAIN


def test_a_large_mean_takes_no_digits_from_the_errors():
    y = (1e6 + X.sin()).float()
    model = KAN([1, 1], seed=0, output_scaler=Scaler(y.mean(0), torch.ones(1)))
    units = working_units(model, Data(X.float(), y), as_loss("mse"))
    h = model.run_layers(X.float())
    assert torch.equal(units.outputs(h), h)
    assert torch.equal(units.targets(y), y - model.output_scaler.shift)
