"""Blocks count in units of their own: weights, noise, slopes of periodic conditions."""

from __future__ import annotations

import pytest
import torch

from edgewise.pde import Box, Equation, Observations, Periodic, dirichlet
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.posing import pose
from edgewise.pde.units import Units

BOX = Box(x=(0, 20))
UNITS = Units(torch.tensor([10.0]).double(), torch.zeros(1).double(), torch.tensor([5.0]).double())


def block(condition, **settings):
    equation = Equation(BOX, lambda u, at: u.xx, [condition])
    return pose(equation, BOX.sample(16), 4, Method(**settings), UNITS, {})[1]


def observed(**settings):
    return Observations(
        torch.rand(50, 1, generator=torch.Generator().manual_seed(0)), torch.ones(50), **settings
    )


def test_conditions_count_in_what_the_unknown_varies_by():
    found = block(dirichlet(1.0), condition_weight=7.0)
    assert found.weight == 7.0 and float(found.sizes) == pytest.approx(5.0, rel=0.5)
    assert block(dirichlet(1.0, weight=3.0)).weight == 3.0


def test_slopes_of_periodic_conditions_count_over_the_domain_and_by_their_weight():
    value, slope = block(Periodic("x")).sizes.tolist()
    assert slope == pytest.approx(value / 10, rel=0.5)
    assert block(Periodic("x", slope_weight=1e-4)).sizes[1] == pytest.approx(100 * slope)


@pytest.mark.parametrize("noise", [0.2, torch.full((50,), 0.2)])
def test_observations_count_in_their_noise(noise):
    found = block(observed(noise=noise))
    assert found.sizes.tolist() == [1.0] and found.weight == 1e-5
    left = found.pointwise.evaluate(torch.zeros(1, 50, 1).double(), {})[0]
    torch.testing.assert_close(left, torch.full_like(left, -5.0))


def test_observations_of_unknown_noise_count_in_the_deviation():
    found = block(observed())
    assert found.weight == 0.1 and float(found.sizes) == pytest.approx(5.0, rel=0.5)
    assert block(observed(weight=2.0)).weight == 2.0
