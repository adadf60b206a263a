"""KANLayer: what it computes, how it is built, and how it behaves beside `nn.Linear`."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.utils._python_dispatch import TorchDispatchMode

from edgewise.errors import InputError, ShapeError, UnknownName
from edgewise.layers import KANLayer, Start
from edgewise.testing import check_quiet, state_bits
from edgewise.testing.compare import tensor_bits


def samples(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return (
        torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype) * 2
        - 1
    )


@pytest.mark.parametrize("k", range(7))
def test_edges_are_base_plus_spline_as_scipy_has_it(k):
    layer = KANLayer(2, 3, grid=4, k=k, seed=k, dtype=torch.float64, init="paper")
    with torch.no_grad():
        layer.mask[1, 2] = 0
    x = samples(50, 2, seed=2)
    want = np.zeros((50, 2, 3))
    for i in range(2):
        spline = BSpline(layer.knots[i].numpy(), layer.coef[i].detach().numpy(), k)
        silu = x[:, i].numpy() / (1 + np.exp(-x[:, i].numpy()))
        scale_base = layer.scale_base[i].detach().numpy()
        want[:, i] = scale_base * silu[:, None] + spline(x[:, i].numpy())
    want[:, 1, 2] = 0
    np.testing.assert_allclose(layer.edges(x).detach().numpy(), want, rtol=0, atol=1e-14)
    np.testing.assert_allclose(layer(x).detach().numpy(), want.sum(1), rtol=0, atol=1e-14)


def test_drops_in_for_linear_in_a_sequential_over_batch_time_channels():
    model = nn.Sequential(KANLayer(3, 8, seed=0), nn.LayerNorm(8), KANLayer(8, 2, seed=1))
    x = samples(4, 7, 3, dtype=torch.float32)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        optimiser.zero_grad()
        loss = (model(x) - x[..., :2] ** 2).square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert model(x).shape == (4, 7, 2)
    assert losses[-1] < 0.2 * losses[0]


def test_a_batch_of_time_series_is_the_same_as_its_rows():
    layer, x = KANLayer(3, 2, dtype=torch.float64, seed=0), samples(4, 7, 3)
    torch.testing.assert_close(layer(x)[2, 5], layer(x[2, 5]), rtol=0, atol=1e-15)


def test_degree_0_builds_and_runs():
    layer = KANLayer(2, 2, grid=3, k=0, base="zero", seed=0)
    x = torch.tensor([[-0.9, 0.0]])
    want = layer.coef[0, 0] + layer.coef[1, 1]
    torch.testing.assert_close(layer(x)[0], want)


def test_nan_input_gives_nan_and_not_a_hidden_zero():
    x = torch.zeros(3, 2)
    x[1, 0] = torch.nan
    assert KANLayer(2, 2, base="zero", seed=0)(x).isnan().all(-1).tolist() == [False, True, False]


def test_same_seed_same_bits_and_other_seeds_differ():
    bits = [state_bits(KANLayer(3, 4, seed=seed)) for seed in (5, 5, 6)]
    assert bits[0] == bits[1]
    assert bits[0]["coef"] != bits[2]["coef"]


def test_a_generator_is_drawn_from_layer_after_layer():
    generator = torch.Generator().manual_seed(5)
    first, second = KANLayer(3, 4, seed=generator), KANLayer(3, 4, seed=generator)
    assert torch.equal(first.coef, KANLayer(3, 4, seed=5).coef)
    assert not torch.equal(first.coef, second.coef)


def test_building_and_running_is_quiet_and_leaves_global_random_state_alone():
    check_quiet(lambda: KANLayer(3, 4, seed=0)(torch.zeros(2, 3)).sum().backward())


def test_torchs_default_device_is_where_layers_live():
    with torch.device("meta"):
        layer = KANLayer(3, 2, seed=0)
        elsewhere = KANLayer(3, 2, seed=0, device="cpu")
    assert {value.device.type for value in (*layer.parameters(), *layer.buffers())} == {"meta"}
    assert torch.equal(elsewhere.coef, KANLayer(3, 2, seed=0).coef)


def test_without_a_seed_layers_start_as_torch_decides():
    def two():
        torch.manual_seed(3)
        return KANLayer(2, 2), KANLayer(2, 2)

    with torch.random.fork_rng(devices=[]):
        (first, second), (again, after) = two(), two()
    assert not torch.equal(first.coef, second.coef)
    assert torch.equal(first.coef, again.coef) and torch.equal(second.scale_base, after.scale_base)


@pytest.mark.parametrize("name", ["in_features", "out_features", "grid", "k"])
@pytest.mark.parametrize("value", [None, "a", -1, 2.5, True, float("nan"), [3]])
def test_sizes_that_are_no_whole_numbers_are_refused(name, value):
    sizes = {"in_features": 2, "out_features": 2, name: value}
    with pytest.raises(InputError, match=f"KANLayer: {name} must be a whole number of at least"):
        KANLayer(**sizes, seed=0)


def test_numpy_sizes_are_taken():
    layer = KANLayer(np.int64(2), np.int32(3), np.int64(4), np.int8(2), seed=np.int64(1))
    assert (layer.in_features, layer.out_features, layer.grid, layer.k) == (2, 3, 4, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"grid_range": (1, 1)}, "grid_range must be two rising numbers"),
        ({"grid_range": 3}, "grid_range must be two rising numbers"),
        ({"grid_range": (0, float("inf"))}, "grid_range must be two rising numbers"),
        ({"grid_eps": 1.5}, "grid_eps must be from 0 to 1"),
        ({"grid_eps": "x"}, "grid_eps must be from 0 to 1"),
        ({"extrapolation": "lineer"}, "Did you mean 'linear'"),
        ({"init": "pwer"}, "Did you mean 'power'"),
        ({"init": None}, "init must be one of"),
        ({"seed": -1}, "seed must be a whole number"),
        (
            {"init": lambda shape, generator: Start(torch.ones(1), torch.ones(1))},
            "init must give coef of shape",
        ),
    ],
)
def test_bad_settings_are_refused_with_advice(settings, message):
    with pytest.raises(InputError, match=message):
        KANLayer(2, 2, **settings)


@pytest.mark.parametrize("shape", [(7, 4), (7, 1), (3, 2, 2), (), (0, 4)])
def test_wrong_width_is_a_clear_error(shape):
    with pytest.raises(ShapeError, match="x must have 3 columns; got shape"):
        KANLayer(3, 2, seed=0)(torch.zeros(shape))


@pytest.mark.parametrize("x", [torch.zeros(2, 3, dtype=torch.float64), torch.zeros(2, 3, dtype=torch.int64)])
def test_wrong_dtype_is_a_clear_error(x):
    with pytest.raises(InputError, match=r"x must have the layer's dtype torch\.float32; got torch"):
        KANLayer(3, 2, seed=0)(x)


def test_an_array_is_a_clear_error():
    with pytest.raises(InputError, match="x must be a tensor; got ndarray"):
        KANLayer(3, 2, seed=0)(np.zeros((2, 3)))


def test_out_of_range_tells_the_share_of_samples():
    layer = KANLayer(2, 1, grid_range=(0, 1), seed=0)
    x = torch.tensor([[0.5, 2.0], [0.5, 0.5], [-1.0, 3.0], [0.0, 1.0]])
    assert layer.out_of_range(x).tolist() == [0.25, 0.5]


def test_the_error_extrapolation_names_the_column():
    with pytest.raises(InputError, match="column 1"):
        KANLayer(2, 1, extrapolation="error", seed=0)(torch.tensor([[0.0, 2.0]]))


def test_to_takes_all_that_module_to_takes():
    layer = KANLayer(2, 3, seed=0).to("cpu", torch.float64, non_blocking=True)
    assert {value.dtype for value in (*layer.parameters(), *layer.buffers())} == {torch.float64}
    layer.float().half().bfloat16()
    assert layer.coef.dtype == torch.bfloat16
    assert KANLayer(2, 3, device="meta", seed=0).to_empty(device="cpu").knots.shape == (2, 12)


def test_knots_keep_single_precision_so_that_bfloat16_cannot_make_them_coincide():
    layer = KANLayer(1, 1, grid=50, grid_range=(100.0, 101.0), seed=0)
    low = copy.deepcopy(layer).to(torch.bfloat16)
    assert torch.equal(low.knots, layer.knots)
    assert (
        KANLayer(1, 1, grid=50, grid_range=(100.0, 101.0), dtype=torch.bfloat16, seed=0).knots.diff().min()
        > 0
    )
    assert low(torch.tensor([[100.0], [101.0]], dtype=torch.bfloat16)).isfinite().all()
    assert layer.to(torch.float64).knots.dtype == torch.float64


def test_autocast_takes_the_layer_along():
    layer, x = KANLayer(3, 2, seed=0), samples(5, 3, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        y = nn.Sequential(layer, KANLayer(2, 2, seed=0))(x)
    assert y.dtype == torch.bfloat16
    assert y.isfinite().all()


# Dynamo itself instantiates the autograd function it traces.
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_a_training_step_compiles_in_one_graph():
    layer, x = KANLayer(3, 2, seed=0), samples(6, 3, dtype=torch.float32)

    def step(x):
        return layer(x).square().mean()

    compiled = torch.compile(step, fullgraph=True, backend="aot_eager")(x)
    compiled.backward()
    got = layer.coef.grad.clone()
    layer.zero_grad()
    plain = step(x)
    plain.backward()
    torch.testing.assert_close(compiled, plain)
    torch.testing.assert_close(got, layer.coef.grad)


def test_a_stack_of_layers_runs_under_vmap():
    layers = [KANLayer(3, 2, seed=seed, grid_range=(-1, 1 + seed), dtype=torch.float64) for seed in range(3)]
    params, buffers = stack_module_state(layers)
    x = samples(5, 3)

    def run(params, buffers, x):
        return functional_call(layers[0], (params, buffers), (x,))

    together = vmap(run, in_dims=(0, 0, None))(params, buffers, x)
    torch.testing.assert_close(together, torch.stack([layer(x) for layer in layers]))
    apart = vmap(run)(params, buffers, torch.stack([x, 2 * x, -x]))
    torch.testing.assert_close(apart[1], layers[1](2 * x))


class Largest(TorchDispatchMode):
    """The number of elements of the largest tensor that is made."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for value in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(value, torch.Tensor):
                self.size = max(self.size, value.numel())
        return result


def test_no_batch_by_in_by_out_tensor_is_built_in_training_or_for_moments():
    layer, x = KANLayer(10, 200, seed=0), samples(64, 10, dtype=torch.float32).requires_grad_()
    with Largest() as largest:
        y, mean, variance = layer.forward_with_moments(x)
        (y.square().mean() + mean.abs().sum() + variance.sqrt().sum() + layer(x).sum()).backward()
    assert largest.size < 64 * 10 * 200 / 4


def test_moments_of_one_sample_are_finite_with_variance_zero():
    layer, x = KANLayer(3, 2, seed=0), samples(1, 3, dtype=torch.float32)
    _, mean, variance = layer.forward_with_moments(x)
    torch.testing.assert_close(mean, layer.edges(x)[0])
    assert torch.equal(variance, torch.zeros(3, 2))


def test_with_tensors_gives_an_independent_layer_and_keeps_settings():
    layer = KANLayer(2, 3, base="identity", extrapolation="constant", grid_eps=0.5, seed=0)
    layer.scale_base.requires_grad_(False)
    new = layer.with_tensors(scale_base=torch.ones(2, 3))
    assert (new.base_name, new.extrapolation, new.grid_eps) == ("identity", "constant", 0.5)
    assert not new.scale_base.requires_grad
    new.coef.data.add_(1)
    assert not torch.equal(new.coef, layer.coef)


def test_with_tensors_refuses_knots_that_do_not_fit():
    with pytest.raises(ShapeError, match="knots must have"):
        KANLayer(2, 3, seed=0).with_tensors(coef=torch.zeros(2, 9, 3))


def test_select_keeps_edges_in_the_order_given():
    layer, x = KANLayer(3, 4, dtype=torch.float64, seed=0), samples(5, 3)
    part = layer.select([2, 0], [3, 1])
    torch.testing.assert_close(part.edges(x[:, [2, 0]]), layer.edges(x)[:, [2, 0]][:, :, [3, 1]])


def test_the_zero_base_is_frozen_and_the_spline_scale_too():
    layer = KANLayer(2, 2, base="zero", seed=0)
    assert [name for name, value in layer.named_parameters() if value.requires_grad] == ["coef"]


def test_repr_is_one_short_line():
    layer = KANLayer(2, 3, seed=0)
    layer.mask[0, 0] = 0
    assert repr(layer) == "KANLayer(2, 3, grid=5, k=3, base='silu', range=[-1, 1], edges_off=1)"


def test_unknown_base_is_refused():
    with pytest.raises(UnknownName, match="Did you mean 'silu'"):
        KANLayer(1, 1, base="siluu", seed=0)


def test_forward_leaves_the_input_alone():
    layer, x = KANLayer(2, 2, seed=0), samples(4, 2, dtype=torch.float32)
    before = tensor_bits(x)
    layer(x)
    assert tensor_bits(x) == before
