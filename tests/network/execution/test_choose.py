"""A network as one step of autograd, small or large: the same values and gradients as layer by layer."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.edges import native
from edgewise.network.execution import choose

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")

ROUNDING = {torch.float32: 2e-4, torch.float64: 1e-11}


@pytest.fixture(params=["whole", "in turn"])
def some_network(request, monkeypatch):
    """Small networks, which go their own way or the one of large networks."""
    if request.param == "in turn":
        monkeypatch.setattr(choose, "is_small", lambda *_: False)

    def make(width, dtype=torch.float64, **settings):
        model = network(width, dtype, affine_trainable=request.param == "whole", **settings)
        x = some_samples(1, model.n_columns, dtype)
        assert ("FusedNetwork" if request.param == "whole" else "LayerwiseNetwork") in str(model(x).grad_fn)
        return model

    return make


def network(width, dtype=torch.float64, seed=0, **settings):
    model = KAN(width, **{"grid": 4, "k": 3, "seed": seed, "dtype": dtype, **settings})
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in model.parameters():
            part.add_(0.1 * torch.randn(part.shape, generator=generator, dtype=dtype))
        for layer in model.layers:
            layer.basis.mask[0, 0] = 0
    return model


def some_samples(batch, width, dtype=torch.float64):
    # A sixth of them lies outside the grid.
    generator = torch.Generator().manual_seed(batch)
    return (torch.rand(batch, width, generator=generator, dtype=dtype) * 2.4 - 1.2).requires_grad_()


def values_and_gradients(model, x, **settings):
    y = model(x)
    g = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
    wanted = [x, *(part for part in model.parameters() if part.requires_grad)]
    return [y, *torch.autograd.grad(y, wanted, g, **settings)]


@pytest.fixture
def by_stages(monkeypatch):
    def run(function, *arguments, **settings):
        with monkeypatch.context() as patch:
            patch.setattr(choose, "describe", lambda *_: None)
            return function(*arguments, **settings)

    return run


@pytest.mark.parametrize("width", [[1, 1], [2, 5, 1], [3, 2, 1], [4, 10, 10, 2]], ids=str)
@pytest.mark.parametrize("batch", [1, 7, 1500])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("extrapolation", ["linear", "decay"])
def test_values_and_gradients_are_those_of_the_stages(
    some_network, width, batch, dtype, extrapolation, by_stages
):
    model = some_network(width, dtype, extrapolation=extrapolation)
    x = some_samples(batch, width[0], dtype)
    found = values_and_gradients(model, x)
    expected = by_stages(values_and_gradients, model, x)
    for one, other in zip(found, expected, strict=True):
        assert (one - other).abs().max() <= ROUNDING[dtype] * (1 + other.abs().max())


@pytest.mark.parametrize(
    "settings", [{"grid": 30}, {"grid": 90}, {"k": 2}, {"k": 5, "grid": 20}, {"grid": 3}], ids=str
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_few_and_many_basis_functions(settings, dtype, by_stages):
    model = network([2, 20, 3, 1], dtype, **settings)
    x = some_samples(700, 2, dtype)
    expected = by_stages(values_and_gradients, model, x)
    within = ROUNDING[dtype] * max(1, settings.get("grid", 4) / 4)  # narrow intervals make rounding larger
    for one, other in zip(values_and_gradients(model, x), expected, strict=True):
        assert (one - other).abs().max() <= within * (1 + other.abs().max())


def test_parameters_may_be_gone_before_the_backward_pass():
    model, x = network([2, 3, 1]), some_samples(9, 2)
    wanted = [part for part in model.parameters() if part.requires_grad]
    expected, y = torch.autograd.grad(model(x).sum(), wanted), model(x)
    for part in (*model.parameters(), *model.buffers()):
        part.data = torch.full_like(part, torch.nan) if part.is_floating_point() else part
    for one, other in zip(torch.autograd.grad(y.sum(), wanted), expected, strict=True):
        assert torch.equal(one, other)


def test_no_gradient_where_none_is_recorded():
    model, x = network([2, 3, 1]), some_samples(9, 2)
    with torch.no_grad():
        y = model(x)
    assert not y.requires_grad
    assert torch.equal(y, model(x))


@pytest.fixture(params=["baseline", "avx2", "avx512"])
def target(request):
    if not native.use_target(request.param):
        pytest.skip("this processor cannot run it")
    yield request.param
    native.use_target(None)


@pytest.mark.parametrize("width", [[3, 20, 33, 2], [16, 64, 128, 64], [16, 16]], ids=str)
@pytest.mark.parametrize("touched", [True, False])
def test_every_target_where_hidden_values_leave_the_grid(monkeypatch, target, width, touched, by_stages):
    monkeypatch.setattr(choose, "is_small", lambda *_: False)
    model = network(width) if touched else KAN(width, grid=7, seed=0, dtype=torch.float64)
    x = (3 * some_samples(700, width[0]).detach()).requires_grad_()
    found = values_and_gradients(model, x)
    monkeypatch.setattr(native, "supports", lambda *_: False)
    expected = by_stages(values_and_gradients, model, x)
    for one, other in zip(found, expected, strict=True):
        assert (one - other).abs().max() <= 1e-11 * (1 + other.abs().max())


def test_buffers_may_be_replaced_before_the_backward_pass(some_network):
    model, x = some_network([3, 4, 1]), some_samples(30, 3)
    wanted = torch.autograd.grad(model(x).sum(), x)[0]
    y = model(x)
    for layer in model.layers:
        for name in ("knots", "mask"):
            setattr(layer.basis, name, getattr(layer.basis, name).clone() + 100)
    spoilt = [torch.full((4096,), torch.nan, dtype=torch.float64) for _ in range(64)]
    assert len(spoilt) == 64 and torch.equal(torch.autograd.grad(y.sum(), x)[0], wanted)


def test_gradients_of_gradients(some_network, by_stages):
    model, x = some_network([2, 3, 1]), some_samples(9, 2)

    def second(model, x):
        slopes = values_and_gradients(model, x, create_graph=True)[1]
        return torch.autograd.grad((slopes**2).sum(), [x, model.layers[0].basis.coef])

    for one, other in zip(second(model, x), by_stages(second, model, x), strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-12)


def test_gradcheck_of_the_inputs(some_network):
    model, x = some_network([2, 2, 1]), some_samples(3, 2)
    assert torch.autograd.gradcheck(model, x)
    assert torch.autograd.gradgradcheck(model, x)


def test_a_forward_hook_is_called(some_network):
    model, x, seen = some_network([2, 2, 1]), some_samples(3, 2), []
    model.layers[0].basis.register_forward_hook(lambda *_: seen.append(1))
    model(x)
    assert seen


def test_batched_and_repeated_backward(some_network):
    model, x = some_network([2, 2, 2]), some_samples(4, 2)
    y = model(x)
    eye = torch.eye(y.numel(), dtype=y.dtype).reshape(-1, *y.shape)
    together = torch.autograd.grad(y, x, eye, is_grads_batched=True, retain_graph=True)[0]
    one_by_one = torch.stack([torch.autograd.grad(y, x, one, retain_graph=True)[0] for one in eye])
    assert torch.allclose(together, one_by_one, rtol=1e-10, atol=1e-13)


def test_functional_transforms_agree(some_network):
    model, x = some_network([2, 3, 1]), some_samples(5, 2).detach()
    jacobian = torch.func.vmap(torch.func.jacrev(model))(x)
    expected = torch.autograd.functional.jacobian(lambda x: model(x).sum(0), x)
    assert torch.allclose(jacobian.squeeze(1), expected.squeeze(0), rtol=1e-10, atol=1e-13)


def test_a_frozen_parameter_gets_no_gradient(some_network):
    model, x = some_network([2, 2, 1]), some_samples(3, 2)
    model.layers[0].basis.coef.requires_grad_(False)
    model(x).sum().backward()
    assert model.layers[0].basis.coef.grad is None
    assert model.layers[1].basis.coef.grad.abs().sum() > 0


def test_product_nodes_of_a_small_network(by_stages):
    model, x = network([3, (2, 2), 1], affine_trainable=True), some_samples(20, 3)
    for one, other in zip(
        values_and_gradients(model, x), by_stages(values_and_gradients, model, x), strict=True
    ):
        assert (one - other).abs().max() <= 1e-11 * (1 + other.abs().max())


@pytest.mark.parametrize("settings", [{"affine_trainable": True}, {"width": [3, (2, 2), 1]}], ids=str)
def test_what_a_large_network_cannot_do_in_turn_goes_by_stages(monkeypatch, settings):
    monkeypatch.setattr(choose, "is_small", lambda *_: False)
    model = network(**{"width": [3, 2, 1], **settings})
    assert "LayerwiseNetwork" not in str(model(some_samples(4, 3)).grad_fn)


def test_a_large_network_keeps_the_inputs_of_its_layers_and_no_more():
    model, x, kept = KAN([30, 80, 4], seed=0), torch.rand(50, 30), []
    with torch.autograd.graph.saved_tensors_hooks(lambda part: kept.append(part) or part, lambda part: part):
        model(x)
    known = {part.data_ptr() for part in model.parameters()}
    assert sum(part.numel() for part in kept if part.data_ptr() not in known) == 50 * (30 + 80)
