"""The settings of spline edges: checked, and numbers made of what counts as one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.layers import EdgeSettings, KANLayer


def test_numbers_are_made_plain():
    settings = EdgeSettings(np.int64(4), 2.0, grid_range=[0, 1], grid_eps=1)
    assert (settings.grid, settings.k, settings.grid_range, settings.grid_eps) == (4, 2, (0.0, 1.0), 1.0)
    assert type(settings.grid) is int and type(settings.k) is int


@pytest.mark.parametrize(
    "wrong",
    [
        {"grid": 0}, {"k": -1}, {"grid": True}, {"grid_eps": 1.5}, {"grid_range": (1, 0)}, {"base": "sillu"},
        {"extrapolation": "none"}, {"init": "xavier"},
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"^KANLayer: {name} must be"):
        EdgeSettings(**wrong)


def test_a_layer_takes_them_all():
    settings = EdgeSettings(grid=4, k=2, base=torch.tanh, extrapolation="constant", grid_eps=0.5)
    layer = KANLayer(2, 1, **vars(settings), seed=0)
    assert (layer.grid, layer.k, layer.base, layer.extrapolation) == (4, 2, torch.tanh, "constant")
