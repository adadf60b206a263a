"""Fresh points lie between samples that are neighbours, or a little beyond the outermost."""

from __future__ import annotations

import torch

from edgewise.explain.symbolic.verdict.fresh_points import (
    distinct_values,
    points_between,
    points_beyond,
    points_combined,
    points_within_steps,
    some_rows,
)

COLUMNS = torch.tensor([0, 1])
GRID = torch.cartesian_prod(torch.arange(4.0), torch.tensor([0.0, 1.0])).double()


def test_between_lies_within_the_samples():
    x = torch.rand(50, 2, dtype=torch.float64)
    found = points_between(x, COLUMNS)
    assert len(found) and bool((found >= x.amin(0)).all() and (found <= x.amax(0)).all())


def test_repeated_samples_have_nothing_between():
    x = torch.tensor([[0.0, 1.0]] * 20, dtype=torch.float64)
    assert not len(points_between(x, COLUMNS)) and not len(points_within_steps(x, COLUMNS))
    assert not len(points_between(x[:1], COLUMNS))


def test_steps_of_a_lattice_are_divided_and_columns_of_two_values_left():
    found = points_within_steps(GRID, COLUMNS)
    assert {round(value, 3) for value in found[:, 0].tolist()} == {0.382, 1.382, 2.382}
    assert set(found[:, 1].tolist()) == {0.0, 1.0}


def test_columns_that_are_not_read_stay():
    x = torch.cat([GRID, torch.full((8, 1), torch.nan, dtype=torch.float64)], 1)
    assert bool(points_within_steps(x, COLUMNS)[:, 2].isnan().all())


def test_beyond_is_seven_percent_out():
    found = points_beyond(GRID, torch.tensor([0]))
    assert torch.allclose(found[:, 0], torch.tensor([-0.21, 3.21], dtype=torch.float64))


def test_values_apart_by_rounding_are_one():
    values = 0.1 * torch.arange(10, dtype=torch.float64)
    assert len(distinct_values(torch.cat([values, values + 1e-15]))) == 10


def test_many_rows_are_thinned_evenly():
    assert some_rows(torch.arange(1001.0)[:, None], 11).ravel().tolist() == list(range(0, 1001, 100))


def test_values_of_different_samples_are_combined():
    found = points_combined(GRID, COLUMNS)
    assert set(found[:, 0].tolist()) == set(GRID[:, 0].tolist())
    assert len(points_combined(GRID, COLUMNS[:1])) == 0


def test_beyond_several_columns_the_rim_of_the_data_is_moved_outwards():
    triangle = torch.tensor([[a, b] for a in range(10) for b in range(a)], dtype=torch.float64)
    found = points_beyond(triangle, COLUMNS)
    assert bool((found[:, 0] - found[:, 1] < 0.9).any())
    assert bool((found[:, 0] - found[:, 1] > -2).all())
