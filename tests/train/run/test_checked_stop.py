"""Reasons to stop that tell what stands in the way."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from edgewise import KAN, fit
from edgewise.events import Stop, StopReason
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.run.checked_stop import checked_stop

X = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]
DONE = Stop(StopReason.CONVERGED)


class Zero(nn.Module):
    def forward(self, x):
        return 0 * x


def reason(data, loss, value, stop=DONE):
    return checked_stop(stop, Zero(), data, as_loss(loss), value).reason


@pytest.mark.parametrize(
    ("loss", "y", "level"),
    [
        ("mse", X, float(X.square().mean())),
        ("mae", X, float(X.abs().mean())),
        ("cross_entropy", torch.arange(40) % 4, math.log(4)),
        ("bce", (torch.arange(40) % 2).double()[:, None], math.log(2)),
    ],
)
def test_a_loss_no_better_than_that_of_a_constant_is_not_called_converged(loss, y, level):
    assert reason(Data(X, y), loss, level) == "no better than the mean"
    assert reason(Data(X, y), loss, 0.9 * level) == "converged"
    assert reason(Data(X, y), loss, level, Stop(StopReason.STEPS)) == "steps"
    assert reason(Data(X, y), loss, level, Stop(StopReason.TIME)) == "time"


def test_constant_targets_are_a_perfect_fit():
    assert reason(Data(X, torch.ones_like(X)), "mse", 0.0) == "converged"
    for opt in ("LBFGS", "BFGS", "LM"):
        for value in (0.0, 1.0, -3e-20, 1e15):
            y = torch.full_like(X, value)
            result = fit(KAN([1, 1], seed=0, dtype=torch.float64), (X, y), opt=opt, steps=20)
            assert result.train_loss <= 1e-9 * abs(value) + 1e-300 or (
                value == 0 and result.train_loss < 1e-9
            )
            assert result.stop.reason != "no better than the mean"


@pytest.mark.parametrize("opt", ["LBFGS", "BFGS", "LM"])
def test_inputs_that_tell_nothing(opt):
    y = (torch.arange(40) % 2).double()[:, None]
    x = torch.full_like(X, 7.0)
    stop = fit(KAN([1, 1], seed=0, dtype=torch.float64), (x, y), opt=opt, steps=50).stop
    assert stop.reason == "no better than the mean" and "[0] have one value" in stop.detail


def test_a_penalty_that_drives_all_edges_to_zero_is_told():
    result = fit(KAN([1, 1], seed=0, dtype=torch.float64), (X, X.sin()), steps=50, lamb=1e3)
    assert result.stop.reason in ("no better than the mean", "steps")


@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_digits_that_the_type_does_not_hold_are_told(where):
    shift = 1e6 * X.std()
    x, y = (X + shift, (3 * X).sin()) if where == "inputs" else (X, (3 * X).sin() + shift)
    result = fit(KAN([1, 1], grid=8, seed=0), (x.float(), y.float()), steps=20)
    assert result.stop.reason == "resolution" and result.stop.detail.startswith(where)
    assert result.train_loss < 0.1


def test_samples_that_the_type_makes_one_are_told():
    x = 1e12 + X
    stop = fit(KAN([1, 1], seed=0), (x, X.sin()), steps=50).stop
    assert stop.reason == "no better than the mean" and "float32" in stop.detail


def test_exact_data_with_an_offset_are_not_blamed():
    x = (torch.arange(40) + 1e6)[:, None].float()
    result = fit(KAN([1, 1], grid=8, seed=0), (x, (x - 1e6) / 40), steps=20)
    assert result.stop.reason != "resolution" and result.train_loss < 1e-3
