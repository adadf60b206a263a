from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise.layers import KANLayer
from edgewise.testing import check_layer

SLOW = ["export"]


def test_a_linear_layer_passes():
    # The laws are those of nn.Linear: they must not ask for more.
    def linear() -> nn.Linear:
        layer = nn.Linear(3, 2)
        nn.init.constant_(layer.weight, 0.5)
        nn.init.constant_(layer.bias, -0.5)
        return layer

    check_layer(linear)


def test_unknown_laws_are_refused():
    with pytest.raises(AssertionError, match="skip must name laws among leading"):
        check_layer(lambda: KANLayer(1, 1, seed=0), skip=["gravity"])


class Flat(KANLayer):
    def forward(self, x):
        return super().forward(x).reshape(-1, self.out_features)


class Rounds(KANLayer):
    def forward(self, x):
        return super().forward(x).double()


class Remembers(KANLayer):
    def forward(self, x):
        self.seen = x
        return super().forward(x)


class Counts(KANLayer):
    def forward(self, x):
        self.knots[0, 0] -= 1
        return super().forward(x)


class Shifts(KANLayer):
    def forward(self, x):
        return super().forward(x) + 1


class Unmasked(KANLayer):
    def weights(self):
        return torch.cat([self.scale_base.unsqueeze(1), self.coef], dim=1)


class Unbiased(KANLayer):
    def forward_with_moments(self, x):
        y, mean, variance = super().forward_with_moments(x)
        return y, mean, variance * 1.01


class Detached(KANLayer):
    def forward(self, x):
        return super().forward(x.detach())


class Forgetful(KANLayer):
    def state_dict(self, *args, **kwargs):
        state = super().state_dict(*args, **kwargs)
        return {name: value for name, value in state.items() if name != "mask"}


class Unpicklable(KANLayer):
    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.hook = lambda x: x


class Branches(KANLayer):
    def forward(self, x):
        return super().forward(x) if float(x.detach().sum()) < 1e9 else super().forward(2 * x)


@pytest.mark.parametrize(
    ("broken", "law"),
    [
        (Flat, "leading"),
        (Rounds, "dtypes"),
        (Remembers, "pure"),
        (Counts, "pure"),
        (Shifts, "edges"),
        (Unmasked, "mask"),
        (Unbiased, "moments"),
        (Detached, "gradients"),
        (Forgetful, "copies"),
        (Unpicklable, "pickle"),
        (Branches, "func"),
    ],
)
def test_a_broken_layer_is_told_by_the_name_of_the_law(broken, law):
    with pytest.raises(AssertionError, match=f"^{law}: "):
        check_layer(lambda: broken(2, 3, seed=0), skip=SLOW)
