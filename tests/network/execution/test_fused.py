"""Which networks compiled code can run."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.edges import native
from edgewise.network.execution.choose import is_small
from edgewise.network.execution.description import describe


def can_fuse(layers, x):
    description = describe(layers, x)
    return description is not None and is_small(description, len(x))


pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")


def test_small_networks_of_splines_are_served():
    assert can_fuse(KAN([2, 5, 1]).layers, torch.zeros(10, 2))


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (KAN([2, 5, 1], base=torch.sin), torch.zeros(10, 2)),
        (KAN([2, 5, 1]), torch.zeros(0, 2)),
        (KAN([2, 5, 1]), torch.zeros(3, 10, 2)),
        (KAN([2, 5, 1]), torch.zeros(10, 2, dtype=torch.float64)),
        (KAN([2, 5, 1], dtype=torch.bfloat16), torch.zeros(10, 2, dtype=torch.bfloat16)),
    ],
    ids=["another base", "no sample", "more dimensions", "another type", "half precision"],
)
def test_what_is_not_served(model, x):
    assert not can_fuse(model.layers, x)


def test_many_edges_are_not_small():
    assert can_fuse(KAN([40, 40, 4]).layers, torch.zeros(10, 40))
    assert not can_fuse(KAN([60, 60, 4]).layers, torch.zeros(10, 60))
