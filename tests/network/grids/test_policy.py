"""The policies of the library side by side: when each of them moves a grid, and where to."""

from __future__ import annotations

import pytest
import torch

from edgewise.layers import KANLayer
from edgewise.network import move_grid
from edgewise.network.grids.apply import UPDATE_GRID
from edgewise.network.grids.policy import GridPolicy, stretched_knots
from edgewise.pde.solver.grids import HIDDEN_GRIDS, HIDDEN_GRIDS_IF_LEFT
from edgewise.spline import domain, inner_knots
from edgewise.testing import state_bits
from edgewise.train.grids.ranges import HIDDEN_RANGE, INPUT_RANGE
from edgewise.train.grids.updates import FOLLOW_IF_LEFT, FOLLOW_SAMPLES


def even(low: float, high: float) -> torch.Tensor:
    return torch.linspace(low, high, 101, dtype=torch.float64)


def and_one_at(value: float) -> torch.Tensor:
    return torch.cat([even(-1, 1), torch.tensor([value], dtype=torch.float64)])


# Inputs of a grid on [-1, 1], and whether it is stale: update_grid, fit, fit under a penalty, least squares on hidden
# layers and on the first, equations, equations in most steps.
POLICIES = (
    UPDATE_GRID, FOLLOW_SAMPLES, FOLLOW_IF_LEFT, HIDDEN_RANGE, INPUT_RANGE, HIDDEN_GRIDS, HIDDEN_GRIDS_IF_LEFT
)  # fmt: skip
INPUTS = {
    "all of the grid": even(-1, 1),
    "nearly all of it": even(-0.95, 0.95),
    "four fifths": even(-0.8, 0.8),
    "half": even(-0.5, 0.5),
    "a tenth": even(-0.1, 0.1),
    "one sample outside": and_one_at(1.01),
    "many outside": even(-1.5, 1.5),
    "one value inside": even(0.3, 0.3),
    "one value outside": even(3, 3),
}
STALE = {
    "all of the grid": (1, 0, 0, 0, 0, 0, 0),
    "nearly all of it": (1, 0, 0, 0, 0, 0, 0),
    "four fifths": (1, 0, 0, 0, 1, 0, 0),
    "half": (1, 0, 0, 1, 1, 1, 0),
    "a tenth": (1, 1, 0, 1, 1, 1, 0),
    "one sample outside": (1, 0, 0, 1, 1, 1, 1),
    "many outside": (1, 1, 1, 1, 1, 1, 1),
    "one value inside": (1, 0, 0, 0, 0, 0, 0),
    "one value outside": (1, 1, 1, 1, 1, 1, 1),
}


def layer(inputs: int = 1) -> KANLayer:
    return KANLayer(inputs, 2, grid=10, k=3, seed=0, dtype=torch.float64)


@pytest.mark.parametrize("name", INPUTS)
def test_when_a_grid_is_stale(name):
    found = [bool(policy.is_stale(layer(), INPUTS[name][:, None])) for policy in POLICIES]
    assert found == [bool(stale) for stale in STALE[name]]


@pytest.mark.parametrize(
    ("policy", "ends"),
    [
        (UPDATE_GRID, (0.0, 3.0)),
        (FOLLOW_SAMPLES, (0.0, 3.0)),
        (INPUT_RANGE, (0.0, 3.0)),
        (HIDDEN_RANGE, (-0.45, 3.45)),
        (HIDDEN_GRIDS, (-0.75, 3.75)),
    ],
)
def test_where_a_stale_grid_goes(policy, ends):
    moved, x = layer(), even(0, 3)[:, None]
    before = moved(x)
    assert move_grid(moved, x, policy).moved
    torch.testing.assert_close(torch.cat(domain(moved.knots, 3)), torch.tensor(ends, dtype=torch.float64))
    torch.testing.assert_close(moved(x), before, atol=0.05, rtol=0)
    assert not policy.is_stale(moved, x) or policy is UPDATE_GRID


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("value", [0.3, 3.0])
def test_a_constant_input_keeps_its_grid(policy, value):
    still, x = layer(), even(value, value)[:, None]
    before = state_bits(still)
    assert not move_grid(still, x, policy).moved
    assert state_bits(still) == before


@pytest.mark.parametrize(("whole_layer", "moved"), [(False, [False, True]), (True, [True, True])])
def test_one_stale_grid_moves_its_own_or_all_of_the_layer(whole_layer, moved):
    two, x = layer(2), torch.stack([even(-0.9, 0.9), even(0, 3)], 1)
    before = two.knots.clone()
    move_grid(two, x, GridPolicy("uniform", whole_layer=whole_layer))
    assert (two.knots != before).any(1).tolist() == moved


def test_inputs_may_use_part_of_the_margin_of_a_stretched_grid():
    policy = GridPolicy("stretched", margin=0.25, usable_margin=0.6)
    moved = layer()
    move_grid(moved, even(0, 4)[:, None], policy)
    begin, end, margin = policy.extent(moved)
    torch.testing.assert_close(torch.cat([begin, end, margin]), torch.tensor([0.0, 4, 1]).double())
    assert not policy.is_stale(moved, even(0, 4.5)[:, None])
    assert policy.is_stale(moved, even(0, 4.7)[:, None])


def test_stretched_knots_are_even_between_their_ends():
    ends = (torch.tensor([value], dtype=torch.float64) for value in (0.0, 8.0, -2.0, 9.0))
    assert inner_knots(stretched_knots(*ends, 4, 3), 3).tolist() == [[-2.0, 2.0, 4.0, 6.0, 9.0]]
