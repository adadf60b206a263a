from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.errors import InputError
from edgewise.network import build, mask_edges, perturb, set_formula

X = torch.rand(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_all_edges_that_are_off_come_on_and_others_stay():
    model = set_formula(
        mask_edges(build([2, 3, 1], seed=0, dtype=torch.float64), [(0, 0, 1), (1, 2, 0)]), (0, 1, 1), "sin"
    )
    new = perturb(model, 1e-3, seed=1)
    assert set(new.active_edges()) == {(0, i, j) for i in range(2) for j in range(3)} | {
        (1, i, 0) for i in range(3)
    }
    assert new.layers[0].formula.names == ("sin",)
    off = {(0, 0, 1), (1, 2, 0)}
    for l, layer in enumerate(model.layers):
        for i, j in (layer.basis.mask != 0).nonzero().tolist():
            assert (l, i, j) not in off
            assert torch.equal(new.layers[l].basis.coef[i, :, j], layer.basis.coef[i, :, j])
    assert 0 < (new(X) - model(X)).abs().max() < 0.05
    assert model.layers[0].basis.mask[0, 1] == 0


def test_the_seed_decides_and_the_size_is_the_scale():
    model = KAN.from_formula("a*b + sin(a)")
    one, same, other = (perturb(model, 0.1, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(one(X), same(X))
    assert not torch.equal(one(X), other(X))
    coef = torch.cat(
        [
            layer.basis.coef[layer.basis.mask.bool()[:, None].expand_as(layer.basis.coef)]
            for layer in one.layers
        ]
    )
    assert 0.05 < coef.std() < 0.2
    assert isinstance(one, KAN)


def test_a_formula_that_misses_something_learns_it():
    y = X[:, :1] * X[:, 1:] + 0.2 * torch.cos(3 * X[:, :1])
    model = perturb(KAN.from_formula("a*b", dtype=torch.float64).deepen(), 0.1)
    model.fit((X, y), steps=60)
    assert (model(X) - y).square().mean().sqrt() < 1e-2


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "a", None])
def test_the_scale_must_be_positive(scale):
    with pytest.raises(InputError, match="perturb: scale must be a positive number"):
        perturb(build([2, 1]), scale)


@pytest.mark.parametrize("edge", [(0, 0, 0), (0, 5, 0), (3, 0, 0)])
def test_edges_must_be_off(edge):
    with pytest.raises(InputError, match="perturb: edges must be off"):
        perturb(build([2, 1]), edges=[edge])
