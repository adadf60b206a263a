from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.network.build import read_width
from edgewise.testing import check_quiet, state_bits


@pytest.mark.parametrize(
    ("width", "want"),
    [
        ([2, 5, 1], (2, 5, 1)),
        ((2, 5, 1), (2, 5, 1)),
        ([2, [5, 0], 1], (2, 5, 1)),
        ([2, (5, 3), 1], (2, (5, (2, 2, 2)), 1)),
        ([2, [0, 1], 1], (2, (0, (2,)), 1)),
        ([2, (1, [2, 3]), 1], (2, (1, (2, 3)), 1)),
        ([np.int64(2), np.int32(5), 1], (2, 5, 1)),
        (np.array([2, 5, 1]), (2, 5, 1)),
        ([3, 2], (3, 2)),
    ],
    ids=str,
)
def test_every_form_of_width(width, want):
    assert build(width).width == want


def test_width_list_is_not_rewritten_and_no_argument_is_changed():
    width, grid, arity = [2, [5, 3], 1], [3, 4], [[], [2, 3, 2], []]
    build(width, grid=grid, mult_arity=arity)
    assert (width, grid, arity) == ([2, [5, 3], 1], [3, 4], [[], [2, 3, 2], []])


@pytest.mark.parametrize(
    "width",
    [None, "251", 5, [], [2], [2, "5", 1], [2, 2.5, 1], [2, -1, 1], [2, None, 1], [2, True, 1],
     [2, (5, 3, 1), 1], [2, (1, [1.5]), 1], [(2, 1), 1], [2, 0, 1], [0, 1], {2: 5}, [2, float("nan"), 1]],
    ids=str,
)  # fmt: skip
def test_width_that_is_none_a_string_a_float_negative_or_single_is_a_clear_error(width):
    with pytest.raises(InputError, match="must"):
        build(width)


@pytest.mark.parametrize("arity", [1, 0, -2, 2.5, "2", None])
def test_mult_arity_that_is_no_arity_is_refused(arity):
    with pytest.raises(InputError, match="must"):
        build([2, (1, 1), 1], mult_arity=arity)


def test_mult_arity_of_1_is_refused_with_advice():
    with pytest.raises(InputError, match="mult_arity must be at least 2"):
        build([2, (1, 1), 1], mult_arity=1)


def test_mult_arity_in_the_list_form_of_pykan():
    network = build([2, (1, 2), (0, 1)], mult_arity=[[], [2, 3], [4]])
    assert network.width == (2, (1, (2, 3)), (0, (4,)))
    assert network(torch.zeros(3, 2)).shape == (3, 1)


@pytest.mark.parametrize("arity", [[[], [2]], [[], [2, 3, 2], []], [[]]])
def test_mult_arity_lists_that_do_not_fit_are_refused(arity):
    with pytest.raises(InputError, match="mult_arity must list 2 arities for level 1"):
        build([2, (1, 2), 1], mult_arity=arity)


@pytest.mark.parametrize("grid", [[3, 7], (3, 7), np.array([3, 7]), torch.tensor([3, 7])], ids=str)
def test_grid_per_layer(grid):
    network = build([2, 5, 1], grid=grid)
    assert network.grid == (3, 7)
    assert [layer.basis.coef.shape[1] for layer in network.layers] == [6, 10]


@pytest.mark.parametrize("grid", [0, -3, 2.5, None, "3", [3], [3, 3, 3], [3, 0]], ids=str)
def test_grid_that_is_no_grid_is_a_clear_error(grid):
    with pytest.raises(InputError, match="grid must be"):
        build([2, 5, 1], grid=grid)


def test_numpy_grid_is_kept_as_an_int():
    assert type(build([2, 1], grid=np.int64(4)).grid[0]) is int


def test_degree_0_builds():
    assert build([2, 3, 1], k=0)(torch.zeros(4, 2)).shape == (4, 1)


@pytest.mark.parametrize("k", [-1, 1.5, "3", None])
def test_degree_that_is_no_degree_is_a_clear_error(k):
    with pytest.raises(InputError, match="k must be"):
        build([2, 1], k=k)


def test_same_seed_same_bits_and_other_seeds_differ():
    first, again, other = (state_bits(build([2, 5, 1], seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert all(first[f"layers.{layer}.basis.coef"] != other[f"layers.{layer}.basis.coef"] for layer in (0, 1))


def test_layers_of_one_network_start_differently():
    network = build([3, 3, 3])
    assert not torch.equal(network.layers[0].basis.coef, network.layers[1].basis.coef)


@pytest.mark.parametrize("seed", [None, "0", -1, 0.5])
def test_seed_that_is_no_seed_is_a_clear_error(seed):
    with pytest.raises(InputError, match="seed must be"):
        build([2, 1], seed=seed)


def test_building_is_quiet_writes_no_file_and_seeds_nothing_globally():
    check_quiet(lambda: build([2, (3, 2), 1]))


def test_affine_maps_are_trained_only_when_asked():
    def trained(network):
        return [name for name, value in network.named_parameters() if value.requires_grad and "nodes" in name]

    assert not trained(build([2, 3, 1]))
    assert len(trained(build([2, 3, 1], affine_trainable=True))) == 8


def test_nothing_unused_is_trained():
    # coef and scale_base of 15 edges: no entries for formulas there are none of.
    network = build([2, 5, 1], grid=5)
    assert sum(value.numel() for value in network.parameters() if value.requires_grad) == 15 * 8 + 15


def test_settings_reach_every_layer():
    network = build([2, 3, 1], base="identity", extrapolation="constant", grid_eps=0.3, dtype=torch.float64)
    for layer in network.layers:
        assert (layer.basis.base_name, layer.basis.extrapolation, layer.basis.grid_eps) == (
            "identity",
            "constant",
            0.3,
        )
    assert {value.dtype for value in network.parameters()} == {torch.float64}


def test_read_width_alone():
    assert read_width([2, (1, 2), 1], 3) == [(2, ()), (1, (3, 3)), (1, ())]
    assert [layer.subnodes for layer in build([2, (1, 2), 1], mult_arity=3).layers] == [7, 1]
