"""Networks that fused code trains, and those it leaves alone."""

import pytest
import torch
from torch import nn

from edgewise.edges import native
from edgewise.network import build
from edgewise.train.step.fused_description import fused_description
from edgewise.train.step.parameters import FlatParameters, trainable

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without a compiler")


def described(model, x, y, weights=None):
    return fused_description(model, x, y, weights, FlatParameters(trainable(model)))


def test_a_small_network_is_described_with_its_trained_parameters():
    model = build([2, 3, 1], seed=0)
    description = described(model, torch.rand(20, 2), torch.rand(20, 1), torch.ones(20))
    offsets = FlatParameters(trainable(model)).offsets(description.parameters)
    assert min(place for place in offsets if place >= 0) == 0


def test_other_models_and_samples_are_left_alone():
    x, y = torch.rand(20, 2), torch.rand(20, 1)
    assert described(nn.Linear(2, 1), x, y) is None
    assert described(build([2, 3, 1], seed=0), x, y.double()) is None
    assert described(build([2, 3, 1], seed=0), x, torch.rand(20, 2)) is None
