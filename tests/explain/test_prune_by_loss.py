from __future__ import annotations

import copy

import pytest
import torch

from edgewise.errors import InputError
from edgewise.explain import prune_by_loss
from edgewise.network import Scaler, build, mask_edges


@pytest.fixture
def x(generator):
    return torch.rand(200, 3, generator=generator, dtype=torch.float64) * 2 - 1


@torch.no_grad()
def change(model, small, x):
    outputs = model(x)
    return float(((small(x) - outputs).square().mean(0) / outputs.var(0, correction=0)).max())


def test_what_does_not_matter_goes_and_the_outputs_stay(x):
    model = build([3, 4, 1], seed=0, dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.scale_base[2] = 0
        model.layers[0].basis.coef[2] = 0
    found = prune_by_loss(model, x)
    assert found.inputs == ("x_3",) and found.edges
    assert change(model, found.model, x) <= 0.01


@pytest.mark.parametrize("tolerance", [0.001, 0.05, 0.3])
def test_the_outputs_change_by_no_more_than_the_tolerance(x, tolerance):
    model = build([3, 6, 2], seed=1, dtype=torch.float64)
    found = prune_by_loss(model, x, tolerance=tolerance, thresholds=(0.5, 0.2, 0.1, 0.03))
    assert change(model, found.model, x) <= tolerance


def test_where_every_cut_changes_too_much_nothing_goes(x):
    model = build([3, 2, 1], seed=0, dtype=torch.float64)
    found = prune_by_loss(model, x, tolerance=0.0, thresholds=(0.9,))
    assert found.edges == found.nodes == found.inputs == ()
    assert torch.equal(found.model(x), model(x)) and found.model is not model


def test_a_constant_network_and_a_single_sample_are_left_alone(x):
    silent = mask_edges(build([3, 1], dtype=torch.float64), [(0, i, 0) for i in range(3)])
    assert prune_by_loss(silent, x).edges == ()
    assert prune_by_loss(build([3, 1], dtype=torch.float64), x[:1]).edges == ()


def test_the_model_is_left_as_it_is(x):
    model = build([3, 4, 1], seed=0, dtype=torch.float64)
    before = copy.deepcopy(model.state_dict())
    prune_by_loss(model, x, tolerance=0.5)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_negative_tolerance_is_refused(x):
    with pytest.raises(InputError, match="prune_by_loss: tolerance must be"):
        prune_by_loss(build([3, 1], dtype=torch.float64), x, tolerance=-1.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_means_of_the_outputs_stay(x, seed):
    scaler = Scaler(torch.tensor([100.0]), torch.tensor([360.0]))
    model = build([3, 6, 4, 1], seed=seed, dtype=torch.float64, output_scaler=scaler)
    found = prune_by_loss(model, x, tolerance=0.3, thresholds=(0.1,))
    assert found.edges
    with torch.no_grad():
        assert torch.allclose(found.model(x).mean(0), model(x).mean(0), rtol=1e-12)
