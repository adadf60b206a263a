"""What every layer of edges has from its features and weights alone, shown on powers of x."""

from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.layers import KANLayer, LinearEdgeLayer
from edgewise.layers.edge_layer import feature_statistics
from edgewise.testing import check_layer


class Powers(LinearEdgeLayer):
    """Edges c_0 + c_1 x + ... of a degree."""

    kind = "power"

    def __init__(self, in_features, out_features, degree=2, *, seed=0, dtype=None, device=None):
        generator = seed if isinstance(seed, torch.Generator) else torch.Generator().manual_seed(seed)
        coef = torch.randn(in_features, degree + 1, out_features, generator=generator, dtype=torch.float64)
        super().__init__(coef.to(dtype=dtype or torch.get_default_dtype(), device=device))

    def features(self, x, order=0):
        self.check_input(x)
        powers = []
        for power in range(self.size):
            factor = 1.0
            for left in range(order):
                factor *= power - left
            powers.append(factor * x ** max(power - order, 0))
        return torch.stack(powers, -1)

    def interval(self):
        ends = self.coef.new_ones(self.in_features)
        return -ends, ends

    def describe(self):
        return {"degree": self.size - 1}


def test_it_keeps_the_law_of_layers():
    check_layer(lambda: Powers(2, 3), skip=["export"])


def test_a_layer_without_its_three_functions_cannot_be_made():
    class Unfinished(LinearEdgeLayer):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Unfinished(torch.zeros(1, 1, 1))


def test_derivatives_of_edges_are_those_of_autograd():
    layer = Powers(1, 2, 3, dtype=torch.float64)
    x = torch.linspace(-1, 1, 7, dtype=torch.float64)[:, None].requires_grad_()
    (slope,) = torch.autograd.grad(layer.edges(x)[..., 0].sum(), x)
    torch.testing.assert_close(layer.edges(x.detach(), order=1)[:, 0, 0], slope[:, 0])


def test_selected_edges_are_the_same_functions():
    layer, x = Powers(3, 2), torch.rand(5, 3)
    part = layer.select([2, 0], [1])
    torch.testing.assert_close(part.edges(x[:, [2, 0]]), layer.edges(x)[:, [2, 0]][..., [1]])
    assert part.coef.data_ptr() != layer.coef.data_ptr()


def test_a_resized_layer_has_the_same_settings_and_silence_makes_it_zero():
    layer = Powers(3, 2, degree=4, dtype=torch.float64).resized(1, 6, 0)
    assert (layer.in_features, layer.out_features, layer.describe()) == (1, 6, {"degree": 4})
    assert layer.dtype == torch.float64
    assert bool((layer.silence_()(torch.ones(1, 1, dtype=torch.float64)) == 0).all())
    spline = KANLayer(2, 1, grid=4, k=2, base=torch.tanh, grid_eps=0.5).resized(3, 3, 0)
    assert (spline.grid, spline.k, spline.base, spline.grid_eps) == (4, 2, torch.tanh, 0.5)
    assert bool((spline.silence_()(torch.ones(1, 3)) == 0).all())


def test_samples_outside_the_interval_are_counted():
    assert Powers(1, 1).out_of_range(torch.tensor([[0.0], [3.0]])).tolist() == [0.5]
    assert Powers(1, 1).out_of_range(torch.zeros(0, 1)).tolist() == [0.0]


def test_wrong_inputs_are_named():
    with pytest.raises(ShapeError, match="Powers: x must have 2 columns"):
        Powers(2, 1)(torch.zeros(3, 1))
    with pytest.raises(InputError, match=r"Powers: x must have the layer's dtype torch.float32; got"):
        Powers(2, 1)(torch.zeros(3, 2, dtype=torch.float64))
    with pytest.raises(InputError, match="Powers: x must be a tensor; got list"):
        Powers(2, 1)([[0.0, 0.0]])


def test_repr_shows_settings_and_edges_off():
    layer = Powers(2, 1)
    layer.mask[0, 0] = 0
    assert repr(layer) == "Powers(2, 1, degree=2, edges_off=1)"


def test_the_settings_of_splines_rebuild_them():
    layer = KANLayer(2, 3, grid=4, k=2, base="identity", extrapolation="decay", grid_eps=0.1)
    again = KANLayer.from_description(2, 3, layer.describe(), seed=0)
    assert again.describe() == layer.describe()
    torch.testing.assert_close(again.interval(), layer.interval())


@pytest.mark.parametrize("base", ["silu", "identity", "zero", torch.tanh, torch.ones_like])
def test_derivatives_of_spline_features_are_those_of_autograd(base):
    layer = KANLayer(1, 1, grid=4, base=base, dtype=torch.float64)
    x = torch.linspace(-1.5, 1.5, 31, dtype=torch.float64)[:, None].requires_grad_()
    for order in (1, 2):
        below, got = layer.features(x, order - 1), layer.features(x, order)
        assert got.shape == below.shape
        for feature in range(below.shape[-1]):
            if not below[..., feature].requires_grad:
                continue
            (slope,) = torch.autograd.grad(below[..., feature].sum(), x, retain_graph=True, allow_unused=True)
            slope = torch.zeros_like(x) if slope is None else slope
            torch.testing.assert_close(got[..., feature].detach(), slope, rtol=0, atol=1e-10)


def test_statistics_are_those_of_the_features():
    features = torch.rand(20, 2, 3, dtype=torch.float64)
    mean, covariance = feature_statistics(features)
    torch.testing.assert_close(mean, features.mean(0))
    torch.testing.assert_close(covariance[1], torch.cov(features[:, 1].T, correction=0))
