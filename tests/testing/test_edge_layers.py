"""The law of layers of edges finds the faults it is there for."""

from __future__ import annotations

import pytest
import torch

from edgewise.layers import KANLayer
from edgewise.testing import check_edge_layer

NONE_OF_ANY = ["leading", "empty", "dtypes", "pure", "edges", "mask", "moments", "gradients", "copies", "pickle",
               "export", "func"]  # fmt: skip


class WrongSlope(KANLayer):
    def features(self, x, order=0):
        return super().features(x, order) * (1 + order)


class TrainedFeatures(KANLayer):
    def features(self, x, order=0):
        return super().features(x, order) * (1 + 0 * self.scale_base.sum())


class NoRange(KANLayer):
    def interval(self):
        low, _ = super().interval()
        return low, low


class Forgetful(KANLayer):
    def describe(self):
        return {**super().describe(), "extrapolation": "constant"}


class Unnamed(KANLayer):
    input_tensors = ()


class WrongGradient(KANLayer):
    def gradients_of(self, grad):
        return {name: 2 * value for name, value in super().gradients_of(grad).items()}


@pytest.mark.parametrize("settings", [{}, {"base": "zero", "k": 1}, {"base": torch.tanh}])
def test_spline_layers_keep_it(settings):
    skip = ["settings"] if callable(settings.get("base")) else []
    check_edge_layer(lambda: KANLayer(2, 3, grid=4, seed=0, **settings), skip=[*NONE_OF_ANY, *skip])


@pytest.mark.parametrize(
    ("layer", "law"),
    [
        (WrongSlope, "features: derivative of order 1"),
        (TrainedFeatures, "features: .*no trained parameters"),
        (NoRange, "interval: .*must rise"),
        (Forgetful, "settings: "),
        (Unnamed, "settings: edge_tensors and input_tensors must name"),
        (WrongGradient, "gradients_of: "),
    ],
)
def test_what_breaks_it_is_named(layer, law):
    with pytest.raises(AssertionError, match=law):
        check_edge_layer(lambda: layer(2, 3, grid=4, seed=0), span=(-1.4, 1.4), skip=NONE_OF_ANY)
