"""Problems with one solution are told from those with many."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.pde import Box, Equation, Observations, Periodic, dirichlet, neumann, problems, solve
from edgewise.pde.solver.uniqueness import polynomials, sensitivity
from edgewise.pde.units import problem_units

PI = math.pi
LINE, PLANE, SPACE_TIME = Box(x=(0, 1)), Box(x=(-1, 1), y=(-1, 1)), Box(x=(0, 1), t=(0, 1))


def start(at):
    return torch.sin(PI * at.x)


def heat(*conditions):
    return Equation(SPACE_TIME, lambda u, at: u.t - 0.3 * u.xx, conditions)


def poisson(*conditions):
    return Equation(PLANE, lambda u, at: u.laplacian - torch.cos(PI * at.x), conditions)


MANY = {
    "heat without its ends": heat(dirichlet(start, "t.low")),
    "heat without one end": heat(dirichlet(start, ["t.low", "x.low"])),
    "heat without a start": heat(dirichlet(1.0, "x")),
    "slopes all round": poisson(neumann("x"), neumann("y")),
    "three sides of four": poisson(dirichlet(0.0, ["x", "y.low"])),
    "wave without a velocity": Equation(SPACE_TIME, lambda u, at: u.tt - u.xx, [dirichlet(start)]),
    "one condition of two": Equation(LINE, lambda u, at: u.xx - 1, [dirichlet(0.0, "x.low")]),
    "periodic up to a constant": Equation(
        LINE, lambda u, at: u.xx - torch.sin(2 * PI * at.x), [Periodic("x")]
    ),
    "no condition": Equation(LINE, lambda u, at: u.x - u.value),
}
ONE = {
    "heat": heat(dirichlet(start)),
    "poisson": poisson(dirichlet(0.0)),
    "mixed": poisson(dirichlet(0.0, "x.low"), neumann("x", on="x.high"), neumann("y")),
    "wave": problems.wave(),
    "burgers": problems.burgers(),
    "helmholtz": problems.helmholtz(),
    "growth": Equation(Box(t=(0, 2)), lambda u, at: u.t - 2 * u.value, [dirichlet(1.0, "t.low")]),
    "periodic": Equation(LINE, lambda u, at: u.xx - u.value - torch.sin(2 * PI * at.x), [Periodic("x")]),
    "coefficient": problems.unknown_diffusion(),
}


def reason(equation):
    width = [len(equation.domain.names), 2, len(equation.unknowns)]
    return solve(equation, width, grid=4, steps=4).stop.reason


@pytest.mark.parametrize("name", MANY)
def test_many_solutions_are_called_so(name):
    assert reason(MANY[name]) == "not unique"


@pytest.mark.parametrize("name", ONE)
def test_one_solution_is_not(name):
    assert reason(ONE[name]) != "not unique"


def test_a_coefficient_needs_more_than_conditions_that_do_not_tell_of_it():
    # Where nothing moves the diffusion is anything.
    still = Equation(
        SPACE_TIME,
        lambda u, at: u.t - at.diffusion * u.xx,
        [dirichlet(1.0), Observations(torch.rand(9, 2), torch.ones(9), noise=0.1)],
        coefficients={"diffusion": 1.0},
    )
    assert reason(still) == "not unique"


def test_polynomials_are_differentiated():
    x = torch.rand(5, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    lengths = torch.tensor([2.0, 0.5], dtype=torch.float64)
    step = torch.tensor([1e-5, 0.0], dtype=torch.float64)
    values, slopes, mixed = polynomials(x, [(), (0,), (0, 1)], 4, lengths)
    after, before = (polynomials(x + sign * step, [(), (1,)], 4, lengths) for sign in (1, -1))
    torch.testing.assert_close((after[0] - before[0]) / 2e-5 / 2.0, slopes, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close((after[1] - before[1]) / 2e-5 / 2.0, mixed, rtol=1e-6, atol=1e-8)
    assert values.shape == (5, 16)


@pytest.mark.parametrize(
    ("equation", "width"),
    [
        (problems.heat(), [2, 3, 1]),
        (problems.wave(), [2, 4, 1]),
        (problems.burgers(0.1), [2, 3, 1]),
        (heat(dirichlet(start)), [2, 3, 1]),
    ],
    ids=["heat", "wave", "burgers", "heat by rows"],
)
def test_solutions_are_not_farther_off_than_they_may_be(equation, width):
    exact = None if equation.exact else lambda at: start(at) * torch.exp(-0.3 * PI**2 * at.t)
    for steps in (2, 6):
        solution = solve(equation, width, grid=4, steps=steps)
        told = sensitivity(equation, solution.network, problem_units(equation), {})
        assert solution.error(exact, points=31) < 2 * told.possible_error


def test_errors_of_observations_say_nothing_of_the_solution():
    noisy = problems.unknown_diffusion(noise=0.3)
    solution = solve(noisy, [2, 3, 1], grid=4, steps=8)
    units = problem_units(noisy)
    assert sensitivity(noisy, solution.network, units, solution.coefficients).possible_error < 0.1
