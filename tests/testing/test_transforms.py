from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise.layers import KANLayer
from edgewise.testing.case import LayerCase
from edgewise.testing.transforms import TRANSFORM_LAWS


def case(factory) -> LayerCase:
    return LayerCase(factory, 2, -0.9, 0.9)


class Fixed(KANLayer):
    """Works for the batch it was traced with only."""

    def forward(self, x):
        return super().forward(x) + torch.zeros(x.shape[0] // 4 * 4, 1, dtype=x.dtype)[: x.shape[0]]


def test_export_notices_a_fixed_batch():
    with pytest.raises(Exception, match=r".+"):
        TRANSFORM_LAWS["export"](case(lambda: Fixed(2, 1)))


class WrongSlope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return 2 * grad


class Wrong(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3))

    def forward(self, x):
        return WrongSlope.apply(x) @ self.weight


def test_gradients_notice_a_wrong_slope():
    with pytest.raises(Exception, match="Jacobian"):
        TRANSFORM_LAWS["gradients"](case(Wrong))


def test_copies_see_a_layer_that_cannot_be_copied_after_a_forward():
    class Keeps(KANLayer):
        def forward(self, x):
            self.last = super().forward(x)
            return self.last

    with pytest.raises(RuntimeError, match="deepcopy"):
        TRANSFORM_LAWS["copies"](case(lambda: Keeps(2, 1)))
