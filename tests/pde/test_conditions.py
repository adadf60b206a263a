import math

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.pde import Box, Condition, Observations, Periodic, dirichlet, neumann, solve
from edgewise.pde.equation import Equation


def test_points_lie_on_the_faces_named():
    box = Box(x=(0, 1), t=(0, 2))
    points = Condition(lambda u, at: u.value, on=["x", "t.low"]).points(box, 7)
    assert points.shape == (1, 21, 2)
    assert ((points[0, :, 0] == 0) | (points[0, :, 0] == 1) | (points[0, :, 1] == 0)).all()


def test_pairs_of_periodic_points_are_opposite():
    low, high = Periodic("x").points(Box(x=(0, 1), t=(0, 2)), 7)
    assert (low[:, 0] == 0).all() and (high[:, 0] == 1).all() and torch.equal(low[:, 1], high[:, 1])


def test_measurements_need_one_value_a_point():
    with pytest.raises(ShapeError, match="one value to each point"):
        Observations(torch.zeros(3, 2), torch.zeros(2))


def test_observations_that_are_not_numbers_and_noise_that_is_none_are_refused():
    at, values = torch.zeros(3, 2), torch.zeros(3)
    with pytest.raises(InputError, match="must be finite"):
        Observations(at, values / 0)
    for noise in (0.0, -1.0, math.inf, torch.tensor([1.0, 1.0, 0.0])):
        with pytest.raises(InputError, match="noise must be positive"):
            Observations(at, values, noise=noise)
    with pytest.raises(ShapeError, match="one for each of 3 values"):
        Observations(at, values, noise=torch.ones(2))


def test_slopes_are_met():
    box = Box(x=(0, 1))
    conditions = [dirichlet(1.0, on="x.low"), neumann("x", 2.0, on="x.high")]
    solution = solve(Equation(box, lambda u, at: u.xx, conditions), [1, 1], grid=2)
    torch.testing.assert_close(
        solution(torch.tensor([[0.0], [1.0]])).flatten(), torch.tensor([1.0, 3.0], dtype=torch.float64)
    )


def test_a_periodic_solution_is_periodic():
    box = Box(x=(0, 1))
    equation = Equation(
        box, lambda u, at: u.xx - u.value - torch.sin(6.283185307179586 * at.x), [Periodic("x")]
    )
    solution = solve(equation, [1, 1], grid=(8, 32))
    x = torch.linspace(0, 1, 21, dtype=torch.float64)[:, None]
    expected = -torch.sin(6.283185307179586 * x) / (1 + 6.283185307179586**2)
    torch.testing.assert_close(solution(x), expected, rtol=0, atol=1e-6)
