"""The one operation: every derivative, every transform, whoever computes it."""

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from edgewise.edges import EdgeSpec, EdgeWeights, dispatch, edge_sums, native, reference
from edgewise.spline.knots import uniform_knots

DOUBLE = torch.float64
KNOTS = uniform_knots(-torch.ones(3, dtype=DOUBLE), torch.ones(3, dtype=DOUBLE), 4, 3)


def tensors(batch=5, outputs=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *size: torch.randn(*size, generator=generator, dtype=DOUBLE)
    x = 1.3 * (2 * torch.rand(batch, 3, generator=generator, dtype=DOUBLE) - 1)
    return [part.requires_grad_() for part in (x, draw(3, 7, outputs), draw(3, outputs), draw(3, outputs))]


def layer(spec, order=0):
    return lambda x, coef, base, scale: edge_sums(x, EdgeWeights(coef, base, scale), KNOTS, spec, order=order)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "periodic", "decay"])
def test_gradients_of_first_and_second_order(extrapolation, order):
    function = layer(EdgeSpec(3, "silu", extrapolation), order)
    assert gradcheck(function, tensors())
    assert gradgradcheck(function, tensors())


def test_gradients_without_a_scale():
    x, coef, base, _ = tensors()
    function = lambda x, coef, base: edge_sums(x, EdgeWeights(coef, base), KNOTS, EdgeSpec(5 - 2))
    assert gradcheck(function, (x, coef, base))
    assert gradgradcheck(function, (x, coef, base))


def test_third_derivative_in_the_input():
    x, *weights = tensors(batch=40)
    x = (0.9 * x.detach() / 1.3).requires_grad_()
    found = layer(EdgeSpec(3))(x, *weights).sum()
    for _ in range(3):
        found = torch.autograd.grad(found, x, create_graph=True)[0].sum()
    wanted = reference.sums(x, None, EdgeWeights(*weights), KNOTS, EdgeSpec(3), 3).sum()
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 4, 3), (2, 0, 3)])
def test_leading_dimensions(shape):
    _, *weights = tensors()
    x = torch.zeros(shape, dtype=DOUBLE, requires_grad=True)
    found = layer(EdgeSpec(3))(x, *weights)
    assert found.shape == (*shape[:-1], 2)
    found.sum().backward()
    assert x.grad.shape == x.shape and weights[0].grad.shape == weights[0].shape


def test_vmap_over_samples_and_over_weights():
    x, *weights = (part.detach() for part in tensors())
    function = layer(EdgeSpec(3))
    wanted = function(x, *weights)
    one = torch.vmap(lambda row: function(row[None], *weights)[0])(x)
    torch.testing.assert_close(one, wanted)
    many = [torch.stack([part, 2 * part]) for part in weights]
    found = torch.vmap(function, in_dims=(None, 0, 0, 0))(x, *many)
    torch.testing.assert_close(found[0], wanted)


def test_jacobians():
    x, *weights = (part.detach() for part in tensors(batch=4))
    function = lambda row: layer(EdgeSpec(3))(row[None], *weights)[0]
    first = torch.vmap(torch.func.jacrev(function))(x)
    second = torch.vmap(torch.func.jacrev(torch.func.jacrev(function)))(x)
    by_hand = torch.autograd.functional.hessian(lambda row: function(row)[1], x[2])
    torch.testing.assert_close(second[2, 1], by_hand)
    torch.testing.assert_close(first[2], torch.autograd.functional.jacobian(function, x[2]))
    in_weights = torch.func.jacrev(lambda coef: layer(EdgeSpec(3))(x, coef, *weights[1:]))(weights[0])
    assert in_weights.shape == (4, 2, 3, 7, 2)


def test_per_sample_gradients():
    x, *weights = (part.detach() for part in tensors(batch=4))
    loss = lambda coef, row: layer(EdgeSpec(3))(row[None], coef, *weights[1:]).square().sum()
    found = torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(weights[0], x)
    torch.testing.assert_close(found[1], torch.func.grad(loss)(weights[0], x[1]))


def test_gradients_of_a_batch_of_cotangents():
    x, *weights = tensors()
    out = layer(EdgeSpec(3))(x, *weights)
    cotangents = torch.randn(3, *out.shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))
    found = torch.autograd.grad(out, [x, *weights], cotangents, is_grads_batched=True, retain_graph=True)
    wanted = torch.autograd.grad(out, [x, *weights], cotangents[1])
    for many, one in zip(found, wanted, strict=True):
        torch.testing.assert_close(many[1], one)


@pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")
def test_a_package_without_its_compiled_part_warns_once(monkeypatch):
    x, *weights = (part.detach() for part in tensors())
    wanted = layer(EdgeSpec(3))(x, *weights)
    monkeypatch.setattr(native, "AVAILABLE", False)
    monkeypatch.setattr(dispatch, "_warned", set())
    with pytest.warns(RuntimeWarning, match="C\\+\\+ compiler"):
        found = layer(EdgeSpec(3))(x, *weights)
    layer(EdgeSpec(3))(x, *weights)  # warnings are errors in these tests
    torch.testing.assert_close(found, wanted)


def test_nothing_as_large_as_the_dense_basis_is_saved():
    batch, inputs, outputs, grid = 64, 50, 4, 20
    knots = uniform_knots(-torch.ones(inputs), torch.ones(inputs), grid, 3).float()
    x = torch.zeros(batch, inputs, requires_grad=True)
    coef, base = torch.zeros(inputs, grid + 3, outputs, requires_grad=True), torch.zeros(inputs, outputs)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t.numel()) or t, lambda t: t):
        edge_sums(x, EdgeWeights(coef, base), knots, EdgeSpec(3))
    if native.AVAILABLE:
        assert sum(saved) <= x.numel() + coef.numel() + base.numel() + knots.numel()
