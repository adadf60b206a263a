"""Other start values for a layer, in place."""

from __future__ import annotations

import pytest
import torch

from edgewise.layers import INITIALISATIONS, KANLayer
from edgewise.layers.reinitialise import reinitialise_
from edgewise.testing.chebyshev_layer import ChebyshevLayer


@pytest.mark.parametrize("init", sorted(INITIALISATIONS))
def test_splines_start_as_a_new_layer_would(init):
    layer, knots = KANLayer(2, 3, seed=0), KANLayer(2, 3, seed=0).knots
    reinitialise_(layer, torch.Generator().manual_seed(5), init)
    fresh = KANLayer(2, 3, init=init, seed=5)
    assert torch.equal(layer.coef, fresh.coef)
    assert torch.equal(layer.scale_base, fresh.scale_base)
    assert torch.equal(layer.knots, knots)


def test_another_kind_of_layer_starts_its_own_way():
    layer = ChebyshevLayer(2, 3, seed=0)
    before = layer.coef.detach().clone()
    reinitialise_(layer, torch.Generator().manual_seed(5), "power")
    assert not torch.equal(layer.coef, before)
