"""Modules without memory, and what `reset_parameters` makes of them."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import nn

from edgewise import KAN, KANLayer, Scaler, mask_edges, set_formula
from edgewise.layers import FormulaLayer, NodeLayer
from edgewise.testing import ChebyshevLayer


def same(one, other):
    state, wanted = one.state_dict(), other.state_dict()
    assert state.keys() == wanted.keys()
    for name, value in wanted.items():
        torch.testing.assert_close(state[name], value, rtol=0, atol=0)


def reset_as_fsdp_does(module):
    for part in module.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()


def reset_as_pyg_does(value):
    if hasattr(value, "reset_parameters"):
        value.reset_parameters()
    else:
        for child in value.children() if hasattr(value, "children") else ():
            reset_as_pyg_does(child)


MAKERS = {
    "layer": lambda device="cpu": KANLayer(
        3, 2, grid=7, grid_range=(-2, 3), init="paper", seed=4, device=device
    ),
    "layer of a generator": lambda device="cpu": KANLayer(
        3, 2, seed=torch.Generator().manual_seed(5), device=device
    ),
    "network": lambda device="cpu": KAN([3, 4, 2], seed=3, device=device),
    "network of products": lambda device="cpu": KAN(
        [3, (2, 2), 1], seed=1, affine_trainable=True, device=device
    ),
    "in half precision": lambda device="cpu": KAN([2, 3, 1], seed=1, dtype=torch.bfloat16, device=device),
    "double": lambda device="cpu": KAN([2, 3, 1], seed=1, dtype=torch.float64, device=device),
    "in a sequence": lambda device="cpu": nn.Sequential(
        KANLayer(3, 8, seed=0, device=device), KANLayer(8, 2, seed=1, device=device)
    ),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("reset", [reset_as_fsdp_does, reset_as_pyg_does])
def test_a_module_made_on_meta_is_the_one_made_at_once(make, reset):
    empty = make("meta")
    assert all(part.is_meta for part in (*empty.parameters(), *empty.buffers()))
    filled = empty.to_empty(device="cpu")
    for part in (*filled.parameters(), *filled.buffers()):
        if part.is_floating_point():
            part.data.fill_(torch.nan)
    reset(filled)
    same(filled, make())


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_start_values_come_back_after_training_and_copies(make):
    model = make()
    for changed in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        with torch.no_grad():
            for part in changed.parameters():
                part.add_(1)
        reset_as_fsdp_does(changed)
        same(changed, make())


def test_the_default_device_may_be_meta():
    with torch.device("meta"):
        model = KAN([2, 3, 1], seed=0)
    reset_as_fsdp_does(model.to_empty(device="cpu"))
    same(model, KAN([2, 3, 1], seed=0))


@pytest.mark.parametrize("kind", [KANLayer, nn.Linear])
def test_without_a_seed_values_are_torchs_to_choose_as_those_of_linear(kind):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        layer = kind(3, 2)
        first = [part.detach().clone() for part in layer.parameters()]
        layer.reset_parameters()
        assert not torch.equal(first[0], next(layer.parameters()))
        torch.manual_seed(1)
        layer.reset_parameters()
        assert all(torch.equal(a, b) for a, b in zip(first, layer.parameters(), strict=True))


@pytest.mark.parametrize(("kind", "sizes"), [(KANLayer, (3, 2)), (KANLayer, (1, 1)), (KAN, ([2, 3, 1],))])
def test_skip_init_and_reset(kind, sizes):
    layer = torch.nn.utils.skip_init(kind, *sizes, seed=2)
    reset_as_pyg_does(layer)
    same(layer, kind(*sizes, seed=2))


@pytest.mark.parametrize("way", ["to_empty", "meta", "kept"])
def test_the_structure_outlives_a_reset(way):
    x, y = torch.rand(20, 3), torch.rand(20, 1)
    model = KAN([3, 2, 1], seed=0, input_scaler=Scaler.of(x), output_scaler=Scaler.of(y))
    model = mask_edges(set_formula(model, (0, 1, 0), "sin", (2.0, 1.0, 3.0, 0.5)), [(0, 2, 1), (0, 0, 0)])
    model = model.select_nodes([[2, 1], [0, 1], [0]])
    wanted = copy.deepcopy(model)
    if way == "meta":
        model = model.to("meta")
        assert "edges" in repr(model)
    if way != "kept":
        model = model.to_empty(device="cpu")
        for part in (*model.parameters(), *model.buffers()):
            part.data.fill_(7)
    reset_as_fsdp_does(model)
    assert model.width == wanted.width and model.names == wanted.names
    for got, want in zip(model.layers, wanted.layers, strict=True):
        assert torch.equal(got.basis.mask, want.basis.mask)
        assert torch.equal(got.formula.edge_index, want.formula.edge_index)
        assert torch.equal(got.formula.affine, want.formula.affine)
        assert got.basis.interval()[0].tolist() == [-1.0] * got.in_features
    assert torch.equal(model.columns, wanted.columns)
    assert torch.equal(model.input_scaler.shift, wanted.input_scaler.shift)
    assert torch.equal(model.output_scaler.scale, wanted.output_scaler.scale)
    assert model(x).isfinite().all()


def test_a_moved_grid_goes_back_and_a_finer_one_stays_fine():
    model = KAN([1, 1], seed=0)
    model.update_grid(torch.linspace(3, 5, 50)[:, None])
    finer = model.refine(9)
    reset_as_fsdp_does(finer)
    assert finer.grid == (9,)
    assert [end.item() for end in finer.layers[0].basis.interval()] == [-1.0, 1.0]


@pytest.mark.parametrize(
    "layer",
    [NodeLayer(1, (2,), affine_trainable=True), FormulaLayer(2, 1).with_edge(0, 0, "sin", (2, 0, 1, 0))],
)
def test_other_layers_reset(layer, monkeypatch):
    wanted = copy.deepcopy(layer).state_dict()
    # Memory that was just given back may hold the old numbers by luck.
    monkeypatch.setattr(torch, "empty_like", lambda old, **where: torch.full_like(old, 3, **where))
    layer = layer.to_empty(device="cpu")
    layer.reset_parameters()
    assert all(torch.equal(layer.state_dict()[name], value) for name, value in wanted.items())


def test_a_kind_of_the_users_own_resets():
    with torch.random.fork_rng(devices=[]):
        layer = ChebyshevLayer(2, 3, seed=0)
        with torch.no_grad():
            layer.coef.fill_(torch.nan)
            layer.mask[0, 1] = 0
        layer.reset_parameters()
    assert layer.coef.isfinite().all() and layer.mask[0, 1] == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: KANLayer(100_000, 100_000, device="meta"),
        lambda: KAN([50_000, 80_000, 10], device="meta"),
        lambda: KAN([10_000, (5_000, 5_000), 10_000], grid=500, device="meta"),
    ],
)
def test_what_is_on_meta_takes_no_memory(make):
    model = make()
    model.reset_parameters()
    assert repr(model) and all(part.is_meta for part in (*model.parameters(), *model.buffers()))
