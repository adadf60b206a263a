from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import build, mask_edges
from edgewise.testing import state_bits
from edgewise.train.grids.updates import GridUpdates, has_adaptive_grid, move_grids


def due(schedule: GridUpdates, steps: int = 60) -> list[int]:
    return [step for step in range(steps) if schedule.due(step)]


def test_when_updates_are_due():
    assert due(GridUpdates(5, -1, 20)) == [0, 4, 8, 12, 16]
    assert due(GridUpdates(5, 10, 20)) == [12, 16]
    assert due(GridUpdates(0)) == due(GridUpdates(3, 0, 0)) == due(GridUpdates(3, 0, -5)) == []
    assert due(GridUpdates(10, 0, 3)) == [0, 1, 2]


@pytest.mark.parametrize("schedule", [GridUpdates(5, -1, 20), GridUpdates(5, 10, 20), GridUpdates(0)])
def test_what_remains_is_what_will_be_due(schedule):
    for step in range(25):
        for steps in (5, 15, 30):
            assert schedule.remains(step, steps) == any(step <= at for at in due(schedule, steps))


@pytest.mark.parametrize("wrong", [{"num": -1}, {"num": 1.5}, {"start": None}, {"stop": True}])
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(InputError, match=r"^GridUpdates: "):
        GridUpdates(**wrong)


def test_only_networks_with_spline_edges_follow_the_data():
    assert has_adaptive_grid(build([1, 1]))
    assert not has_adaptive_grid(mask_edges(build([1, 1]), [(0, 0, 0)]))
    assert not has_adaptive_grid(torch.nn.Linear(1, 1))


def test_grids_move_only_where_the_data_has_left_them():
    x = torch.linspace(-1, 1, 50)[:, None]
    model = build([1, 1], seed=0)
    before = state_bits(model)
    assert not move_grids(model, x)
    assert state_bits(model) == before
    assert move_grids(model, 4 * x + 2)
    assert not move_grids(model, 4 * x + 2)


def test_under_a_penalty_hidden_nodes_that_shrink_keep_their_grids():
    x = torch.linspace(-1, 1, 50)[:, None]
    moved = {}
    for sparsify in (False, True):
        model = build([1, 1, 1], seed=0)
        with torch.no_grad():
            for parameter in model.layers[0].basis.parameters():
                parameter.mul_(0.1)
        knots = model.layers[1].basis.knots.clone()
        moved[sparsify] = move_grids(model, x, sparsify=sparsify)
        assert torch.equal(knots, model.layers[1].basis.knots) is not moved[sparsify]
    assert moved == {False: True, True: False}
