"""What is looked at before an address is read: nothing is taken for what it was at the call before."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

from edgewise import KAN, KANLayer
from edgewise.edges import native
from edgewise.errors import EdgewiseError
from edgewise.network.execution import description
from edgewise.network.execution.description import describe

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")
WIDTHS = ([2, 2, 2], [40, 40, 2])


def network(width=(2, 2, 2), **settings):
    return KAN(list(width), seed=0, **settings)


def put(name, change, data):
    """A change of a tensor of the second layer's edges, in the module's place or under it."""

    def run(model):
        edges = model.layers[1].basis
        old = getattr(edges, name)
        new = change(old.detach())
        if data:
            old.data = new
        elif isinstance(old, nn.Parameter):
            setattr(edges, name, nn.Parameter(new))
        else:
            setattr(edges, name, new)

    return run


SHAPES = {
    "one row of knots": ("knots", lambda knots: knots[:1]),
    "knots too short": ("knots", lambda knots: knots[:, :-1].contiguous()),
    "knots of one dimension": ("knots", lambda knots: knots[0]),
    "fewer coefficients": ("coef", lambda coef: coef[:, :-1].contiguous()),
    "fewer inputs": ("coef", lambda coef: coef[:1]),
    "flat coefficients": ("coef", lambda coef: coef.flatten()),
    "a scale too wide": ("scale_base", lambda base: torch.cat([base, base], 1)),
    "a mask of one row": ("mask", lambda mask: mask[:1]),
    "a mask too long": ("mask", lambda mask: torch.cat([mask, mask])),
}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("data", [False, True], ids=["replaced", "under it"])
@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_a_tensor_of_another_shape_is_refused_at_the_next_call(kind, data, width):
    model, x = network(width), torch.rand(400, width[0])
    model(x)
    put(*SHAPES[kind], data)(model)
    for _ in range(2):
        with pytest.raises((EdgewiseError, RuntimeError)):
            model(x)
        with pytest.raises((EdgewiseError, RuntimeError)), torch.no_grad():
            model(x)


def test_the_error_says_what_must_hold():
    layer = KANLayer(400, 2, seed=0)
    layer.knots = layer.knots[:1]
    with pytest.raises(EdgewiseError, match=r"knots must have shape \(400, 12\); got \(1, 12\)"):
        layer(torch.zeros(3, 400))


STRIDES = {
    "turned": ("scale_base", lambda base: base.T),
    "turned coefficients": ("coef", lambda coef: coef.transpose(0, 2)),
    "one row for all": ("mask", lambda mask: mask[:1].expand(mask.shape)),
    "to be negated": ("coef", lambda coef: torch._neg_view(coef)),
    "every second": ("knots", lambda knots: knots.repeat_interleave(2, 1)[:, ::2]),
}


@pytest.mark.parametrize("kind", STRIDES)
@pytest.mark.parametrize("data", [False, True], ids=["replaced", "under it"])
@pytest.mark.parametrize("width", [[2, 2, 2], [60, 60, 60]], ids=str)
def test_other_strides_are_read_as_they_are(kind, data, width):
    model, x = network(width, dtype=torch.float64), torch.rand(30, width[0], dtype=torch.float64)
    model(x)
    put(*STRIDES[kind], data)(model)
    want = x
    for layer in model.layers:
        want = layer.nodes(layer.basis.edges(want).sum(-2))
    torch.testing.assert_close(model(x), want)
    with torch.no_grad():
        torch.testing.assert_close(model(x), want)


@pytest.mark.parametrize("name", ["coef", "scale_base", "knots"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int32])
def test_one_tensor_of_another_type_is_never_taken_for_what_it_is_not(name, dtype):
    model, x = network(), torch.rand(30, 2)
    model(x)
    edges = model.layers[0].basis
    new = getattr(edges, name).detach().to(dtype)
    setattr(edges, name, nn.Parameter(new, requires_grad=False) if name != "knots" else new)
    try:
        got = model(x)
    except (EdgewiseError, RuntimeError):
        return
    setattr(edges, name, nn.Parameter(new.float()) if name != "knots" else new.float())
    torch.testing.assert_close(got, model(x), check_dtype=False, rtol=1e-3, atol=1e-4)


def test_a_state_taken_over_as_it_is_is_looked_at():
    model, x = network(), torch.rand(30, 2)
    model(x)
    state = {
        name: value.double() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(state, assign=True)
    with pytest.raises(EdgewiseError, match=r"must have the model's dtype torch.float64"):
        model(x)
    assert model(x.double()).dtype == torch.float64


class Double(nn.Module):
    def forward(self, x):
        return 2 * x


@pytest.mark.parametrize(
    "wrap",
    [
        lambda edges: parametrize.register_parametrization(edges, "coef", Double()),
        lambda edges: parametrizations.weight_norm(edges, "coef"),
        lambda edges: prune.l1_unstructured(edges, "coef", 0.5),
    ],
)
def test_parametrised_layers_give_what_their_tensors_say(wrap):
    model, x = network(), torch.rand(30, 2)
    model(x)
    wrap(model.layers[0].basis)
    want = x
    for layer in model.layers:
        want = layer.nodes(layer.basis.edges(want).sum(-2))
    torch.testing.assert_close(model(x), want)


def test_hooks_of_all_modules_are_called():
    model, x, seen = network(), torch.rand(30, 2), []
    model(x)
    handle = nn.modules.module.register_module_forward_hook(lambda module, *_: seen.append(type(module)))
    try:
        model(x)
    finally:
        handle.remove()
    assert KANLayer in seen


def test_a_layer_that_stands_twice():
    model = network([2, 2])
    model.layers.append(model.layers[0])
    x = torch.rand(5, 2)
    torch.testing.assert_close(model(x), model.layers[0](model.layers[0](x)))


def test_without_torchs_guards_everything_is_looked_at_each_time(monkeypatch):
    monkeypatch.setattr(description, "TensorGuards", None)
    model, x = network(), torch.rand(5, 2)
    found = describe(model.layers, x)
    assert found is not None and found.plan.guard is None
    assert describe(model.layers, x.double()) is None
    model.layers[0].basis.knots = model.layers[0].basis.knots[:1]
    assert describe(model.layers, x) is None


def test_freed_memory_is_not_read():
    model, x = network(), torch.rand(5, 2)
    model(x)
    model.layers[0].basis.coef.untyped_storage().resize_(0)
    assert describe(model.layers, x) is None
