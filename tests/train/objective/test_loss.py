from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgewise.errors import InputError, UnknownName
from edgewise.train.objective.loss import LOSSES, as_loss

A = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]])
B = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.25, 0.5]])


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "cross_entropy"])
def test_equal_weights_are_no_weights(name):
    loss = as_loss(name)
    torch.testing.assert_close(loss(A, B, torch.full((3,), 0.7)), loss(A, B))


@pytest.mark.parametrize("name", LOSSES)
def test_zero_weight_takes_a_sample_out(name):
    loss = as_loss(name)
    target = torch.tensor([0, 1, 1]) if name == "cross_entropy" else B
    weights = torch.tensor([1.0, 1.0, 0.0])
    torch.testing.assert_close(loss(A, target, weights), loss(A[:2], target[:2]))


def test_values_are_those_of_torch():
    torch.testing.assert_close(as_loss("MSE")(A, B), F.mse_loss(A, B))
    torch.testing.assert_close(as_loss("log_cosh")(A, B), (A - B).cosh().log().mean())
    torch.testing.assert_close(as_loss("bce")(A, B), F.binary_cross_entropy_with_logits(A, B))


def test_log_cosh_of_large_differences_is_finite():
    assert as_loss("log_cosh")(torch.tensor([1e6]), torch.zeros(1)) == pytest.approx(1e6, rel=1e-5)


@pytest.mark.parametrize("loss", [nn.MSELoss(), F.mse_loss, "mse"])
def test_mean_squares_are_known(loss):
    assert as_loss(loss).mean_square and as_loss(loss).report(9.0) == 3.0


@pytest.mark.parametrize(
    "loss", [nn.MSELoss(reduction="sum"), nn.L1Loss(), lambda a, b: a.sum(), F.cross_entropy]
)
def test_everything_else_is_reported_as_it_is(loss):
    assert as_loss(loss).report(9.0) == 9.0


def test_names_of_callables():
    assert as_loss(lambda a, b: a.sum()).name == "loss"
    assert as_loss(nn.L1Loss()).name == "L1Loss"
    assert as_loss(nn.CrossEntropyLoss()).targets == "classes"
    assert as_loss(as_loss("mae")) is as_loss("mae")


def test_what_is_no_loss():
    with pytest.raises(UnknownName, match="Did you mean 'mse'"):
        as_loss("mes")
    with pytest.raises(InputError, match="name or a callable"):
        as_loss(3)
    with pytest.raises(InputError, match="weights"):
        as_loss(nn.L1Loss())(A, B, torch.ones(3))
